import Frames
import Scenarios
import Telemetry
import Testing

@testable import Aggregation

@Suite("The fold over a set of frames")
struct FoldOrderTests {
    private static let force = SeriesID(rawValue: 1)
    private static let heat = SeriesID(rawValue: 2)
    private static let series: [SeriesID: Series] = [
        force: Series("gripper.force", unit: Unit("mN") ?? .one),
        heat: Series("joint.temperature", tags: [Tag("joint", "j1")], unit: Unit("Cel") ?? .one),
    ]
    private static let rules = """
        safety:
          - {id: e-stop, event: estop.pressed, at-most: 0, severity: critical}
          - {id: hot, metric: joint-heat, above: 70 Cel, for: 1s, severity: warning}
        """

    private struct Recording {
        var frames: [FrameDecoder] = []
        var forces: [Double] = []
        var times: [Int64] = []
        var stops = 0
    }

    /// Frames of two agents, one of them restarted, over a run and some time around it.
    private func record(_ run: Run, _ random: inout SeededRandom) throws -> Recording {
        let window = try #require(run.window)
        var recording = Recording()
        for (agent, epoch) in [("cell-3", UInt64(1)), ("cell-3", 2), ("cell-4", 1)] {
            var source = try FrameSource(agent: agent, epoch: epoch)
            var time = window.lowerBound.nanoseconds - 500_000_000 + (epoch == 2 ? 5_000_000_000 : 0)
            for _ in 0..<Int.random(in: 5...40, using: &random) {
                var samples: [Sample] = []
                for _ in 0..<Int.random(in: 1...30, using: &random) {
                    time += Int64.random(in: 1_000_000...30_000_000, using: &random)
                    let stamp = Timestamp(nanoseconds: time)
                    let value = Double.random(in: -5e4...5e4, using: &random)
                    samples.append(Sample(series: Self.force, timestamp: stamp, value: .double(value)))
                    if window.contains(stamp) {
                        recording.forces.append(value / 1000)
                        recording.times.append(time)
                    }
                    if Bool.random(using: &random) {
                        let heat = Int64.random(in: 60...80, using: &random)
                        samples.append(Sample(series: Self.heat, timestamp: stamp, value: .integer(heat)))
                    }
                }
                var events: [Event] = []
                if Int.random(in: 0..<8, using: &random) == 0 {
                    events = [
                        Event(
                            "estop.pressed", at: Timestamp(nanoseconds: time), attributes: [.init("by", .text(agent))])
                    ]
                    if window.contains(Timestamp(nanoseconds: time)) { recording.stops += 1 }
                }
                recording.frames.append(try source.frame(samples, events: events))
            }
        }
        return recording
    }

    private func fold(_ frames: [FrameDecoder], _ run: Run, _ definition: ScenarioDefinition) throws -> RunAggregate {
        var fold = RunFold(run: run, definition: definition)
        for frame in frames {
            let header = try #require(frame.header)
            fold.begin(stream: header.stream, series: Self.series)
            try fold.add(frame)
        }
        return fold.finish()
    }

    @Test("permuting, duplicating and delaying frames gives identical bytes")
    func permuted() throws {
        var random = SeededRandom()
        for _ in 0..<15 {
            var bench = try Bench(more: Self.rules)
            let key = try bench.attempt("success", seconds: 8)
            let run = try bench.run(key)
            let frames = try record(run, &random).frames
            let reference = try fold(frames, run, bench.definition)
            var delivered = frames + (0..<10).compactMap { _ in frames.randomElement(using: &random) }
            delivered.shuffle(using: &random)
            let shuffled = try fold(delivered, run, bench.definition)
            #expect(shuffled == reference)
            #expect(shuffled.bytes == reference.bytes)
            #expect(try RunAggregate(bytes: reference.bytes) == reference)

            let missingOne = try fold(Array(frames.dropFirst(frames.count / 2).dropFirst()), run, bench.definition)
            #expect(missingOne.bytes != reference.bytes, "a fold that sees nothing would pass every other check")
        }
    }

    @Test("the aggregate is what plain arithmetic over the samples gives")
    func arithmetic() throws {
        var random = SeededRandom()
        var bench = try Bench(
            criteria: """
                {id: mean, statistic: mean, metric: grip-force, over: samples, at-most: 40 N}
                {id: top, statistic: quantile, q: 0.5, metric: grip-force, reduce: max, at-most: 40 N, confidence: 0.95}
                {id: tail, statistic: quantile, q: 0.5, metric: grip-force, reduce: p95, at-most: 40 N, \
                confidence: 0.95}
                """, more: Self.rules)
        let key = try bench.attempt("success", seconds: 8)
        let run = try bench.run(key)
        let recording = try record(run, &random)
        bench.aggregates[key] = try fold(recording.frames, run, bench.definition)
        let summary = try bench.summary()
        let metric = try #require(summary.metrics.first { $0.id == "grip-force" })
        let n = Double(recording.forces.count)
        let mean = recording.forces.reduce(0, +) / n
        let squares = recording.forces.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        #expect(metric.count == recording.forces.count)
        #expect(abs(try #require(metric.mean) - mean) < 1e-9)
        #expect(abs(try #require(metric.stddev) - (squares / (n - 1)).squareRoot()) < 1e-9)
        #expect(metric.max == recording.forces.max())
        #expect(metric.min == recording.forces.min())
        let sorted = recording.forces.sorted()
        let p95 = sorted[Int(0.95 * (n - 1))]
        #expect(abs(try #require(metric.p95) - p95) <= 0.01 * abs(p95))
        #expect(summary.criteria[0].estimate == metric.mean)
        #expect(summary.ledger[0].values.first { $0.criterion == "top" }?.value == sorted.last)
        #expect(summary.safety[0].count == recording.stops)
        #expect(summary.safety[0].verdict == (recording.stops > 0 ? .fail : .pass))
    }

    @Test("samples outside the run, of unknown series, of another unit or marked unreliable are not measurements")
    func refused() throws {
        var bench = try Bench()
        let key = try bench.attempt("success", seconds: 10)
        let run = try bench.run(key)
        let start = try #require(run.start)
        func sample(_ id: UInt32, _ seconds: Double, _ value: Double, _ quality: Quality = []) -> Sample {
            Sample(
                series: SeriesID(rawValue: id), timestamp: start.advanced(byNanoseconds: Int64(seconds * 1e9)),
                value: .double(value), quality: quality)
        }
        var source = try FrameSource()
        let frame = try source.frame([
            sample(1, -0.001, 99), sample(1, 0, 1000), sample(1, 1, 5000, .unreliable), sample(1, 2, .nan),
            sample(1, 3, 3000, .outOfRange), sample(1, 10, 99), sample(8, 5, 1), sample(9, 5, 1), sample(9, 11, 1),
        ])
        var fold = RunFold(run: run, definition: bench.definition)
        #expect(throws: AggregationError.self) { try fold.add(frame) }
        fold.begin(
            stream: source.stream,
            series: [
                SeriesID(rawValue: 1): Series("gripper.force", unit: Unit("mN") ?? .one),
                SeriesID(rawValue: 8): Series("gripper.force", unit: Unit("Cel") ?? .one),
            ])
        try fold.add(frame)
        bench.aggregates[key] = fold.finish()
        let summary = try bench.summary()
        let metric = try #require(summary.metrics.first { $0.id == "grip-force" })
        #expect(metric.count == 2)
        #expect(metric.refused == 2)
        #expect(metric.marked == 1)
        #expect(metric.mean == 2)
        #expect(summary.completeness.unusable == 2)
        #expect(summary.completeness.verdict == .incomplete)
    }

    @Test(
        "samples that no sensor vouches for count, and bear a pass only as far as the definition allows",
        arguments: [
            (0, "", true, Verdict.pass), (1, "", false, .inconclusive),
            (1, "completeness: {marked-at-most: 25%}", true, .pass),
            (2, "completeness: {marked-at-most: 25%}", false, .inconclusive),
        ])
    func marked(_ count: Int, _ rules: String, _ holds: Bool, _ verdict: Verdict) throws {
        let criteria = "{id: rate, statistic: proportion, outcome: success, at-least: 0.9, confidence: 0.95}"
        var bench = try Bench(criteria: criteria, more: rules)
        try bench.attempts(28, "success")
        let key = try bench.attempt("success", seconds: 10)
        let run = try bench.run(key)
        let start = try #require(run.start)
        var source = try FrameSource()
        let marks: [Quality] = [.outOfRange, [.calibrationExpired, .clockUnsynchronised]]
        let samples = (0..<4).map { index in
            Sample(
                series: Self.force, timestamp: start.advanced(byNanoseconds: Int64(index)), value: .double(1),
                quality: index < count ? marks[index] : .clockUnsynchronised)
        }
        bench.aggregates[key] = try fold([try source.frame(samples)], run, bench.definition)
        let summary = try bench.summary()
        #expect(summary.metrics.first { $0.id == "grip-force" }?.count == 4)
        #expect(summary.metrics.first { $0.id == "grip-force" }?.marked == count)
        #expect(summary.verdict == verdict)
        let check = summary.completeness.checks.first { $0.id == .marked }
        #expect(check?.holds ?? true == holds)
        #expect(check?.value ?? 0 == Double(count) / 4)
        #expect(summary.completeness.verdict == .complete, "nothing is missing")
        #expect(try Summary(json: summary.json) == summary)

        // What an earlier version folded does not tell.
        bench.aggregates[key]?.format = 5
        let old = try RunAggregate(bytes: try #require(bench.aggregates[key]).bytes)
        #expect(old.isOfEarlierFormat)
        bench.aggregates[key] = old
        let judged = try bench.summary()
        #expect(judged.verdict == (rules.isEmpty ? .pass : .inconclusive))
        #expect(judged.completeness.checks.first { $0.id == .marked }.map { $0.value == nil } ?? rules.isEmpty)
    }

    @Test("a clock offset moves a frame's samples into the run they belong to")
    func clockOffset() throws {
        var bench = try Bench()
        let key = try bench.attempt("success", seconds: 10)
        let run = try bench.run(key)
        let start = try #require(run.start)
        let wrong = start.advanced(byNanoseconds: -3_600_000_000_000 + 1)
        var source = try FrameSource()
        let frame = try source.frame([Sample(series: Self.force, timestamp: wrong, value: .double(1))])
        for (offset, frames) in [(Int64(0), 0), (3_600_000_000_000, 1)] {
            var fold = RunFold(run: run, definition: bench.definition)
            fold.begin(stream: source.stream, series: Self.series)
            try fold.add(frame, Placement(correction: offset, isTimeKnown: true, error: 0))
            #expect(fold.finish().frames == frames)
        }
    }

    @Test("bytes that are no aggregate are refused wherever they are cut or changed, and never trap")
    func damaged() throws {
        var random = SeededRandom()
        var bench = try Bench(more: Self.rules)
        let key = try bench.attempt("success", seconds: 2)
        let run = try bench.run(key)
        let bytes = try fold(try record(run, &random).frames, run, bench.definition).bytes
        for length in 0..<bytes.count {
            #expect(throws: AggregationError.self) { try RunAggregate(bytes: Array(bytes.prefix(length))) }
        }
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= UInt8.random(in: 1...255, using: &random)
            if let read = try? RunAggregate(bytes: changed) { #expect(read.bytes == changed) }
        }
    }
}
