import Configuration
import Frames
import Pipeline
import Synchronization
import Telemetry
import Testing

@testable import Agent

@Suite("The pipeline in the intake")
struct ShapingIntakeTests {
    /// A wall clock that a test moves.
    private final class Clock: Sendable {
        private let seconds = Mutex<Double>(100)
        var now: Timestamp { Timestamp(nanoseconds: Int64(seconds.withLock { $0 } * 1e9)) }
        func set(_ time: Double) { seconds.withLock { $0 = time } }
    }

    private let clock = Clock()

    private static func rules(_ pipeline: String) throws -> AgentSettings {
        let text = """
            agent: {id: box-01, site: lab}
            mqtt: {url: 'mqtt://127.0.0.1'}
            spool: {path: /spool}
            inputs: [{type: host}]
            pipeline:
            \(pipeline)
            """
        return try ConfigurationFile(name: "a.yaml", text: text).decode(AgentSettings.self)
    }

    private func intake(_ pipeline: String) throws -> SampleIntake {
        let settings = try Self.rules(pipeline)
        let clock = clock
        let redaction = try Redaction(settings.pipeline)
        return SampleIntake(
            shaping: Shaping(settings.shaping), redaction: redaction,
            consent: Consent(settings.pipeline, redaction: redaction), now: { clock.now }
        ) {}
    }

    private func give(
        _ intake: SampleIntake, _ series: Series, _ values: [(Double, Double)], _ kind: PriorityClass = .metric
    ) throws {
        let id = try #require(intake.register(series))
        intake.accept(
            values.map {
                Sample(series: id, timestamp: Timestamp(nanoseconds: Int64($0.0 * 1e9)), value: .double($0.1))
            },
            priority: kind)
    }

    /// `class name second value` of all that the intake hands over, and the names of events.
    private func harvest(_ intake: SampleIntake, _ known: inout [SeriesID: Series]) -> [String] {
        let harvest = intake.harvest(closing: true)
        for definition in harvest.definitions { known[definition.id] = definition.series }
        var texts: [String] = []
        for (priority, batch, _) in harvest.batches {
            batch.forEach { sample in
                texts.append(
                    "\(priority.name) \(known[sample.series]?.key ?? "?") \(sample.timestamp.seconds) "
                        + "\(sample.value.number ?? .nan)\(sample.quality.isEmpty ? "" : " \(sample.quality.names)")")
            }
        }
        return texts + harvest.events.map(\.name)
    }

    @Test("a series is stored under the name and in the unit that the rules give it")
    func shaped() throws {
        let intake = try intake(
            "- {match: t1, rename: room.height, unit: m, convert: cm, range: {from: 0, to: 50}}")
        var known: [SeriesID: Series] = [:]
        try give(intake, Series("t1"), [(1, 0.25), (2, 1)])
        #expect(
            harvest(intake, &known) == [
                "metric room.height 1.0 25.0", "metric room.height 2.0 100.0 [\"out-of-range\"]",
            ])
        #expect(known.values.map(\.unit) == [Unit("cm")])
    }

    @Test("a sensor's own range is checked without rules")
    func provenance() throws {
        let intake = try intake("- {match: unknown, scale: 2}")
        var known: [SeriesID: Series] = [:]
        try give(intake, Series("t", provenance: Provenance(range: 0...1)), [(1, 0.5), (2, 7)])
        #expect(harvest(intake, &known) == ["metric t 1.0 0.5", "metric t 2.0 7.0 [\"out-of-range\"]"])
    }

    @Test("a bucket that nothing follows goes out by the clock, and all do at the end")
    func buckets() throws {
        let intake = try intake("- {match: x, down-sample: {every: 10s}}")
        var known: [SeriesID: Series] = [:]
        clock.set(105)
        try give(intake, Series("x"), [(101, 1), (104, 3)])
        #expect(harvest(intake, &known) == [])
        clock.set(120)
        #expect(harvest(intake, &known) == ["metric x 104.0 2.0"])
        try give(intake, Series("x"), [(121, 5)])
        intake.endShaping()
        #expect(harvest(intake, &known) == ["metric x 121.0 5.0"])
    }

    @Test("raw data wait in memory, and are saved as bulk around the event")
    func capture() throws {
        let intake = try intake(
            """
            - {match: force, as: "*.raw", capture: {on: estop.pressed, before: 2s, after: 3s}}
            - {match: force, down-sample: {every: 100s, keep: last}}
            """)
        var known: [SeriesID: Series] = [:]
        try give(intake, Series("force"), (100..<110).map { (Double($0), Double($0)) })
        clock.set(110)
        #expect(harvest(intake, &known) == [])
        intake.accept(Event("estop.pressed", at: Timestamp(seconds: 110)))
        try give(intake, Series("force"), [(110, 1), (112, 2), (114, 3)])
        clock.set(120)
        #expect(
            harvest(intake, &known) == [
                "bulk force.raw 108.0 108.0", "bulk force.raw 109.0 109.0", "bulk force.raw 110.0 1.0",
                "bulk force.raw 112.0 2.0", "estop.pressed", "capture.saved",
            ])
    }

    @Test("nothing escapes a rule that hides by being renamed or copied")
    func hiding() throws {
        let intake = try intake(
            """
            - {match: person.pulse, rename: vital}
            - {match: vital, as: copy, scale: 2}
            - {match: "room.*", as: "person.*", dead-band: 0}
            - {match: "person.*", action: drop}
            """)
        var known: [SeriesID: Series] = [:]
        try give(intake, Series("person.pulse"), [(1, 60)])
        try give(intake, Series("room.light"), [(1, 3)])
        #expect(harvest(intake, &known) == ["metric room.light 1.0 3.0"])
        #expect(known.values.map(\.name) == ["room.light"])
    }

    @Test("what waits in a bucket or a ring is not kept after consent is withdrawn from before it")
    func consent() throws {
        let intake = try intake(
            """
            - {match: pulse, rename: person.pulse}
            - {match: person.pulse, as: "*.raw", capture: {on: fall, before: 60s}}
            - {match: person.pulse, down-sample: {every: 60s, keep: last}}
            - {match: "person.*", action: consent, subject: resident-3}
            """)
        var known: [SeriesID: Series] = [:]
        try give(intake, Series("pulse"), [(100, 60)])
        #expect(
            intake.offer(Event("consent.granted", at: clock.now, attributes: [.init("subject", .text("resident-3"))]))
                == nil)
        intake.grant(intake.takeGrants())
        clock.set(130)
        try give(intake, Series("pulse"), [(120, 61), (128, 62)])
        #expect(
            intake.offer(
                Event(
                    "consent.withdrawn", at: Timestamp(seconds: 125),
                    attributes: [.init("subject", .text("resident-3"))])) == nil)
        intake.accept(Event("fall", at: Timestamp(seconds: 130)))
        clock.set(300)
        let left = harvest(intake, &known).filter { !$0.hasPrefix("consent.") }
        #expect(!left.contains { $0.contains("128.0") || $0.contains(" 100.0") })
        #expect(left.contains("bulk person.pulse.raw 120.0 61.0"))
    }

    @Test("other rules take effect without losing what waits, and ids that inputs have stay good")
    func reshape() throws {
        let intake = try intake("- {match: x, down-sample: {every: 100s}}")
        var known: [SeriesID: Series] = [:]
        try give(intake, Series("x"), [(101, 1)])
        try give(intake, Series("y"), [(101, 7)])
        intake.reshape(Shaping(try Self.rules("- {match: x, rename: z, scale: 10}").shaping))
        try give(intake, Series("x"), [(102, 2)])
        try give(intake, Series("y"), [(102, 8)])
        #expect(
            harvest(intake, &known) == [
                "metric y 101.0 7.0", "metric x 101.0 1.0", "metric z 102.0 20.0", "metric y 102.0 8.0",
            ])
    }

    @Test("what a rule cannot do is told once a series, and what a rate limit refuses is counted")
    func complaints() throws {
        let intake = try intake("- {match: x, unit: V, convert: A}\n- {match: x, rate-limit: 1/s}")
        var known: [SeriesID: Series] = [:]
        try give(intake, Series("x"), [(1, 1), (1.1, 2)])
        #expect(intake.takeComplaints() == ["x is in V, which cannot be converted to A"])
        #expect(intake.takeComplaints() == [])
        #expect(harvest(intake, &known) == ["metric x 1.0 1.0"])
        #expect(intake.rejected == [.init(input: "pipeline", reason: "above the rate limit"): 1])
    }
}
