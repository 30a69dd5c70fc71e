import Telemetry
import Testing

@Suite struct VocabularyTests {
    @Test(
        "an identifier fits a topic level, a DNS label and a file name",
        arguments: ["a", "0", "arm-07", "a--b", String(repeating: "x", count: 63)])
    func identifiers(text: String) {
        #expect(Identifier(text)?.text == text)
    }

    @Test(
        "what could need escaping is no identifier",
        arguments: ["", "-a", "A", "a_b", "a/b", "a+", "#", "é", "a b", String(repeating: "x", count: 64)])
    func refusedIdentifiers(text: String) {
        #expect(Identifier(text) == nil)
    }

    @Test(
        "series names are dotted lower-case words",
        arguments: [
            ("joint.temperature", true), ("cpu", true), ("a.b_c-d.9", true), ("", false), (".a", false), ("a.", false),
            ("a..b", false), ("A.b", false), ("a b", false), ("_a", false), (String(repeating: "a", count: 256), false),
        ])
    func seriesNames(name: String, valid: Bool) {
        #expect(Series.isValidName(name) == valid)
    }

    @Test("tags are sorted, and the later of two with one key wins")
    func tags() {
        let series = Series("a.b", tags: [Tag("z", "1"), Tag("a", "1"), Tag("z", "2")])
        #expect(series.tags == [Tag("a", "1"), Tag("z", "2")])
        #expect(series.key == "a.b,a=1,z=2")
        #expect(series[tag: "z"] == "2")
        #expect(series[tag: "y"] == nil)
    }

    @Test("values are identical to the bit, not by IEEE equality")
    func identity() {
        let quiet = Double(bitPattern: 0x7FF8_0000_0000_0001)
        #expect(Value.double(quiet).isIdentical(to: .double(quiet)))
        #expect(!Value.double(quiet).isIdentical(to: .double(.nan)))
        #expect(!Value.double(0).isIdentical(to: .double(-0.0)))
        #expect(!Value.double(1).isIdentical(to: .integer(1)))
        #expect(Value.text("a").isIdentical(to: .text("a")))
    }

    @Test("a run marker survives the way through an event")
    func runEvent() throws {
        let scenario = try #require(Identifier("grasp-and-place"))
        let run = try #require(Identifier("r17"))
        let marker = RunEvent(
            .stop, scenario: scenario, run: run, at: Timestamp(seconds: 5), subject: "arm-07", outcome: "failure",
            failureMode: "slip", intervention: false)
        #expect(RunEvent(marker.event) == marker)
        #expect(RunEvent(Event("estop.pressed", at: marker.timestamp)) == nil)
        #expect(
            RunEvent(Event("run.start", at: marker.timestamp, attributes: [.init("scenario", .text("A B"))])) == nil)
    }

    @Test("128-bit names are read from bytes and from hexadecimal with or without hyphens")
    func uuids() throws {
        let name = try #require(UUIDBytes(hexadecimal: "00112233-4455-6677-8899-aabbccddeeff"))
        #expect(name.description == "00112233445566778899aabbccddeeff")
        #expect(UUIDBytes(bytes: name.bytes) == name)
        #expect(UUIDBytes(hexadecimal: "0011") == nil)
        #expect(UUIDBytes(hexadecimal: String(repeating: "0", count: 33)) == nil)
        #expect(UUIDBytes(bytes: [1, 2]) == nil)
    }

    @Test(
        "units go out by their SenML name where there is one of the same size",
        arguments: [
            ("Cel", "Cel"), ("1", "/"), ("By", "B"), ("rad/s", "rad/s"), ("N.m", "N.m"),
        ])
    func units(code: String, senML: String) throws {
        #expect(try #require(Unit(code)).senML == senML)
    }

    @Test(
        "a code with spaces or beyond ASCII is no unit",
        arguments: ["", "m s", "°C", String(repeating: "m", count: 33)])
    func refusedUnits(code: String) {
        #expect(Unit(code) == nil)
    }
}
