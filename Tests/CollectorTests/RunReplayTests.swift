import Aggregation
import Collector
import Frames
import StorageSupport
import Telemetry
import Testing

@Suite("Replay of runs")
struct RunReplayTests {
    private func each(_ seconds: Range<Int>...) -> [Double] { seconds.flatMap { $0.map { Double($0) } } }

    private func seconds(_ moments: [RecordedMoment], of box: TestBox) -> [Double] {
        moments.map { Double($0.time.nanoseconds(since: box.time(0))) / 1e9 }
    }

    @Test("what the runs hold is told in order, as much of it as was folded, and nothing between them")
    func windows() throws {
        let centre = try TestCentre()
        var box = TestBox()
        try centre.take(box.definitions(at: 0))
        try centre.take(box.run("a", at: 10))
        try centre.take(box.run("b", at: 40))
        try centre.fold()
        let moments = try centre.replay()
        #expect(seconds(moments, of: box) == each(10..<20, 40..<50))
        let folded = try centre.summary().metrics.first { $0.id == "force" }?.count
        #expect(moments.count == folded)
        for moment in moments {
            guard case .sample(let series, let value, _) = moment.content else {
                Issue.record("markers are no events of the run")
                continue
            }
            #expect(series == Series("gripper.force", unit: Unit("N") ?? .one) && value == .double(1))
            #expect(moment.site == TestBox.site && moment.agent == box.agent)
        }
    }

    @Test("what two runs hold that overlap is told once")
    func overlap() throws {
        let centre = try TestCentre()
        var box = TestBox()
        try centre.take(box.definitions(at: 0))
        try centre.take(box.start("a", at: 10))
        try centre.take(box.samples(at: [9, 10, 11, 12, 13, 14]))
        try centre.take(box.start("b", at: 15))
        try centre.take(box.samples(at: [15, 16, 17, 18, 19, 20]))
        try centre.take(box.stop("a", at: 20.5))
        try centre.take(box.samples(at: [21, 22, 23, 24, 25, 26]))
        try centre.take(box.stop("b", at: 25))
        try centre.take(box.samples(at: [30]))
        try centre.fold()
        #expect(seconds(try centre.replay(), of: box) == each(10..<25))
    }

    @Test("of runs that are not asked for nothing is told")
    func selection() throws {
        let centre = try TestCentre()
        var box = TestBox()
        try centre.take(box.definitions(at: 0))
        try centre.take(box.run("a", at: 10))
        try centre.take(box.run("b", at: 40))
        try centre.fold()
        let moments = try centre.replay(.init(from: box.time(30)))
        #expect(seconds(moments, of: box) == each(40..<50))
        #expect(try centre.replay(.init(site: .named("elsewhere"))).isEmpty)
    }

    @Test("samples from before the clock knew the time are told at their true time")
    func corrected() throws {
        let centre = try TestCentre()
        var box = TestBox()
        // In 1970 until the middle of the run.
        let clock = { (second: Double) in
            second < 15 ? TestBox.Clock(wrongBy: -TestBox.start, isSynchronised: false) : TestBox.Clock()
        }
        try centre.take(box.definitions(at: 0, clock(0)))
        try centre.take(box.run("a", at: 10, clock: clock))
        try centre.fold()
        let moments = try centre.replay()
        #expect(seconds(moments, of: box) == each(10..<20))
        let folded = try centre.summary().metrics.first { $0.id == "force" }?.count
        #expect(moments.count == folded)
    }

    @Test("a run of a boot that never knew the time is told by the names that its times have")
    func unknown() throws {
        let centre = try TestCentre()
        var box = TestBox()
        let clock = TestBox.Clock(wrongBy: -TestBox.start, isSynchronised: false)
        try centre.take(box.definitions(at: 0, clock))
        try centre.take(box.run("a", at: 10) { _ in clock })
        try centre.fold()
        let moments = try centre.replay()
        let named = (Int64(10)..<20).map { Timestamp(seconds: $0) }
        #expect(moments.map(\.time) == named)
    }
}
