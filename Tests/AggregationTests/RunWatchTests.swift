import Aggregation
import Frames
import Scenarios
import Telemetry
import Testing

@Suite("A run that goes on")
struct RunWatchTests {
    private static let heat = SeriesID(rawValue: 2)
    private static let force = SeriesID(rawValue: 3)
    private static let series: [SeriesID: Series] = [
        heat: Series("joint.temperature", tags: [Tag("joint", "j1")], unit: Unit("Cel") ?? .one),
        force: Series("gripper.force", unit: Unit("mN") ?? .one),
    ]
    private static let rules = """
        safety:
          - {id: e-stop, event: estop.pressed, at-most: 0, severity: critical}
          - {id: hot, metric: joint-heat, above: 70 Cel, for: 2s, severity: warning}
        completeness: {gap-at-most: 3s, clock-error-at-most: 1s}
        """

    private static func bench() throws -> (bench: Bench, run: Run) {
        var bench = try Bench(more: rules)
        let key = try bench.attempt(nil, isStopped: false)
        return (bench, try bench.run(key))
    }

    private static func start(_ run: Run) throws -> Timestamp { try #require(run.start) }

    private static func sample(_ series: SeriesID, _ second: Double, _ value: Double, in run: Run) throws -> Sample {
        Sample(
            series: series, timestamp: try start(run).advanced(byNanoseconds: Int64(second * 1e9)),
            value: .double(value))
    }

    private static func watch(_ frames: [FrameDecoder], _ run: Run, _ definition: ScenarioDefinition) throws -> RunWatch
    {
        var watch = try #require(RunWatch(run, definition))
        for frame in frames {
            let stream = try #require(frame.header?.stream)
            let isWhole = watch.define(series, of: stream)
            #expect(isWhole)
            watch.add(frame, nil)
        }
        return watch
    }

    /// Temperatures of one second after another, 70 Cel being the limit and two seconds the time; how often it was breached, whether it still
    /// is, and since when.
    @Test(
        "is in breach of a level from the time that the rule gives it until it has been safe for as long",
        arguments: [
            ([60, 60, 60], 0, nil, nil), ([80, 80], 0, nil, nil), ([80, 80, 80], 1, true, 0),
            ([60, 80, 80, 80, 60], 1, true, 1), ([60, 80, 80, 80, 60, 60], 1, false, 1),
            ([80, 80, 80, 60, 80], 1, true, 0), ([80, 80, 80, 60, 60, 80, 80], 1, false, 0),
            ([80, 80, 80, 60, 60, 80, 80, 80], 2, true, 5), ([70, 70, 70], 0, nil, nil),
            ([80, .nan, 80, 80], 1, true, 0),
        ] as [([Double], Int, Bool?, Double?)])
    func level(values: [Double], count: Int, isOngoing: Bool?, since: Double?) throws {
        let (bench, run) = try Self.bench()
        var source = try FrameSource()
        let frames = try values.enumerated().map { second, value in
            try source.frame([Self.sample(Self.heat, Double(second), value, in: run)])
        }
        let findings = try Self.watch(frames, run, bench.definition).findings
        #expect(findings.first?.count ?? 0 == count)
        #expect(findings.first?.isOngoing == isOngoing)
        #expect(findings.first?.since == (try since.map { try Self.sample(Self.heat, $0, 0, in: run).timestamp }))
        if isOngoing == true {
            #expect(findings.first?.value == values.last { !$0.isNaN })
            #expect(findings.first?.source == "cell-3: joint.temperature,joint=j1")
        }
    }

    @Test("tells the same of a set of frames in any order, and what the fold tells when it is over")
    func permuted() throws {
        var random = SeededRandom()
        for _ in 0..<40 {
            let (bench, run) = try Self.bench()
            var frames: [FrameDecoder] = []
            for (agent, epoch) in [("cell-3", UInt64(1)), ("cell-3", 2), ("cell-4", 1)] {
                var source = try FrameSource(agent: agent, epoch: epoch)
                var second = epoch == 2 ? 30.0 : -1
                for _ in 0..<Int.random(in: 1...20, using: &random) {
                    var samples: [Sample] = []
                    for _ in 0..<Int.random(in: 0...4, using: &random) {
                        second += Double.random(in: 0.1...1, using: &random)
                        let hot = Double.random(in: 40...100, using: &random)
                        samples.append(try Self.sample(Self.heat, second, hot, in: run))
                        if Bool.random(using: &random) {
                            samples.append(try Self.sample(Self.force, second, 1000, in: run))
                        }
                    }
                    let event = Event(
                        "estop.pressed",
                        at: try Self.sample(Self.heat, Double.random(in: -5...60, using: &random), 0, in: run).timestamp
                    )
                    frames.append(
                        try source.frame(samples, events: Int.random(in: 0...9, using: &random) == 0 ? [event] : []))
                }
            }
            let reference = try Self.watch(frames, run, bench.definition)
            var delivered = frames + (0..<8).compactMap { _ in frames.randomElement(using: &random) }
            delivered.shuffle(using: &random)
            let other = try Self.watch(delivered, run, bench.definition)
            #expect(other.findings == reference.findings)
            #expect(
                other.silences(bench.definition, limit: nil) { _ in true }
                    == reference.silences(bench.definition, limit: nil) { _ in true })
            // One sample more was lost.
            let stream = try #require(frames.first?.header?.stream)
            var account = StreamAccount(
                stream: stream, through: 0, missing: [], accepted: 1, delivered: 0, lost: 1, pending: 0, duplicates: 0)
            let start = try #require(run.start)
            account.holes = [
                .init(missingFrames: 0, lost: 1, missing: 0, boot: nil, sinceBoot: 0...0, times: start...start)
            ]
            let shortfalls = reference.shortfalls(bench.definition, [account]) { _ in nil }
            #expect(other.shortfalls(bench.definition, [account]) { _ in nil } == shortfalls)
            // The fold of the run, once it has an end behind everything.
            var ended = bench
            ended.ledger.insert(
                RunMarker(
                    RunEvent(
                        .stop, scenario: bench.definition.id, run: run.id,
                        at: try Self.sample(Self.heat, 1000, 0, in: run).timestamp, outcome: "success"),
                    site: run.site, source: run.site))
            let over = try ended.run(RunKey(run))
            var fold = RunFold(run: over, definition: bench.definition)
            for frame in frames {
                fold.begin(stream: try #require(frame.header?.stream), series: Self.series)
                try fold.add(frame)
            }
            #expect(shortfalls.map(\.rule) == [.loss, .hole, .clockError])
            #expect(shortfalls[0].value == 1 / Double(fold.finish().samples + 1))
            #expect(shortfalls[2].value == fold.finish().clockError.map { Double($0) / 1e9 })
            let safety = ScenarioSafety(
                bench.definition, runs: [over], aggregates: [RunKey(over): fold.finish()])
            let folded = safety.breaches(with: [])
            #expect(folded.map(\.rule) == reference.findings.map(\.rule))
            #expect(folded.map(\.count) == reference.findings.map(\.count))
            #expect(folded.allSatisfy { !$0.isOngoing })
        }
    }

    @Test("ends where its stop is, where it has timed out, and begins with its start")
    func openEnded() throws {
        var bench = try Bench(more: Self.rules)
        let over = try bench.attempt("success")
        #expect(RunWatch(try bench.run(over), bench.definition) == nil)
        var timed = try Bench(more: "runs: {timeout: 5s}")
        let key = try timed.attempt(nil, isStopped: false)
        #expect(RunWatch(try timed.run(key), timed.definition) == nil, "ten seconds have passed")
    }

    @Test("says when it has missed samples of a series that is defined after them, and of no other")
    func lateDefinition() throws {
        let (bench, run) = try Self.bench()
        var source = try FrameSource()
        var watch = try #require(RunWatch(run, bench.definition))
        #expect(!watch.knowsSeries(of: source.stream))
        watch.add(try source.frame([Self.sample(Self.heat, 1, 80, in: run)]), nil)
        let isWhole = watch.define([Self.force: Series("gripper.force", unit: .one)], of: source.stream)
        #expect(isWhole)
        let isWholeWithHeat = watch.define(Self.series, of: source.stream)
        #expect(!isWholeWithHeat)
    }

    /// Seconds at which forces come and then the frame that is the last; the definition allows three.
    @Test(
        "has a silent series when its agent goes on without it for too long",
        arguments: [
            ([0, 1, 2], 5, true, false), ([0, 1, 2], 5.5, true, true), ([0, 1, 2], 5.5, false, nil),
            ([], 3, true, false), ([], 3.5, true, true), ([4, 0], 6, true, false),
        ] as [([Double], Double, Bool, Bool?)])
    func silence(forces: [Double], last: Double, isWhole: Bool, isSilent: Bool?) throws {
        let (bench, run) = try Self.bench()
        var source = try FrameSource()
        var frames = try forces.map { second in
            let sample = try Self.sample(Self.force, second, 1000, in: run)
            return try source.frame([sample], at: sample.timestamp)
        }
        let end = try Self.sample(Self.heat, last, 20, in: run)
        frames.append(try source.frame([end], at: end.timestamp))
        let silences = try Self.watch(frames, run, bench.definition).silences(bench.definition, limit: nil) { _ in
            isWhole
        }
        #expect(silences.map(\.metric) == ["grip-force"])
        #expect(silences.first?.isSilent == isSilent)
        #expect(silences.first?.source == (forces.isEmpty ? nil : "cell-3: gripper.force"))
        #expect(silences.first?.since == (try Self.sample(Self.force, forces.max() ?? 0, 0, in: run).timestamp))
    }

    @Test("shares the events that a rule allows with the runs before it: those beyond are a breach")
    func allowance() throws {
        var bench = try Bench(
            more: "safety: [{id: stops, event: estop.pressed, at-most: 2, severity: major}]")
        var findings: [SafetyFinding] = []
        for count in [1, 1, 2] {
            let key = try bench.attempt(nil, isStopped: false)
            let run = try bench.run(key)
            var source = try FrameSource()
            let events = try (0..<count).map { number in
                Event("estop.pressed", at: try Self.sample(Self.heat, Double(number), 0, in: run).timestamp)
            }
            findings += try Self.watch([source.frame([], events: events)], run, bench.definition).findings
        }
        let safety = ScenarioSafety(bench.definition, runs: [], aggregates: [:])
        #expect(safety.breaches(with: Array(findings.prefix(2))).isEmpty)
        let breaches = safety.breaches(with: findings)
        #expect(breaches.map(\.run) == [findings[2].run])
        #expect(breaches.map(\.value) == [4])
    }
}
