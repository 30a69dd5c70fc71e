import Frames
import Scenarios
import Telemetry
import Testing

@testable import Aggregation

@Suite("Plans that may be looked at any time, and markers that come late")
struct LateMarkerTests {
    private static let criteria = """
        {id: seq, statistic: proportion, outcome: success, at-least: 0.9, plan: sprt, expect: 0.99, power: 0.95}
        {id: any, statistic: proportion, outcome: success, at-least: 0.8, plan: anytime}
        {id: fixed, statistic: proportion, outcome: success, at-least: 0.8}
        """

    private func account(_ priority: PriorityClass = .event, site: String = "deqing") throws -> StreamAccount {
        StreamAccount(
            stream: try FrameSource(priority: priority, site: site).stream, through: 12, missing: [], accepted: 0,
            delivered: 0, lost: 0, pending: 0, duplicates: 0)
    }

    private func hole(_ times: ClosedRange<Timestamp>?, missingFrames: UInt64 = 1) -> StreamAccount.Hole {
        StreamAccount.Hole(
            missingFrames: missingFrames, lost: 0, missing: 0, boot: nil, sinceBoot: 0...0, times: times)
    }

    @Test("a run counts once nothing that began before it can still come")
    func horizon() throws {
        var bench = try Bench(criteria: Self.criteria)
        try bench.attempts(60, "success")
        let runs = bench.runs
        let start = try #require(runs[20].start)
        let later = start.advanced(byNanoseconds: 1)
        func counts(
            _ change: (inout StreamAccount) -> Void, _ priority: PriorityClass = .event, site: String = "deqing"
        )
            throws -> [Int?]
        {
            var stream = try account(priority, site: site)
            change(&stream)
            bench.streams = [stream]
            return try bench.summary().criteria.map(\.n)
        }
        #expect(try counts { _ in } == [60, 60, 60])
        #expect(try counts { $0.holes = [hole(later...later)] } == [21, 21, 60])
        #expect(try counts { $0.holes = [hole(start...later)] } == [20, 20, 60])
        #expect(try counts { $0.holes = [hole(nil)] } == [0, 0, 60], "nobody knows when")
        #expect(try counts { $0.openTail = hole(later...bench.through, missingFrames: 0) } == [21, 21, 60])
        // What cannot come any more, what holds no markers, and another site's.
        #expect(try counts { $0.holes = [hole(later...later, missingFrames: 0)] } == [60, 60, 60])
        #expect(try counts({ $0.holes = [hole(later...later)] }, .metric) == [60, 60, 60])
        #expect(try counts({ $0.holes = [hole(later...later)] }, site: "suzhou") == [60, 60, 60])
        // Out of service: not heard for so long that runs have gone on without it.
        #expect(try counts { $0.openTail = hole(start...later, missingFrames: 0) } == [60, 60, 60])
    }

    /// Markers of 120 runs wait in frames of two agents, each of which arrives in any order; those not there are holes.
    @Test("no pass is taken back by what comes in holes")
    func neverTakenBack() throws {
        var random = SeededRandom()
        let outcomes = (0..<120).map { _ in Int.random(in: 0..<100, using: &random) < 97 ? "success" : "failure" }
        var whole = try Bench(criteria: Self.criteria)
        for outcome in outcomes { try whole.attempt(outcome) }
        let all = whole.runs
        for _ in 0..<4 {
            var there = Set<Int>()
            var isDecided = false
            for next in (0..<120).shuffled(using: &random) {
                there.insert(next)
                guard there.count % 5 == 0 || there.count == 120 else { continue }
                let runs = all.indices.filter(there.contains).map { all[$0] }
                var accounts = try [0, 1].map { agent in
                    StreamAccount(
                        stream: try FrameSource(agent: "cell-\(agent)", priority: .event).stream, through: 12,
                        missing: [],
                        accepted: 0, delivered: 0, lost: 0, pending: 0, duplicates: 0)
                }
                for index in all.indices where !there.contains(index) {
                    let (start, stop) = (try #require(all[index].start), try #require(all[index].stop))
                    accounts[index % 2].holes.append(hole(start...stop))
                }
                whole.streams = accounts
                var evidence = whole.evidence([:])
                evidence.runs = runs
                let isPassed = try Summary(evidence).criteria[0].verdict == .pass
                #expect(isPassed || !isDecided, "after \(there.count) runs")
                isDecided = isPassed
            }
        }
    }
}
