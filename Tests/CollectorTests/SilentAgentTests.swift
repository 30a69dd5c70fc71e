import Aggregation
import Telemetry
import Testing

@testable import Collector

/// A box that is in a run and is never heard of again.
@Suite("An agent that falls silent")
struct SilentAgentTests {
    private static let rules = "{loss-at-most: 0}"

    /// A run from second 100 to 110 that `box-01` marks and measures; `box-02` sends a sample each second up to `last`, and nothing after.
    private func centre(_ other: inout TestBox, last: Int, rules: String = rules) throws -> TestCentre {
        let centre = try TestCentre(completeness: rules)
        var box = TestBox()
        try centre.take(box.definitions(at: 1))
        try centre.take(other.definitions(at: 1))
        if last >= 90 { for second in 90...last { try centre.take(other.samples(at: [Double(second)])) } }
        try centre.take(box.run("r1", at: 100))
        try centre.fold()
        return centre
    }

    private func box() -> TestBox { TestBox("box-02", install: 8, boot: 2) }

    /// Goes on with `box-01` only.
    private func goOn(_ centre: TestCentre, to second: Double) throws {
        var more = TestBox("box-03", install: 9, boot: 3)
        try centre.take(more.definitions(at: second - 1))
        try centre.take(more.samples(at: [second]))
        try centre.fold()
    }

    @Test("before a run ends leaves that run incomplete, and the summary says who, since when, and what is proven")
    func within() throws {
        var other = box()
        let centre = try centre(&other, last: 104)
        try goOn(centre, to: 400)
        let summary = try centre.summary()
        #expect(summary.verdict == .inconclusive)
        #expect(summary.completeness.verdict == .incomplete)
        #expect(
            summary.completeness.checks.last == Summary.Check(id: .heard, value: 1, limit: 0, unit: "1", holds: false))
        #expect(summary.ledger[0].completeness?.broken == [.heard])
        let silent = summary.completeness.streams.filter { $0.agent == other.agent }
        #expect(silent.map(\.tail) == [.open, .open])
        #expect(silent.allSatisfy { $0.silentSince == other.time(104) && $0.provenThrough == other.time(104) })
        #expect(
            summary.reason.en
                == "Some runs (1) go on beyond what their agents have sent: lab/box-02 has been silent since "
                + "\(other.time(104)), data up to \(other.time(104)) are proven.")
        #expect(try Summary(json: summary.json) == summary)
        let json = try centre.json()
        try centre.rebuild()
        #expect(try centre.json() == json, "a rebuild judges alike")
    }

    @Test("is waited for at once, and by nobody any more when it is heard again")
    func again() throws {
        var other = box()
        let centre = try centre(&other, last: 104)
        #expect(try centre.summary().completeness.verdict == .incomplete)
        #expect(try centre.summary().completeness.streams.allSatisfy { $0.silentSince == nil })
        #expect(
            try centre.summary().reason.en
                == "Some runs (1) go on beyond what their agents have sent: of lab/box-02 data up to \(other.time(104)) are proven."
        )
        for second in 105...112 { try centre.take(other.samples(at: [Double(second)])) }
        try centre.fold()
        #expect(try centre.summary().completeness.verdict == .complete)
        #expect(try centre.summary().verdict == .pass)
    }

    @Test("after a run was over leaves it complete, and is told", arguments: [(400, true), (200, false)])
    func after(second: Double, isSilent: Bool) throws {
        var other = box()
        let centre = try centre(&other, last: 115)
        try goOn(centre, to: second)
        let summary = try centre.summary()
        #expect(summary.completeness.verdict == .complete)
        #expect(summary.verdict == .pass)
        let told = summary.completeness.streams.filter { $0.silentSince != nil }
        #expect(told.isEmpty == !isSilent)
        #expect(told.allSatisfy { $0.silentSince == ($0.agent == other.agent ? other.time(115) : other.time(111)) })
    }

    @Test("with its backlog unsent leaves open what only its events have told of")
    func backlog() throws {
        var other = box()
        let centre = try centre(&other, last: 104)
        // Events go first.
        try centre.take(other.start("x", at: 112))
        try centre.fold()
        #expect(try centre.summary().completeness.checks.allSatisfy(\.holds), "it is there, and the rest is on its way")
        try goOn(centre, to: 400)
        let summary = try centre.summary()
        #expect(summary.completeness.checks.last?.id == .heard)
        let streams = summary.completeness.streams.filter { $0.agent == other.agent }
        #expect(streams.map(\.provenThrough) == [nil, other.time(104)], "events are sent before anything else")
    }

    @Test("that said its last word, or started again, is not waited for")
    func ended() throws {
        var other = box()
        let centre = try centre(&other, last: 104)
        var next = TestBox("box-02", install: 8, epoch: 2, boot: 2)
        try centre.take(next.samples(at: [120]))
        try centre.fold()
        let checks = try centre.summary().completeness.checks
        #expect(checks.last?.id == .tail, "it crashed: what is behind its tail is bounded")
    }

    /// Seconds from the last word to the start of the run.
    @Test("before a run began is waited for for a day", arguments: [(3600, true), (86_300, true), (86_500, false)])
    func outOfService(seconds: Int64, isAwaited: Bool) throws {
        let centre = try TestCentre(completeness: Self.rules)
        var other = box()
        try centre.take(other.definitions(at: 1))
        try centre.take(other.samples(at: [5]))
        var later = TestBox("box-01", install: 7, bootedAt: seconds - 95)
        try centre.take(later.definitions(at: 1))
        try centre.take(later.run("r1", at: 100))
        try centre.fold()
        let summary = try centre.summary()
        #expect(summary.completeness.checks.contains { $0.id == .heard } == isAwaited)
        #expect((summary.verdict == .pass) == !isAwaited)
        #expect(
            summary.completeness.streams.contains { $0.agent == other.agent && $0.priority == .metric } == isAwaited)
    }
}
