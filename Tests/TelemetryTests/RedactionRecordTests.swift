import Telemetry
import Testing

@Suite("The record of redaction")
struct RedactionRecordTests {
    private static func pattern(_ text: String) -> SeriesPattern {
        guard let pattern = SeriesPattern(text) else { preconditionFailure("'\(text)' is no pattern") }
        return pattern
    }

    private static let record = RedactionRecord(
        [
            .init(pattern("person.face.*"), .drop),
            .init(pattern("person.id"), .pseudonymise(key: "0123456789abcdef", tags: [])),
            .init(pattern("*.heart-rate"), .pseudonymise(key: "0123456789abcdef", tags: ["person", "operator"])),
            .init(pattern("room.position.*"), .coarsen(step: 0.5, unit: .init("m") ?? .one)),
        ], epoch: 7)

    @Test("it is an event of one attribute a rule, and is read back from it")
    func event() {
        let event = Self.record.event(at: Timestamp(seconds: 5))
        #expect(event.name == "redaction.applied")
        #expect(
            event.attributes.map { "\($0.key): \($0.value)" } == [
                "epoch: integer(7)",
                #"rule.0: text("drop person.face.*")"#,
                #"rule.1: text("pseudonymise person.id key=0123456789abcdef")"#,
                #"rule.2: text("pseudonymise *.heart-rate key=0123456789abcdef tags=person,operator")"#,
                #"rule.3: text("coarsen room.position.* step=0.5 unit=m")"#, "rules: integer(4)",
            ])
        #expect(RedactionRecord(event) == Self.record)
    }

    @Test(
        "one that this version does not understand in full is none",
        arguments: [
            ["rules": "1"], ["rules": "1", "rule.0": "blur person.*"], ["rules": "1", "rule.0": "drop"],
            ["rules": "1", "rule.0": "drop person.* step=2"], ["rules": "1", "rule.0": "drop Person"],
            ["rules": "1", "rule.0": "pseudonymise person.id"], ["rules": "1", "rule.0": "coarsen a step=x unit=m"],
            ["rules": "1", "rule.0": "coarsen a step=1"], ["rules": "1", "rule.0": "coarsen a step=1 unit=m more=1"],
            ["rules": "2", "rule.0": "drop person.*"], ["rules": "-1"], ["rules": "9000000000000000000"],
        ])
    func strange(attributes: [String: String]) {
        var attributes = attributes.map { key, text in
            Event.Attribute(key, key == "rules" ? .integer(Int64(text) ?? 0) : .text(text))
        }
        attributes.append(.init("epoch", .integer(1)))
        #expect(RedactionRecord(Event("redaction.applied", at: Timestamp(seconds: 0), attributes: attributes)) == nil)
    }

    @Test("one that does not say of which start it is, is none")
    func noEpoch() {
        let event = Event("redaction.applied", at: Timestamp(seconds: 0), attributes: [.init("rules", .integer(0))])
        #expect(RedactionRecord(event) == nil)
    }

    @Test(
        "it covers what one of its rules takes in whole, and does at least as much to",
        arguments: [
            ("person.face.left", RedactionAction.drop, true), ("person.face.*", .pseudonymise, true),
            ("person.face.*", .coarsen, true), ("person.*", .drop, false), ("person.id", .pseudonymise, true),
            ("person.id", .drop, false), ("person.id*", .pseudonymise, false), ("arm.heart-rate", .pseudonymise, true),
            ("room.position.x", .coarsen, true), ("room.position.x", .drop, false), ("room.*", .coarsen, false),
            ("*", .drop, false),
        ])
    func coverage(pattern: String, action: RedactionAction, covered: Bool) {
        #expect(Self.record.covers(Self.pattern(pattern), action) == covered)
    }

    @Test(
        "a pattern covers another when all that fits the other fits it",
        arguments: [
            ("*", "a.*", true), ("a.*", "a.b.*", true), ("a.*", "a.*", true), ("*.x", "a.*.x", true),
            ("a*", "*", false),
            ("a.b", "a.*", false), ("a.*.x", "a.*", false), ("a*b", "a*c*b", true), ("a**", "a*", true),
        ])
    func covering(pattern: String, other: String, covers: Bool) {
        #expect(Self.pattern(pattern).covers(Self.pattern(other)) == covers)
    }
}
