import Aggregation
import Collector
import StorageSupport
import Telemetry
import Testing

@Suite("Time is true from the box to the verdict")
struct ClockPlacementTests {
    private typealias Clock = TestBox.Clock

    /// Seconds from the truth: 1970, as a box without a battery has it, and ten years to either side.
    private static let wrong: [Int64] = [-TestBox.start, -315_360_000, 315_360_000, -3600, 30]

    private func duration(_ entry: Summary.LedgerEntry) throws -> Int64 {
        let (start, stop) = (try #require(entry.start), try #require(entry.stop))
        return stop.nanoseconds(since: start)
    }

    private static func clock(_ second: Double, synchronisedAt: Double, wrongBy: Int64) -> Clock {
        second < synchronisedAt
            ? Clock(wrongBy: wrongBy, isSynchronised: false, error: 16_000_000_000) : Clock(error: 2_000_000)
    }

    @Test("a run under a wrong clock is placed once the same boot was synchronised", arguments: wrong)
    func placedAfterwards(_ wrongBy: Int64) throws {
        var box = TestBox()
        let centre = try TestCentre()
        func clock(_ second: Double) -> Clock { Self.clock(second, synchronisedAt: 40, wrongBy: wrongBy) }
        try centre.take([box.definitions(at: 1, clock(1))] + box.run("r1", at: 20, clock: clock))
        let first = try centre.fold()
        #expect(first == ["r1"])
        let before = try centre.summary()
        #expect(before.ledger[0].flags == ["time-unknown"])
        #expect(before.verdict == .inconclusive)
        #expect(before.ledger[0].completeness?.delivered == 11)

        try centre.take(box.samples(at: [41], clock(41)))
        let folded = try centre.fold()
        #expect(folded == ["r1"], "the first synchronised frame folds earlier runs again")
        let summary = try centre.summary()
        let entry = try #require(summary.ledger.first)
        #expect(entry.start == box.time(20))
        #expect(entry.stop == box.time(30))
        #expect(entry.flags.isEmpty)
        #expect(entry.completeness?.delivered == 11, "ten samples and the start; the stop is no part of the run")
        #expect(entry.completeness?.coverage == 1)
        #expect(summary.verdict == .pass, "\(summary.reason.en)")
        // 2 ms, and 500 µs for each second between the run's frames and the synchronised one.
        #expect(abs(try #require(summary.completeness.clockError) - (0.002 + 0.0005 * 21)) < 1e-9)
        #expect(summary.completeness.untimed == 0)
    }

    @Test("an earlier synchronised frame that comes late bounds the error anew, though it moves nothing")
    func errorAnew() throws {
        var box = TestBox()
        let centre = try TestCentre()
        func clock(_ second: Double) -> Clock { Self.clock(second, synchronisedAt: 40, wrongBy: 0) }
        try centre.take([box.definitions(at: 1, clock(1))] + box.run("r1", at: 20, clock: clock))
        let early = try box.samples(at: [41], clock(41))
        try centre.take(box.samples(at: [81], clock(81)))
        try centre.fold()
        #expect(abs(try #require(centre.summary().completeness.clockError) - (0.002 + 0.0005 * 61)) < 1e-9)
        try centre.take(early)
        let folded = try centre.fold()
        #expect(folded == ["r1"])
        #expect(abs(try #require(centre.summary().completeness.clockError) - (0.002 + 0.0005 * 21)) < 1e-9)
    }

    @Test(
        "a step within a run, synchronising or synchronised, to either side, moves none of it", arguments: wrong,
        [true, false])
    func stepWithin(_ wrongBy: Int64, _ wasSynchronised: Bool) throws {
        var box = TestBox()
        let centre = try TestCentre()
        func clock(_ second: Double) -> Clock {
            second < 25 ? Clock(wrongBy: wrongBy, isSynchronised: wasSynchronised) : Clock()
        }
        try centre.take([box.definitions(at: 1, clock(1))] + box.run("r1", at: 20, clock: clock))
        try centre.fold()
        let summary = try centre.summary()
        let entry = try #require(summary.ledger.first)
        #expect(entry.flags.isEmpty)
        #expect(entry.completeness?.delivered == 11)
        #expect(entry.completeness?.longestGap == 1)
        #expect(try duration(entry) == 10_000_000_000)
        if !wasSynchronised { #expect(entry.start == box.time(20)) }
    }

    @Test("a boot that was never synchronised keeps order and durations, and bears no pass where time is asked for")
    func neverSynchronised() throws {
        var box = TestBox()
        let centre = try TestCentre()
        func clock(_ second: Double) -> Clock {
            // Somebody sets the clock by hand between the runs, and within the second.
            Clock(wrongBy: second < 50 ? -TestBox.start : second < 75 ? 5_000_000 : -1000, isSynchronised: false)
        }
        try centre.take([box.definitions(at: 1, clock(1))])
        try centre.take(box.run("r1", at: 20, clock: clock))
        try centre.take(box.run("r2", at: 70, clock: clock))
        try centre.fold()
        let summary = try centre.summary()
        #expect(summary.ledger.map(\.run.text) == ["r1", "r2"])
        for entry in summary.ledger {
            #expect(entry.flags == ["time-unknown"])
            #expect(try duration(entry) == 10_000_000_000)
            #expect(entry.completeness?.delivered == 11)
            #expect(entry.completeness?.clockError == nil)
            #expect(entry.completeness?.broken == [.clockError, .time])
        }
        #expect(summary.verdict == .inconclusive)
        #expect(summary.completeness.clockError == nil)
        #expect(summary.completeness.untimed == 28)
        #expect(summary.completeness.checks.filter { !$0.holds }.map(\.id) == [.clockError, .time])
        #expect(
            summary.reason.en.contains("is not known, only the order: the clock of lab/box-01 was never synchronised"))
        #expect(summary.reason.zh.contains("lab/box-01的时钟从未同步"))
        let json = try centre.json()
        #expect(!json.contains("NaN"))

        let lenient = try TestCentre(completeness: "{loss-at-most: 0}")
        try lenient.take(box.definitions(at: 100, clock(100)))
        try lenient.take(box.run("r3", at: 120, clock: clock))
        try lenient.fold()
        let other = try lenient.summary()
        #expect(other.completeness.untimed > 0)
        #expect(other.reason.en.contains("was never synchronised"), "said also where it blocks nothing")
    }

    @Test("of two boots of one install, the synchronised one says nothing of the other")
    func twoBoots() throws {
        var first = TestBox(epoch: 1, boot: 1)
        var second = TestBox(epoch: 2, boot: 2, bootedAt: 1000)
        let centre = try TestCentre()
        let wrong = Clock(wrongBy: -TestBox.start, isSynchronised: false)
        try centre.take([first.definitions(at: 1, wrong)] + first.run("r1", at: 20) { _ in wrong })
        try centre.take([second.definitions(at: 1)] + second.run("r2", at: 20))
        try centre.fold()
        let summary = try centre.summary()
        #expect(
            Dictionary(uniqueKeysWithValues: summary.ledger.map { ($0.run.text, $0.flags) }) == [
                "r1": ["time-unknown"], "r2": [],
            ])
        #expect(summary.ledger.first { $0.run.text == "r2" }?.start == second.time(20))
        #expect(summary.completeness.untimed == 14)
        #expect(summary.period.from == second.time(20), "the period is that of the known times")

        // The first boot came before the second: it cannot lie after it.
        let later = try centre.summary(.init(from: second.time(25)))
        #expect(later.runs.total == 0 && later.completeness.untimed == 0)
        let earlier = try centre.summary(.init(to: second.time(0)))
        #expect(earlier.ledger.map(\.run.text) == ["r1"])
    }

    @Test("an agent that restarts within a boot is placed by what its other start learned")
    func restartWithinBoot() throws {
        var first = TestBox(epoch: 1)
        var second = TestBox(epoch: 2)
        let centre = try TestCentre()
        let wrong = Clock(wrongBy: -TestBox.start, isSynchronised: false)
        try centre.take([first.definitions(at: 1, wrong)] + first.run("r1", at: 20) { _ in wrong })
        try centre.take([second.definitions(at: 60), second.samples(at: [61])])
        try centre.fold()
        let entry = try #require(try centre.summary().ledger.first)
        #expect(entry.start == first.time(20))
        #expect(entry.flags.isEmpty)
        #expect(entry.completeness?.delivered == 11)
    }

    @Test("a marker that an operator published keeps its time on a box whose clock is wrong")
    func operatorMarker() throws {
        var box = TestBox()
        var collector = TestBox("collector", install: 99, boot: 5)
        let centre = try TestCentre()
        let wrong = Clock(wrongBy: -7, isSynchronised: false)
        let truth = box
        func marker(_ phase: RunEvent.Phase, _ second: Double) -> RunEvent {
            RunEvent(
                phase, scenario: .named("lifting"), run: .named("m1"), at: truth.time(second),
                outcome: phase == .stop ? "success" : nil)
        }
        try centre.take(box.definitions(at: 1, wrong))
        try centre.take(box.mark(marker(.start, 20), 20, wrong))
        for second in 18..<33 { try centre.take(box.samples(at: [Double(second)], wrong)) }
        try centre.take(box.mark(marker(.stop, 30), 30, wrong))
        try centre.take(collector.mark(marker(.start, 20), 20))
        try centre.take(collector.mark(marker(.stop, 30), 30))
        try centre.take(box.samples(at: [40]))
        try centre.fold()
        let entry = try #require(try centre.summary().ledger.first)
        #expect(entry.start == box.time(20))
        #expect(entry.stop == box.time(30))
        #expect(entry.flags.isEmpty)
        #expect(entry.completeness?.coverage == 1)
    }
}
