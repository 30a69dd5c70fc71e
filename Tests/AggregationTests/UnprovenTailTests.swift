import Aggregation
import Scenarios
import Telemetry
import Testing

@Suite("A stream that ended in a crash")
struct UnprovenTailTests {
    /// 29 runs that succeed, and a stream that may lack something behind it within `times`.
    private func summary(_ rules: String, crashed times: ClosedRange<Timestamp>?) throws -> Summary {
        var bench = try Bench(more: "completeness: {\(rules)}")
        try bench.attempts(29, "success")
        var account = try Bench.account()
        account.tail = .unproven
        account.unprovenTail = times.map {
            StreamAccount.Hole(missingFrames: 0, lost: 0, missing: 0, boot: nil, sinceBoot: 0...0, times: $0)
        }
        bench.streams = [account]
        var all: [RunKey: RunAggregate] = [:]
        for run in bench.runs { all[RunKey(run)] = RunFold(run: run, definition: bench.definition).finish() }
        return try Summary(bench.evidence(all))
    }

    private func start(of number: Int) throws -> Timestamp {
        var bench = try Bench(more: "completeness: {loss-at-most: 0}")
        try bench.attempts(29, "success")
        return try #require(bench.runs[number].window).lowerBound
    }

    @Test("blocks a pass when that was during a run and no loss is allowed: nobody can count what is gone")
    func blocking() throws {
        let crash = try start(of: 16).advanced(byNanoseconds: 1)
        let summary = try summary("loss-at-most: 0", crashed: crash...crash)
        #expect(summary.verdict == .inconclusive)
        #expect(summary.completeness.verdict == .incomplete)
        #expect(
            summary.completeness.checks.last == Summary.Check(id: .tail, value: 1, limit: 0, unit: "1", holds: false))
        #expect(
            summary.reason.en
                == "An agent crashed during some runs (1), and up to one sync window of its samples may be gone.")
        #expect(summary.ledger.filter { $0.completeness?.broken == [.tail] }.count == 1)
        #expect(summary.completeness.streams.map(\.tail) == [.unproven])
    }

    @Test("is told, and no more, outside of runs or where some loss is allowed")
    func harmless() throws {
        let before = try start(of: 0).advanced(byNanoseconds: -1)
        #expect(try summary("loss-at-most: 0", crashed: before...before).verdict == .pass)
        let crash = try start(of: 16).advanced(byNanoseconds: 1)
        #expect(try summary("loss-at-most: 0.01", crashed: crash...crash).verdict == .pass)
        let summary = try summary("loss-at-most: 0", crashed: nil)
        #expect(summary.verdict == .pass)
        #expect(summary.completeness.streams.map(\.tail) == [.unproven])
    }
}
