import Configuration
import Telemetry
import Testing

@testable import Inputs

@Suite("MQTT: topics and paths")
struct TopicPatternTests {
    private static func levels(_ topic: String) -> [Substring] {
        topic.split(separator: "/", omittingEmptySubsequences: false)
    }

    @Test(
        "a topic fits a filter as MQTT says",
        arguments: [
            ("a/b", "a/b", true), ("a/+", "a/b", true), ("a/{x}", "a/b", true), ("a/#", "a", true),
            ("a/#", "a/b/c", true),
            ("a/+", "a", false), ("a/+", "a/b/c", false), ("+/b", "/b", true), ("#", "a/b", true),
            ("a/b", "a/B", false),
            ("a//b", "a//b", true), ("a/+/#", "a/b", true),
        ])
    func fits(pattern: String, topic: String, expected: Bool) throws {
        #expect(try TopicPattern(pattern).matches(Self.levels(topic)) == expected)
    }

    @Test("named levels are found, and the broker is asked for them with '+'")
    func names() throws {
        let pattern = try TopicPattern("plant/{line}/+/{zone}/#")
        var named: [(name: String, text: Substring)] = []
        #expect(pattern.matches(Self.levels("plant/a/x/7/y/z"), named: &named))
        #expect(named.map(\.name) == ["line", "zone"])
        #expect(named.map(\.text) == ["a", "7"])
        #expect(pattern.filter == "plant/+/+/+/#")
    }

    @Test(
        "what is no filter is refused",
        arguments: ["", "a/#/b", "a/b#", "a/x{y}", "{A}/b", "{x}/{x}", "$share/g/a", "a+"])
    func refused(text: String) {
        #expect(throws: InvalidValue.self) { try TopicPattern(text) }
    }

    @Test(
        "subscriptions that another covers are left out, and those that only overlap are found",
        arguments: [
            (["a/#", "a/b"], ["a/#"], false), (["a/b", "a/#"], ["a/#"], false),
            (["a/+/c", "a/b/+"], ["a/+/c", "a/b/+"], true),
            (["a/b", "a/c"], ["a/b", "a/c"], false), (["+/x", "a/#"], ["+/x", "a/#"], true),
            (["a/+", "a/{b}"], ["a/+"], false),
        ])
    func subscriptions(filters: [String], kept: [String], overlap: Bool) throws {
        let patterns = try filters.map { text in try TopicPattern(text) }
        #expect(TopicPattern.subscriptions(patterns).map(\.filter) == kept)
        #expect((TopicPattern.conflict(in: patterns) != nil) == overlap)
    }

    @Test(
        "a template that names a value is a path, and one that computes is none",
        arguments: [
            ("{{ value_json.a }}", "a"), ("{{value_json.a.b}}", "a.b"),
            ("{{ value_json['a b'][0].c | float(0) }}", "a b.0.c"),
            ("{{ value_json[\"x\"] | is_defined }}", "x"), ("{{ value }}", ""), ("{{ value_json.a + 1 }}", nil),
            ("{% if value_json.a %}1{% endif %}", nil), ("{{ value_json.a | round(1) }}", nil),
            ("{{ value_json.a", nil),
            ("{{ states('x') }}", nil), ("", nil), ("{{ value_json. }}", nil),
        ])
    func templates(text: String, path: String?) {
        #expect(ValueTemplate(text).map { $0.pointer?.dotted ?? "" } == path)
    }

    @Test("names that come to the same are told apart, and the number of them is bounded")
    func nameBook() {
        var book = NameBook(.identifier, limit: 4)
        #expect(book.entry(for: "Living Room/Lamp") == .name("living-room-lamp"))
        #expect(book.entry(for: "living-room-lamp") == .taken(by: "Living Room/Lamp"))
        #expect(book.entry(for: "Living Room/Lamp") == .name("living-room-lamp"))
        #expect(book.entry(for: "::") == .unusable)
        #expect(book.entry(for: String(repeating: "x", count: 80)) == .name(String(repeating: "x", count: 63)))
        #expect(book.entry(for: "one more") == .full)
        #expect(book.entry(for: String(repeating: "y", count: 1025)) == .unusable)
        #expect(book.count == 4)
    }

    @Test("so is the number of bytes of all of them, as they were written and as they were made")
    func nameBookBytes() {
        var book = NameBook(.series, limit: 1000, bytes: 4096)
        var held = 0
        for number in 0..<20 {
            let name = String(repeating: "-", count: 900) + "n\(number)"
            if case .full = book.entry(for: name) { break }
            held += 1
        }
        #expect(held == 4)
        #expect(book.entry(for: String(repeating: "-", count: 900) + "n0") == .name("n0"), "what is known stays known")
        #expect(book.entry(for: "short") == .name("short"), "and what is short still has room")
    }

    @Test(
        "a series name is made of any name",
        arguments: [
            ("Foo.Bar", "foo.bar"), ("a/b:c", "a.b.c"), ("_x__y_", "x_y"), ("..a..b..", "a.b"), ("Küche °C", "k_che_c"),
            ("--", nil),
            ("9", "9"), (String(repeating: "a", count: 256), nil),
        ])
    func seriesNames(text: String, name: String?) {
        #expect(NameBook.seriesName(of: text) == name)
        if let name { #expect(Series.isValidName(name)) }
    }

    @Test(
        "units of the world are UCUM",
        arguments: [
            ("°C", "Cel"), ("%", "%"), ("kWh", "kW.h"), ("µg/m³", "ug/m3"), ("hPa", "hPa"), ("lx", "lx"),
            ("dBm", "dB"),
            ("inHg", "[in_i'Hg]"), ("V", "V"), ("rpm", "{rev}/min"), ("m³/h", "m3/h"), ("furlong", nil),
            ("ppm", "[ppm]"), ("kN", "kN"), ("kn", "[kn_i]"), ("KN", "kN"), ("pH", "[pH]"), ("RPM", "{rev}/min"),
            ("PSI", "[psi]"), ("Gal", "Gal"),
        ])
    func units(text: String, code: String?) {
        let unit = UnitText.unit(text)
        #expect(unit?.code == code)
        if let unit { #expect(unit.isKnown) }
    }
}
