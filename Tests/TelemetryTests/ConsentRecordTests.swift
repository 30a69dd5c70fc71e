import Telemetry
import Testing

@Suite("Records of consent")
struct ConsentRecordTests {
    private static func pattern(_ text: String) throws -> SeriesPattern { try #require(SeriesPattern(text)) }

    @Test("an event holds rules and subjects, and gives them back")
    func roundTrip() throws {
        let record = ConsentRecord(
            [
                .init(try Self.pattern("person.*"), .subject("resident-3")),
                .init(try Self.pattern("*.heart-rate"), .tag("person")),
            ],
            epoch: 7, granted: ["王芳", "anna=1"])
        let event = record.event(at: Timestamp(seconds: 1))
        #expect(event.name == "consent.applied")
        #expect(event.text("rule.0") == "consent person.* subject=resident-3")
        #expect(event.text("rule.1") == "consent *.heart-rate tag=person")
        #expect(event.text("granted.0") == "anna=1" && event.text("granted.1") == "王芳")
        #expect(ConsentRecord(event) == record)
        let empty = ConsentRecord([], epoch: 1, granted: [])
        #expect(ConsentRecord(empty.event(at: Timestamp(seconds: 1))) == empty)
    }

    @Test(
        "words that this version does not know prove nothing",
        arguments: [
            ("rules", Value.integer(2)), ("rules", .integer(-1)), ("rules", .text("1")), ("granted", .integer(9)),
            ("rule.0", .text("consent person.* by=anna")), ("rule.0", .text("consent person.*")),
            ("rule.0", .text("ask person.* tag=person")), ("rule.0", .text("consent Person tag=person")),
            ("rule.0", .text("consent person.* subject=")), ("epoch", .integer(-1)), ("granted.0", .text("two words")),
        ])
    func unknown(key: String, value: Value) throws {
        let record = ConsentRecord([.init(try Self.pattern("person.*"), .tag("person"))], epoch: 1, granted: ["anna"])
        var attributes = record.event(at: Timestamp(seconds: 1)).attributes
        attributes.append(.init(key, value))
        #expect(ConsentRecord(Event("consent.applied", at: Timestamp(seconds: 1), attributes: attributes)) == nil)
    }

    @Test("a change needs a subject of one word")
    func changes() {
        func change(_ name: String, _ subject: String?) -> ConsentChange? {
            let attributes = subject.map { [Event.Attribute("subject", .text($0))] } ?? []
            return ConsentChange(Event(name, at: Timestamp(seconds: 3), attributes: attributes))
        }
        #expect(change("consent.granted", "anna")?.isGrant == true)
        #expect(change("consent.withdrawn", "anna")?.isGrant == false)
        #expect(change("consent.withdrawn", "anna")?.time == Timestamp(seconds: 3))
        for subject in [nil, "", "a b", "a\nb", "a\u{3000}b", String(repeating: "x", count: 65)] {
            #expect(change("consent.granted", subject) == nil, "\(subject ?? "nil")")
        }
        #expect(change("consent.applied", "anna") == nil)
    }

    @Test("a rule covers what its pattern covers, and where it is asked, only by the tag")
    func covers() throws {
        let record = ConsentRecord([.init(try Self.pattern("person.*"), .tag("person"))], epoch: 1, granted: [])
        #expect(record.covers(try Self.pattern("person.heart.*"), tag: nil))
        #expect(record.covers(try Self.pattern("person.name"), tag: "person"))
        #expect(!record.covers(try Self.pattern("person.name"), tag: "subject"))
        #expect(!record.covers(try Self.pattern("*"), tag: nil))
    }
}
