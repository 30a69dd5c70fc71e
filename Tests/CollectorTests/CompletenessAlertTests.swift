import Aggregation
import Frames
import Scenarios
import StorageSupport
import Telemetry
import Testing

@testable import Collector

/// A run that goes on from second 10, with a sample each second, as the collector watches it.
@Suite("A run that goes on and lacks data")
struct CompletenessAlertTests {
    /// What a collector that looks every few seconds knows and tells.
    private final class Watcher {
        let centre: TestCentre
        var losses = LossWatch(patience: 60_000_000_000)
        var book = AlertBook(.named("lifting"))
        var isHeard = true
        private(set) var now: Int64 = 0

        init(_ rules: String) throws {
            centre = try TestCentre(completeness: rules)
            _ = book.update([], under: "d", at: Timestamp(seconds: 0))
        }

        /// Some time later.
        func look(after seconds: Int64) throws -> [Alert] {
            now += seconds * 1_000_000_000
            let facts = try centre.facts(&losses, at: now, isHeard: isHeard)
            return book.update(facts, under: "d", at: Timestamp(nanoseconds: now)).filter {
                $0.fact.cause.kind == .completeness
            }
        }

        func told(after seconds: Int64) throws -> [String] {
            try look(after: seconds).map { "\($0.fact.cause.rule) \($0.state.rawValue)" }
        }
    }

    /// The frames of one second after another: the definitions, the start of the run, and what was taken.
    private func frames(
        _ box: inout TestBox, to last: Int, _ clock: TestBox.Clock = TestBox.Clock()
    ) throws -> [[UInt8]] {
        let begin = [try box.definitions(at: 1, clock), try box.start("r1", at: 10, clock)]
        return begin + (try (5...last).map { try box.samples(at: [Double($0)], clock) })
    }

    private func declare(_ frames: [[UInt8]], by box: inout TestBox, at second: Double) throws -> [UInt8] {
        let headers = try frames.map { try FrameHeader.peek($0) }
        let sequences = headers.map(\.sequence)
        let ordinals = headers.compactMap(\.ordinals)
        return try box.declare(
            [
                LossDeclaration(
                    epoch: 1, priority: .metric, sequences: sequences[0]...(sequences.last ?? 0),
                    samples: .ordinals(ordinals[0].lowerBound...(ordinals.last?.upperBound ?? 0)), reason: .evicted)
            ], at: second)
    }

    @Test("tells of a hole that stays as it is while its agent is there, once, and when it is filled")
    func hole() throws {
        let watcher = try Watcher("{loss-at-most: 0}")
        var box = TestBox()
        let all = try frames(&box, to: 30)
        let gone = Array(all[12...14])
        try watcher.centre.take(all.filter { !gone.contains($0) })
        #expect(try watcher.told(after: 2).isEmpty)
        #expect(try watcher.told(after: 58).isEmpty, "a minute has not passed")
        let raised = try watcher.look(after: 4)
        #expect(raised.map(\.state) == [.raised])
        let fact = try #require(raised.first?.fact)
        #expect(fact.cause.rule == "open-hole" && fact.cause.run == .named("r1") && fact.cause.source == nil)
        #expect(fact.severity == .warning && fact.limit == 0 && fact.unit == "1")
        #expect(
            fact.value.map { abs($0 - 3.0 / 22) < 1e-12 } == true, "20 seconds and the marker were taken in the run")
        #expect(
            fact.text.raised.en
                == "Data stay missing in run r1 at lab although their agent is there: 3 frames of box-01 with 3 samples."
        )
        #expect(fact.text.raised.zh == "lab 的运行 r1：代理在线但数据一直缺失：box-01 的 3 帧（3 个样本）。")
        #expect(try watcher.told(after: 4).isEmpty, "once")
        try watcher.centre.take(gone[0])
        #expect(try watcher.told(after: 4).isEmpty, "more of it may come")
        try watcher.centre.take(Array(gone[1...]))
        #expect(try watcher.told(after: 4) == ["open-hole cleared"])
        #expect(watcher.book.entries[fact.cause]?.told ?? 0 == 0, "the next one is another")
    }

    @Test(
        "tells of two holes one after the other by two names, also of a box that does not know the time",
        arguments: [true, false])
    func names(isSynchronised: Bool) throws {
        let watcher = try Watcher("{loss-at-most: 0}")
        var box = TestBox()
        let all = try frames(&box, to: 40, TestBox.Clock(isSynchronised: isSynchronised))
        try watcher.centre.take(Array(all[..<12] + all[13..<20]))
        _ = try watcher.look(after: 2)
        let first = try watcher.look(after: 62)
        try watcher.centre.take([all[12]] + all[21...])
        #expect(try watcher.told(after: 4).isEmpty, "more of what is missing may come")
        try watcher.centre.take(all[20])
        #expect(try watcher.told(after: 4) == ["open-hole cleared"])
        try watcher.centre.take(box.samples(at: [41], TestBox.Clock(isSynchronised: isSynchronised)))
        _ = try box.samples(at: [42], TestBox.Clock(isSynchronised: isSynchronised))
        try watcher.centre.take(box.samples(at: [43], TestBox.Clock(isSynchronised: isSynchronised)))
        _ = try watcher.look(after: 4)
        let second = try watcher.look(after: 62)
        #expect(first.map(\.state) == [.raised] && second.map(\.state) == [.raised])
        #expect(first.map(\.id) != second.map(\.id))
    }

    @Test("does not tell of a hole that a backlog fills from its beginning, nor of one whose agent is away")
    func backlog() throws {
        let watcher = try Watcher("{loss-at-most: 0}")
        var box = TestBox()
        let all = try frames(&box, to: 60)
        try watcher.centre.take(Array(all[...11]) + [all[all.count - 1]])
        for frame in all[12..<20] {
            #expect(try watcher.told(after: 50).isEmpty)
            try watcher.centre.take(frame)
        }
        watcher.isHeard = false
        #expect(try watcher.told(after: 3600).isEmpty)
        watcher.isHeard = true
        #expect(try watcher.told(after: 50).isEmpty, "it has the whole time again")
        #expect(try watcher.told(after: 10) == ["open-hole raised"])
        watcher.isHeard = false
        #expect(try watcher.told(after: 10).isEmpty, "what was told stands while nobody can say")
        // What is lost for good is no hole any more.
        try watcher.centre.take(declare(Array(all[20..<(all.count - 1)]), by: &box, at: 61))
        #expect(try watcher.told(after: 10) == ["loss-at-most raised", "open-hole cleared"])
    }

    /// Of 100 samples taken in the run, so many are lost.
    @Test(
        "tells of a loss that is more than may be, when it is declared",
        arguments: [("0", 1, true), ("5%", 4, false), ("5%", 6, true)])
    func loss(limit: String, lost: Int, isTold: Bool) throws {
        let watcher = try Watcher("{loss-at-most: \(limit)}")
        var box = TestBox()
        // The marker is one of them.
        let all = try frames(&box, to: 108)
        let gone = Array(all[30..<(30 + lost)])
        try watcher.centre.take(all.filter { !gone.contains($0) })
        #expect(try watcher.told(after: 2).isEmpty)
        try watcher.centre.take(declare(gone, by: &box, at: 109))
        let alerts = try watcher.look(after: 2)
        #expect(alerts.map(\.fact.cause.rule) == (isTold ? ["loss-at-most"] : []))
        guard let fact = alerts.first?.fact else { return }
        #expect(fact.severity == .major && fact.value.map { abs($0 - Double(lost) / 100) < 1e-12 } == true)
        #expect(
            fact.text.raised.en.hasPrefix(
                "More is lost in run r1 at lab than may be: \(lost) samples of box-01, \(lost) %;"))
        #expect(fact.since == box.time(32), "the last sample before it")
        #expect(try watcher.told(after: 10).isEmpty)
        // The end of the run is its end.
        try watcher.centre.take(box.stop("r1", at: 110))
        #expect(try watcher.told(after: 2) == ["loss-at-most cleared"])
    }

    @Test("may have lost a share that more data make small enough again")
    func cured() throws {
        let watcher = try Watcher("{loss-at-most: 10%}")
        var box = TestBox()
        let all = try frames(&box, to: 60)
        try watcher.centre.take(Array(all[...10]) + [all[13]])
        try watcher.centre.take(declare(Array(all[11...12]), by: &box, at: 16.5))
        #expect(try watcher.told(after: 2) == ["loss-at-most raised"])
        try watcher.centre.take(Array(all[14...]))
        #expect(try watcher.told(after: 2) == ["loss-at-most cleared"])
    }

    @Test("tells of a clock that is not known well enough, and when it is put right")
    func clock() throws {
        let watcher = try Watcher("{clock-error-at-most: 500ms}")
        var box = TestBox()
        let lost = TestBox.Clock(wrongBy: -1000, isSynchronised: false)
        try watcher.centre.take(box.definitions(at: 1, lost))
        try watcher.centre.take(box.start("r1", at: 10, lost))
        try watcher.centre.take(box.samples(at: [11], lost))
        let raised = try watcher.look(after: 2)
        #expect(raised.map { "\($0.fact.cause.rule) \($0.state)" } == ["clock-error-at-most raised"])
        #expect(raised.first?.fact.value == nil && raised.first?.fact.limit == 0.5)
        #expect(
            raised.first?.fact.text.raised.en
                == "The clock of box-01 is not synchronised in run r1 at lab: when its data were taken is not known.")
        try watcher.centre.take(box.samples(at: [12]))
        #expect(try watcher.told(after: 2) == ["clock-error-at-most cleared"])
        try watcher.centre.take(box.samples(at: [13], TestBox.Clock(error: 700_000_000)))
        let again = try watcher.look(after: 2)
        #expect(again.map(\.state) == [.raised])
        #expect(again.first?.fact.value == 0.7)
        #expect(
            again.first?.fact.text.raised.en
                == "The clock of box-01 may be wrong by 0.7 s in run r1 at lab; at most 0.5 s.")
        #expect(again.first?.id != raised.first?.id)
    }

    @Test("is silent where the definition asks for nothing that is broken, and about holes outside the run")
    func nothing() throws {
        let watcher = try Watcher("{loss-at-most: 50%}")
        var box = TestBox()
        let all = try frames(&box, to: 30)
        let gone = [all[3], all[12], all[13]]
        try watcher.centre.take(all.filter { !gone.contains($0) })
        for _ in 0..<10 { #expect(try watcher.told(after: 60).isEmpty) }
        let strict = try Watcher("{loss-at-most: 0}")
        try strict.centre.take(all.filter { $0 != all[3] })
        for _ in 0..<10 { #expect(try strict.told(after: 60).isEmpty, "before the run began") }
    }

    @Test("is looked at every two seconds, and again although nothing comes while something is missing")
    func due() throws {
        let watcher = try Watcher("{loss-at-most: 0}")
        var box = TestBox()
        let all = try frames(&box, to: 30)
        try watcher.centre.take(all)
        _ = try watcher.told(after: 2)
        #expect(watcher.losses.dueAt == nil)
        var more = try (31...33).map { try box.samples(at: [Double($0)]) }
        more.remove(at: 1)
        try watcher.centre.take(more)
        _ = try watcher.told(after: 1)
        #expect(watcher.losses.dueAt == 4_000_000_000 && watcher.losses.accounts.isEmpty)
        _ = try watcher.told(after: 1)
        #expect(watcher.losses.dueAt == 6_000_000_000 && watcher.losses.accounts.count == 1)
    }
}
