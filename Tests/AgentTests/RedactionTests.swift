import Configuration
import Frames
import Telemetry
import Testing

@testable import Agent

@Suite("Redaction on the box")
struct RedactionTests {
    private static let key = PseudonymKey(Array("a secret of more than 16 bytes".utf8))
    private static let other = PseudonymKey(Array("another one of enough length..".utf8))

    private static func pattern(_ text: String) -> SeriesPattern {
        guard let pattern = SeriesPattern(text) else { preconditionFailure("'\(text)' is no pattern") }
        return pattern
    }

    private static func intake(_ rules: [(String, Redaction.Action)]) -> SampleIntake {
        SampleIntake(redaction: Redaction(ready: rules.map { (pattern($0), $1) })) {}
    }

    /// What the intake hands over for one sample a series, as `name,tag=value value`.
    private static func left(of samples: [(Series, Value)], _ intake: SampleIntake) throws -> [String] {
        for (series, value) in samples {
            let id = try #require(intake.register(series))
            intake.accept([Sample(series: id, timestamp: Timestamp(seconds: 1), value: value)], priority: .metric)
        }
        let harvest = intake.harvest(closing: true)
        let series = Dictionary(uniqueKeysWithValues: harvest.definitions.map { ($0.id, $0.series) })
        var texts: [String] = []
        for (_, batch, _) in harvest.batches {
            batch.forEach { texts.append("\(series[$0.series]?.key ?? "undefined") \($0.value)") }
        }
        return texts
    }

    @Test("a dropped series is neither defined nor stored, and counted")
    func drop() throws {
        let intake = Self.intake([("person.*", .drop)])
        let left = try Self.left(
            of: [
                (Series("person.name"), .text("Anna")), (Series("arm.force"), .double(2)),
                (Series("person.age"), .integer(40)),
            ],
            intake)
        #expect(left == ["arm.force double(2.0)"])
        #expect(intake.redacted.dropped == [2] && intake.redacted.changed == [0])
        #expect(intake.accepted == 1 && intake.rejected.isEmpty)
    }

    @Test("ids of frames stay dense, whatever is dropped between them, and the same series has the same id")
    func dense() throws {
        let intake = Self.intake([("person.*", .drop)])
        _ = try Self.left(
            of: ["person.a", "arm.a", "person.b", "arm.b", "arm.a", "person.a"].map { (Series($0), .double(1)) }, intake
        )
        #expect(intake.register(Series("arm.a")) == intake.register(Series("arm.a")))
        intake.defineAgain()
        let definitions = intake.harvest(closing: true).definitions
        #expect(definitions.map { "\($0.id.rawValue) \($0.series.name)" } == ["0 arm.a", "1 arm.b"])
    }

    @Test("a pseudonym is the same for the same text and key, another for another, and tells nothing of its length")
    func pseudonyms() {
        // HMAC-SHA-256 by Python's hmac module, base 32 of its first ten bytes.
        #expect(Self.key.pseudonym(of: "Anna") == "p-p53mpcxgtobk2prw")
        #expect(Self.key.pseudonym(of: "") == "p-wv4ghd4rfmrfmtqg")
        #expect(Self.key.id == "a18fab6f1ac10093")
        let names = ["Anna", "Anna ", "anna", "", "王芳", String(repeating: "x", count: 10_000)]
        let pseudonyms = Set((names.map(Self.key.pseudonym) + names.map(Self.other.pseudonym)))
        #expect(pseudonyms.count == 2 * names.count)
        #expect(pseudonyms.allSatisfy { $0.utf8.count == 18 && Identifier($0) != nil })
    }

    @Test("texts of a pseudonymised series are replaced, and its numbers are refused")
    func pseudonymise() throws {
        let intake = Self.intake([("person.id", .pseudonymise(Self.key, tags: []))])
        let series = Series("person.id", kind: .state)
        let left = try Self.left(
            of: [(series, .text("Anna")), (series, .integer(7)), (series, .boolean(true))], intake)
        #expect(left == ["person.id text(\"\(Self.key.pseudonym(of: "Anna"))\")"])
        #expect(intake.redacted.changed == [1] && intake.redacted.dropped == [2])
        #expect(intake.rejected.map { "\($0.key.reason) \($0.value)" } == ["a number cannot be pseudonymised 2"])
    }

    @Test("with tags, who it is about is replaced and the number kept; a series without them has nobody to replace")
    func tags() throws {
        let intake = Self.intake([("heart.rate", .pseudonymise(Self.key, tags: ["person"]))])
        let anna = Self.key.pseudonym(of: "Anna")
        let left = try Self.left(
            of: [
                (Series("heart.rate", tags: [Tag("person", "Anna"), Tag("room", "2")]), .double(61)),
                (Series("heart.rate", tags: [Tag("room", "2")]), .double(62)),
            ], intake)
        #expect(left == ["heart.rate,person=\(anna),room=2 double(61.0)"])
        #expect(intake.redacted.dropped == [1])
    }

    @Test("the serial number of a sensor that a person wears is replaced too")
    func serial() throws {
        let intake = Self.intake([("heart.rate", .pseudonymise(Self.key, tags: ["person"]))])
        _ = intake.register(Series("heart.rate", tags: [Tag("person", "a")], provenance: Provenance(serial: "SN-1")))
        let serial = intake.harvest(closing: true).definitions.first?.series.provenance.serial
        #expect(serial == Self.key.pseudonym(of: "SN-1"))
    }

    @Test("numbers of a coarsened series are rounded in its own unit; texts, and a unit that does not fit, are refused")
    func coarsen() throws {
        let metre = try #require(Unit("m"))
        let intake = Self.intake([("room.*", .coarsen(step: 0.5, unit: metre))])
        let left = try Self.left(
            of: [
                (Series("room.x", unit: metre), .double(1.3)),
                (Series("room.y", unit: try #require(Unit("mm"))), .integer(1300)),
                (Series("room.z"), .double(0.2)), (Series("room.name", kind: .state), .text("lab")),
                (Series("room.t", unit: .second), .double(3)), (Series("room.door"), .boolean(true)),
            ], intake)
        #expect(left == ["room.x double(1.5)", "room.y integer(1500)", "room.z double(0.0)"])
        #expect(intake.redacted.changed == [3] && intake.redacted.dropped == [3])
        #expect(intake.rejected.values.reduce(0, +) == 3)
    }

    @Test("every rule that matches is applied, in order, and none gives back what another took")
    func order() throws {
        let rules: [(String, Redaction.Action)] = [
            ("room.*", .pseudonymise(Self.key, tags: ["person"])), ("room.x", .coarsen(step: 1, unit: .one)),
            ("*.z", .drop),
            ("*.z", .coarsen(step: 1, unit: .one)),
        ]
        let intake = Self.intake(rules)
        let tags = [Tag("person", "Anna")]
        let left = try Self.left(
            of: [(Series("room.x", tags: tags), .double(1.3)), (Series("room.z", tags: tags), .double(1.3))], intake)
        #expect(left == ["room.x,person=\(Self.key.pseudonym(of: "Anna")) double(1.0)"])
        #expect(intake.redacted.changed == [2, 1, 0, 0] && intake.redacted.dropped == [0, 0, 1, 0])
    }

    @Test("events are dropped and pseudonymised by their name; run markers and the agent's own never are")
    func events() {
        let intake = Self.intake([
            ("person.left", .drop), ("person.*", .pseudonymise(Self.key, tags: [])),
            ("*", .coarsen(step: 1, unit: .one)),
            ("run.*", .drop), ("agent.*", .drop),
        ])
        func event(_ name: String) -> Event {
            Event(
                name, at: Timestamp(seconds: 1),
                attributes: [.init("who", .text("Anna")), .init("age", .integer(40))])
        }
        #expect(intake.offer(event("person.left"))?.reason == "a rule of the pipeline drops such events")
        for name in ["person.came", "run.start", "agent.stop", "door.open"] {
            #expect(intake.offer(event(name)) == nil)
        }
        let harvest = intake.harvest(closing: true)
        #expect(harvest.events.map(\.name) == ["person.came", "run.start", "agent.stop", "door.open"])
        #expect(harvest.events.map { $0.text("who") } == [Self.key.pseudonym(of: "Anna"), "Anna", "Anna", "Anna"])
        #expect(harvest.events.allSatisfy { $0["age"] == .integer(40) })
        #expect(intake.redacted.dropped[0] == 1 && intake.redacted.changed[1] == 1)
    }

    @Test("what goes on record names the rules and the keys, and never shows a key")
    func record() throws {
        let redaction = Redaction(ready: [
            (Self.pattern("person.*"), .drop), (Self.pattern("*.id"), .pseudonymise(Self.key, tags: ["person"])),
        ])
        let event = try #require(redaction.record(epoch: 3)).event(at: Timestamp(seconds: 1))
        #expect(event.text("rule.1") == "pseudonymise *.id key=\(Self.key.id) tags=person")
        #expect(event["epoch"] == .integer(3))
        #expect(Redaction.none.record(epoch: 3) == nil)
        var dumped = "\(Self.key) \(String(reflecting: Self.key)) \(redaction)"
        dump(Self.key, to: &dumped)
        dump(redaction, to: &dumped)
        #expect(!dumped.contains("secret") && !dumped.contains("97, 32, 115"), "\(dumped)")
    }

    @Test("the counts that are put on record are those since the start, without zeros")
    func counts() {
        var tally = RedactionTally(rules: 3)
        #expect(tally.event(at: Timestamp(seconds: 1)) == nil)
        tally.changed[0] = 2
        tally.dropped[2] = 5
        let event = tally.event(at: Timestamp(seconds: 1))
        #expect(event?.name == "redaction.counted")
        #expect(event?.attributes == [.init("changed.0", .integer(2)), .init("dropped.2", .integer(5))])
    }

    @Test("nobody but the agent may record redaction", arguments: ["redaction.applied", "redaction.counted"])
    func forged(name: String) {
        let complaint = ControlRequest.complaint(Event(name, at: Timestamp(seconds: 1)))
        #expect(complaint?.contains("an event of the agent's own") == true)
    }
}
