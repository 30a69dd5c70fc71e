import Configuration
import Testing

@Suite("The tree")
struct TreeTests {
    private func root(_ text: String) throws(ConfigurationError) -> Node {
        try ConfigurationFile(name: "f", text: text).document().root
    }

    @Test(
        "scalars resolve by the core schema of YAML 1.2",
        arguments: [
            ("", .null), ("~", .null), ("null", .null), ("NULL", .null), ("nUll", .string("nUll")),
            ("true", .bool(true)), ("FALSE", .bool(false)), ("yes", .string("yes")), ("No", .string("No")),
            ("0", .integer(0)), ("-12", .integer(-12)), ("+12", .integer(12)), ("010", .integer(10)),
            ("0o10", .integer(8)), ("0xfF", .integer(255)), ("0b1", .string("0b1")), ("1_000", .string("1_000")),
            ("-0x1", .string("-0x1")), ("0x", .string("0x")), ("0x+1", .string("0x+1")),
            ("9223372036854775807", .integer(.max)), ("9223372036854775808", .double(9_223_372_036_854_775_808)),
            ("1.", .double(1)), (".5", .double(0.5)), ("-.5e-3", .double(-0.0005)), ("1e3", .double(1000)),
            ("1e", .string("1e")), ("1e+", .string("1e+")), (".", .string(".")), ("+", .string("+")),
            (".e1", .string(".e1")),
            (".inf", .double(.infinity)), ("-.INF", .double(-.infinity)), ("inf", .string("inf")),
            ("nan", .string("nan")),
            ("12:30:45", .string("12:30:45")), ("2026-11-22", .string("2026-11-22")), ("1.2.0", .string("1.2.0")),
            ("\"12\"", .string("12")), ("'true'", .string("true")), ("''", .string("")),
            ("!!str 12", .string("12")), ("!!float 12", .double(12)), ("!!int 12", .integer(12)), ("!!null ''", .null),
            ("!!int '12'", .integer(12)), ("sqlite:/var/a.db", .string("sqlite:/var/a.db")),
        ] as [(String, CoreValue)])
    func coreSchema(text: String, expected: CoreValue) throws {
        let value = try root("a: " + text).coreValue
        #expect(value == .mapping([.init(key: "a", value: expected)]))
    }

    @Test("a not-a-number is a number")
    func notANumber() throws {
        guard case .sequence(let values) = try root("[.nan]").coreValue, case .double(let value) = values.first else {
            Issue.record("not a double")
            return
        }
        #expect(value.isNaN)
    }

    @Test("blocks keep their text and quotes their escapes")
    func styles() throws {
        let value = try root("a: |\n  x\n   y\nb: >-\n  x\n  y\nc: \"\\u6293\\n\"\nd: 'it''s'\n").coreValue
        #expect(
            value
                == .mapping([
                    .init(key: "a", value: .string("x\n y\n")), .init(key: "b", value: .string("x y")),
                    .init(key: "c", value: .string("抓\n")), .init(key: "d", value: .string("it's")),
                ]))
    }

    @Test("the empty file is the empty mapping", arguments: ["", "\n", "# x", "\u{FEFF}", "  \n#\n"])
    func empty(text: String) throws {
        #expect(try root(text).coreValue == .mapping([]))
    }

    @Test("keys keep their order, whatever they look like")
    func order() throws {
        guard case .mapping(let pairs) = try root("z: 1\n1: 2\ntrue: 3\n\"<<\": 4\na: 5\n").content else {
            Issue.record("not a mapping")
            return
        }
        #expect(pairs.map(\.key) == ["z", "1", "true", "<<", "a"])
        #expect(pairs.map(\.keyPosition.line) == [1, 2, 3, 4, 5])
    }

    @Test("positions count lines and code points from 1, byte order mark, carriage returns and wide characters or not")
    func positions() throws {
        let node = try root("\u{FEFF}é: {抓: [1, \"x\"]}\r\nb:\r\n  - c\r\n")
        guard case .mapping(let pairs) = node.content, case .mapping(let inner) = pairs[0].value.content,
            case .sequence(let first) = inner[0].value.content, case .sequence(let second) = pairs[1].value.content
        else {
            Issue.record("another shape")
            return
        }
        let found = [
            node.position, pairs[0].keyPosition, pairs[0].value.position, inner[0].keyPosition, inner[0].value.position,
            first[0].position, first[1].position, pairs[1].keyPosition, second[0].position,
        ]
        #expect(found.map(\.description) == ["1:1", "1:1", "1:4", "1:5", "1:8", "1:9", "1:12", "2:1", "3:5"])
    }

    @Test("an alias stands where it is written and holds what its anchor holds")
    func aliases() throws {
        let node = try root("a: &x {k: &y 1}\nb: *x\nc: *y\n*y : d\ne: &x 2\nf: *x\n")
        guard case .mapping(let pairs) = node.content else {
            Issue.record("not a mapping")
            return
        }
        #expect(pairs[1].value.coreValue == pairs[0].value.coreValue)
        #expect(pairs[1].value.position == SourcePosition(line: 2, column: 4))
        #expect(pairs[2].value.coreValue == .integer(1))
        #expect(pairs[3].key == "1")
        #expect(pairs[5].value.coreValue == .integer(2))
    }

    @Test("the same content in another style has the same core value")
    func canonical() throws {
        let block = try root("b: [1, 2]\na: {x: 'y'}\n").coreValue
        let flow = try root("# note\n{\"b\": [1, 2], \"a\": {\"x\": \"y\"}}").coreValue
        #expect(block == flow)
    }
}
