import Aggregation
import Collector
import Frames
import Scenarios
import Telemetry
import TestSupport
import Testing

/// From frames to runs that nobody marked.
@Suite("Runs that rules recognise in the archive")
struct RuleRunTests {
    static let rules = """
        runs:
          start: {series: gripper.current, above: 0.5 A, for: 1s}
          stop: {series: gripper.current, below: 0.1 A, for: 1s}
          outcome: {series: cell.result, words: {OK: success, NOK: failure}, within: 1s}
          timeout: 60s
        """

    /// Numbers as `TestBox.define` gives them.
    static let series: [Series] = {
        guard let ampere = Unit("A"), let milli = Unit("mA"), let newton = Unit("N") else { return [] }
        return [
            Series("gripper.force", unit: newton),
            Series("gripper.current", tags: [Tag("device", "left")], unit: milli),
            Series("gripper.current", tags: [Tag("device", "right")], unit: ampere),
            Series("cell.result", tags: [Tag("device", "left")], kind: .state),
            Series("cell.result", tags: [Tag("device", "right")], kind: .state),
        ]
    }()

    /// A run of the left gripper of six seconds from `first`, a frame a second from two seconds before it to three after.
    static func grip(
        _ box: inout TestBox, at first: Double, outcome: String? = "OK",
        _ clock: (Double) -> TestBox.Clock = { _ in .init() }
    ) throws -> [[UInt8]] {
        try (-2..<9).map { second in
            let time = first + Double(second)
            let isOn = (0..<6).contains(second)
            var values: [(series: UInt32, second: Double, value: Value)] = [
                (1, time, .double(Double(second))), (2, time, .double(isOn ? 800 : 20)),
            ]
            if second == 5, let outcome { values.append((4, time + 0.5, .text(outcome))) }
            return try box.values(values, clock(time))
        }
    }

    private static func second(_ time: Timestamp?) -> String {
        time.map { "\(($0.nanoseconds - TestBox.start * 1_000_000_000) / 1_000_000_000)" } ?? ""
    }

    static func told(_ runs: [Run]) -> [String] {
        runs.map { "\($0.subject ?? "?") \(second($0.start))-\(second($0.stop)) \($0.outcome ?? "?")" }
    }

    @Test("a run begins when the condition does, and has its values, its outcome and its subject")
    func life() throws {
        let centre = try TestCentre(more: Self.rules)
        var box = TestBox()
        try centre.take(box.define(Self.series, at: 1))
        let frames = try Self.grip(&box, at: 10)
        try centre.take(Array(frames.prefix(3)))
        #expect(try centre.fold() == [] && centre.runs.isEmpty, "it may be a glitch: one sample does not last a second")
        #expect(centre.registered == nil)
        try centre.take(frames[3])
        #expect(try centre.fold() == [] && Self.told(centre.runs) == ["left 10- ?"])
        #expect(centre.registered != nil, "the definition is fixed with the first run")
        try centre.take(Array(frames.dropFirst(4)))
        #expect(try centre.fold().count == 1)
        #expect(Self.told(centre.runs) == ["left 10-16 success"])
        let summary = try centre.summary()
        #expect(summary.ledger.first?.flags == ["marked-by-rule"])
        #expect(summary.metrics.first { $0.id == "force" }?.count == 6)
        #expect(try centre.read() == centre.runs)
    }

    @Test("two devices have a run each, and each its own outcome")
    func devices() throws {
        let centre = try TestCentre(more: Self.rules)
        var box = TestBox()
        try centre.take(box.define(Self.series, at: 1))
        for second in 0..<30 {
            let time = Double(second)
            try centre.take(
                box.values([
                    (2, time, .double((10..<20).contains(second) ? 800 : 0)),
                    (3, time, .double((15..<25).contains(second) ? 0.8 : 0)),
                    (4, time, .text(second < 19 ? "?" : "OK")), (5, time, .text("NOK")),
                ]))
        }
        try centre.fold()
        #expect(Self.told(centre.runs) == ["left 10-20 success", "right 15-25 failure"])
    }

    @Test("late data create, move, split and remove runs, and nothing of what was is left in the store")
    func lateData() throws {
        let centre = try TestCentre(more: Self.rules)
        var box = TestBox()
        try centre.take(box.define(Self.series, at: 1))
        var frames: [[UInt8]] = []
        // Two grips with a pause of which nothing has come yet.
        let values: [Double] = [0, 0, 0, 800, 800, 800, 0, 0, 0, 800, 800, 800, 0, 0, 0]
        for (second, value) in values.enumerated() {
            frames.append(try box.values([(2, Double(second), .double(value))]))
        }
        func take(_ places: Range<Int>) throws -> [String] {
            try centre.take(Array(frames[places]))
            try centre.fold()
            #expect(try centre.folded() == Set(centre.runs.filter { $0.window != nil }.map { RunKey($0) }))
            return Self.told(centre.runs)
        }
        #expect(try take(9..<15) == ["left 9-12 ?"], "the series begins with it")
        #expect(
            try take(3..<6) == ["left 3-12 ?"], "what came late lies before it: the run is another, that began earlier")
        #expect(try take(6..<9) == ["left 3-6 ?", "left 9-12 ?"], "and is two")
        #expect(try take(0..<3) == ["left 3-6 ?", "left 9-12 ?"])
        let last = try centre.derived()
        try centre.rebuild()
        #expect(try centre.derived() == last)
    }

    @Test("a glitch that late data show to be one is no run any more")
    func removed() throws {
        let centre = try TestCentre(more: Self.rules)
        var box = TestBox()
        try centre.take(box.define(Self.series, at: 1))
        let values: [Double] = [0, 0, 800, 0, 800, 0, 0, 0]
        let frames = try values.enumerated().map { try box.values([(2, Double($0) / 2, .double($1))]) }
        for (place, frame) in frames.enumerated() where place != 3 { try centre.take(frame) }
        try centre.fold()
        #expect(Self.told(centre.runs) == ["left 1-2 ?"])
        #expect(try centre.folded().count == 1)
        try centre.take(frames[3])
        try centre.fold()
        #expect(centre.runs.isEmpty)
        #expect(try centre.folded().isEmpty, "it is in the store no more")
        #expect(try centre.summary().runs.total == 0)
    }

    @Test("frames that come before it is told what their series are count when it is")
    func lateDefinitions() throws {
        let centre = try TestCentre(more: Self.rules)
        var box = TestBox()
        let definitions = try box.define(Self.series, at: 1)
        try centre.take(Self.grip(&box, at: 10))
        try centre.fold()
        #expect(centre.runs.isEmpty)
        try centre.take(definitions)
        try centre.fold()
        #expect(Self.told(centre.runs) == ["left 10-16 success"])
    }

    @Test("a box that did not know the time has runs, and they move to their place when it does")
    func clocks() throws {
        let centre = try TestCentre(more: Self.rules)
        var box = TestBox()
        let wrong = TestBox.Clock(wrongBy: -TestBox.start, isSynchronised: false)
        try centre.take(box.define(Self.series, at: 1, wrong))
        try centre.take(Self.grip(&box, at: 10, outcome: "OK") { _ in wrong })
        try centre.fold()
        let run = try #require(centre.runs.first)
        #expect(run.flags == [.markedByRule, .timeUnknown] && run.duration == 6_000_000_000)
        try centre.take(box.values([(1, 30, .double(0))]))
        try centre.fold()
        #expect(Self.told(centre.runs) == ["left 10-16 success"])
        #expect(centre.runs.first?.id == run.id, "it is the same run")
        #expect(try centre.folded() == [RunKey(run)])
    }

    @Test("a run goes on over a restart of its box")
    func restart() throws {
        let centre = try TestCentre(more: Self.rules)
        var box = TestBox(boot: 1)
        try centre.take(box.define(Self.series, at: 1))
        for second in 0..<6 { try centre.take(box.values([(2, Double(second), .double(second < 3 ? 0 : 800))])) }
        var again = TestBox(epoch: 2, boot: 2, bootedAt: 20)
        try centre.take(again.define(Self.series, at: 1))
        for second in 2..<9 { try centre.take(again.values([(2, Double(second), .double(second < 6 ? 800 : 0))])) }
        try centre.fold()
        #expect(Self.told(centre.runs) == ["left 3-26 ?"])
    }

    @Test("a program's stop without the name of a run says how the last one ended")
    func words() throws {
        let centre = try TestCentre(more: Self.rules)
        var box = TestBox()
        try centre.take(box.define(Self.series, at: 1))
        try centre.take(Self.grip(&box, at: 10, outcome: nil))
        let event = Event(
            "run.stop", at: box.time(30),
            attributes: [
                .init("outcome", .text("aborted")), .init("failure_mode", .text("slip")),
            ])
        try centre.take(box.record(event, at: 30))
        try centre.fold()
        #expect(Self.told(centre.runs) == ["left 10-16 aborted"])
        #expect(centre.runs.first?.failureMode == "slip")
    }

    @Test("rules look at declared sites alone")
    func sites() throws {
        let centre = try TestCentre(more: Self.rules + "\nsites: [{id: elsewhere}]")
        var box = TestBox()
        try centre.take(box.define(Self.series, at: 1))
        try centre.take(Self.grip(&box, at: 10))
        try centre.fold()
        #expect(centre.runs.isEmpty)
    }

    @Test("a run stays when its frames expire, also through a rebuild")
    func expiry() throws {
        let centre = try TestCentre(more: Self.rules, segmentSize: 8192)
        var box = TestBox()
        try centre.take(box.define(Self.series, at: 1))
        for run in 0..<20 { try centre.take(Self.grip(&box, at: Double(10 + run * 20))) }
        try centre.fold()
        let before = Self.told(centre.runs)
        #expect(before.count == 20)
        #expect(try centre.expire(segments: 3) > 0)
        try centre.fold()
        #expect(Self.told(centre.runs) == before)
        let derived = try centre.derived()
        try centre.restart()
        try centre.fold()
        #expect(Self.told(centre.runs) == before)
        try centre.rebuild()
        #expect(Self.told(centre.runs) == before)
        #expect(try centre.derived() == derived)
        #expect(try centre.summary().reproduction.expiredRuns > 0)
    }

    /// Frames of two boxes, boots and grips at times that a seed draws.
    private static func record(_ random: inout SeededGenerator) throws -> [[UInt8]] {
        var frames: [[UInt8]] = []
        for install in 1...UInt64.random(in: 1...2, using: &random) {
            var begin = Int64.random(in: 0...9, using: &random)
            for boot in 1...UInt64.random(in: 1...2, using: &random) {
                var box = TestBox(
                    "box-0\(install)", install: install, epoch: boot, boot: install * 10 + boot, bootedAt: begin)
                let isSynchronised = Bool.random(using: &random) || Bool.random(using: &random)
                let wrong: [Int64] = [0, -TestBox.start, 600]
                let wrongBy = wrong.randomElement(using: &random) ?? 0
                let knows = Double.random(in: 0...60, using: &random)
                func clock(_ time: Double) -> TestBox.Clock {
                    let isRight = isSynchronised && time >= knows
                    return TestBox.Clock(wrongBy: isRight ? 0 : wrongBy, isSynchronised: isRight)
                }
                frames.append(try box.define(Self.series, at: 1, clock(1)))
                var second = 4.0
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    let words: [String?] = ["OK", "NOK", "??", nil]
                    let outcome = words.randomElement(using: &random) ?? nil
                    frames += try grip(&box, at: second, outcome: outcome, clock)
                    second += Double.random(in: 11...20, using: &random).rounded()
                    guard Int.random(in: 0...3, using: &random) == 0 else { continue }
                    let event = Event(
                        "run.stop", at: box.time(second), attributes: [.init("outcome", .text("aborted"))])
                    frames.append(try box.record(event, at: second))
                }
                begin += Int64(second) + 10
            }
        }
        return frames
    }

    @Test(
        "order, repetition, delay, restarts and a rebuild change no byte of the summary or the store", arguments: 1...12
    )
    func invariance(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let frames = try Self.record(&random)
        func outcome(
            _ frames: [[UInt8]], foldingAfter: Set<Int> = [], restartingAfter: Set<Int> = []
        ) throws -> (json: String, derived: Set<String>, runs: Int) {
            let centre = try TestCentre(more: Self.rules)
            for (index, frame) in frames.enumerated() {
                try centre.take(frame)
                if foldingAfter.contains(index) { try centre.fold() }
                if restartingAfter.contains(index) { try centre.restart() }
            }
            try centre.fold()
            return (try centre.json().withoutDuplicates, try centre.derived(), centre.runs.count)
        }
        let expected = try outcome(frames)
        #expect(expected.runs > 0)
        for _ in 0..<3 {
            var delivered = frames + (0..<8).compactMap { _ in frames.randomElement(using: &random) }
            delivered.shuffle(using: &random)
            let pauses = (0..<6).map { _ in Int.random(in: 0..<delivered.count, using: &random) }
            let other = try outcome(
                delivered, foldingAfter: Set(pauses),
                restartingAfter: [Int.random(in: 0..<delivered.count, using: &random)])
            #expect(other.json == expected.json, "seed \(seed)")
            #expect(other.derived == expected.derived, "seed \(seed)")
        }
        let centre = try TestCentre(more: Self.rules)
        try centre.take(frames)
        try centre.rebuild()
        #expect(try centre.json().withoutDuplicates == expected.json, "seed \(seed)")
        #expect(try centre.derived() == expected.derived, "seed \(seed)")
        let shortened = try outcome(Array(frames.dropLast(6)))
        #expect(shortened.json != expected.json, "one that sees nothing would pass every other check")
    }
}
