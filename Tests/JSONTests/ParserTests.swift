import JSON
import Testing

@Suite("The parser")
struct ParserTests {
    @Test(
        "reads every legal form",
        arguments: [
            ("null", nil), (" true ", true), ("\t\r\n false\n", false), ("0", 0), ("-1", -1), ("\"\"", ""), ("[]", []),
            ("{}", [:]), ("[ ]", []), ("{ }", [:]), ("[1,2]", [1, 2]), ("[[],[[]]]", [[], [[]]]),
            ("{\"a\":{\"a\":1},\"b\":[]}", ["a": ["a": 1], "b": []]), ("{\"\":0}", ["": 0]),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .double(0x1p63)), ("-9223372036854775809", .double(-0x1p63)),
            ("1.0", 1.0), ("1e3", 1000.0), ("1E+2", 100.0), ("1e-2", 0.01), ("0e1", 0.0), ("-0.5", -0.5),
            ("0.1e-7", 1e-8),
            ("123456789012345678901234567890", 123456789012345678901234567890.0), ("1e-400", 0.0),
            ("0.1000000000000000055511151231257827021181583404541015625", 0.1),
            ("1.7976931348623157e308", 0x1.fffffffffffffp1023),
            (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u0000\u20AC\u20ac\uFFFF""#, "\u{0}€€\u{FFFF}"),
            (#""\ud83d\ude00\uDBFF\uDFFF""#, "😀\u{10FFFF}"), ("\"\u{7F}é😀\u{2028}\"", "\u{7F}é😀\u{2028}"),
            (#""a\nb\\""#, "a\nb\\"), ("{\"é\":1,\"e\u{301}\":2}", ["é": 1, "e\u{301}": 2]),
        ] as [(String, JSONValue)])
    func accepted(text: String, value: JSONValue) throws {
        #expect(try JSONParser.parse(text) == value)
    }

    @Test("keeps the sign of a negative zero")
    func negativeZero() throws {
        #expect(try JSONParser.parse("-0").double?.sign == .minus)
        #expect(try JSONParser.parse("-0").int64 == 0)
    }

    @Test(
        "refuses everything else, and says where",
        arguments: [
            ("", .unexpectedEnd, 0), (" ", .unexpectedEnd, 1), ("[", .unexpectedEnd, 1), ("[1", .unexpectedEnd, 2),
            ("[1,", .unexpectedEnd, 3), ("{", .unexpectedEnd, 1), ("{\"a\"", .unexpectedEnd, 4),
            ("\"a", .unexpectedEnd, 2),
            ("\"\\", .unexpectedEnd, 2), ("\"\\u12", .unexpectedEnd, 5), ("-", .unexpectedEnd, 1),
            ("1.", .unexpectedEnd, 2),
            ("1e", .unexpectedEnd, 2), ("1e+", .unexpectedEnd, 3), ("tru", .unexpectedEnd, 3),
            ("[1,]", .unexpectedCharacter, 3), ("[,1]", .unexpectedCharacter, 1), ("[1 2]", .unexpectedCharacter, 3),
            ("[1}", .unexpectedCharacter, 2), ("{\"a\":1,}", .unexpectedCharacter, 7),
            ("{a:1}", .unexpectedCharacter, 1),
            ("{'a':1}", .unexpectedCharacter, 1), ("{\"a\" 1}", .unexpectedCharacter, 5),
            ("{1:1}", .unexpectedCharacter, 1),
            ("{\"a\":}", .unexpectedCharacter, 5), ("]", .unexpectedCharacter, 0), ("nul1", .unexpectedCharacter, 3),
            ("True", .unexpectedCharacter, 0), ("NaN", .unexpectedCharacter, 0), ("Infinity", .unexpectedCharacter, 0),
            ("-Infinity", .invalidNumber, 1), ("+1", .unexpectedCharacter, 0), (".5", .unexpectedCharacter, 0),
            ("01", .invalidNumber, 0), ("-01", .invalidNumber, 0), ("00", .invalidNumber, 0),
            ("1.e1", .invalidNumber, 2),
            ("--1", .invalidNumber, 1), ("1ea", .invalidNumber, 2), ("0x10", .trailingCharacters, 1),
            ("1_000", .trailingCharacters, 1), ("1 1", .trailingCharacters, 2), ("{}}", .trailingCharacters, 2),
            ("nullx", .trailingCharacters, 4), ("[] // no", .trailingCharacters, 3), ("/**/1", .unexpectedCharacter, 0),
            ("1e400", .numberOutOfRange, 0), ("[-1e309]", .numberOutOfRange, 1), ("\"\n\"", .controlCharacter, 1),
            ("\"a\tb\"", .controlCharacter, 2), ("\"\u{0}\"", .controlCharacter, 1), ("\u{0}", .unexpectedCharacter, 0),
            ("\u{B}1", .unexpectedCharacter, 0), ("\u{A0}1", .unexpectedCharacter, 0),
            ("\u{FEFF}1", .unexpectedCharacter, 0),
            (#""\x""#, .invalidEscape, 1), (#""\u12G4""#, .invalidEscape, 5), (#""\U0041""#, .invalidEscape, 1),
            (#""\u-123""#, .invalidEscape, 3), (#""\u00é0""#, .invalidEscape, 5),
            (#""\ud800""#, .loneSurrogate, 1), (#""\udc00""#, .loneSurrogate, 1),
            (#""\ud800\ud800""#, .loneSurrogate, 1),
            (#""\ud800\u0041""#, .loneSurrogate, 1), (#""x\ud800x""#, .loneSurrogate, 2),
            (#""\ud800\n""#, .loneSurrogate, 1),
            ("{\"a\":1,\"a\":1}", .duplicateKey, 7), (#"{"a":1,"\u0061":1}"#, .duplicateKey, 7),
            ("[{\"b\":1,\"a\":{},\"b\":1}]", .duplicateKey, 15),
        ] as [(String, JSONError.Code, Int)])
    func refused(text: String, code: JSONError.Code, offset: Int) {
        let error = #expect(throws: JSONError.self) { try JSONParser.parse(text) }
        #expect(error?.code == code && error?.place?.offset == offset, "\(String(describing: error))")
    }

    @Test(
        "refuses bytes that are not UTF-8, and says where",
        arguments: [
            ([0x22, 0xFF, 0x22], 1), ([0x22, 0xC0, 0x80, 0x22], 1), ([0x22, 0x61, 0xE2, 0x82, 0x22], 2),
            ([0x22, 0xED, 0xA0, 0x80, 0x22], 1), ([0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], 1), ([0x22, 0x80, 0x22], 1),
            ([0x5B, 0x31, 0x5D, 0xE2], 3),
        ] as [([UInt8], Int)])
    func invalidUTF8(bytes: [UInt8], offset: Int) {
        let error = #expect(throws: JSONError.self) { try JSONParser.parse(bytes) }
        #expect(error?.code == .invalidUTF8 && error?.place?.offset == offset, "\(String(describing: error))")
    }

    @Test(
        "explains faults with line, column and what would be right",
        arguments: [
            ("{\n  \"a\": 1,\n  \"é\" = 2\n}", "line 3, column 7: '=' stands where ':' is needed"),
            ("[1,\n", "line 2, column 1: the text ends where a value is needed"),
            ("[1\u{1}]", "line 1, column 3: the control character 0x1 stands where ',' or ']' is needed"),
            ("{\"seq\":1,\"seq\":2}", "line 1, column 10: the key 'seq' stands twice in this object"),
            ("[😀]", "line 1, column 2: '😀' stands where a value is needed"),
            ("[01]", "line 1, column 2: a number may not begin with a needless 0"),
            ("{} x", "line 1, column 4: 'x' follows the end of the document"),
            ("\u{FEFF}{}", "line 1, column 1: the text begins with a byte order mark; save it without one"),
        ])
    func messages(text: String, message: String) {
        let error = #expect(throws: JSONError.self) { try JSONParser.parse(text) }
        #expect(error?.description == message)
    }
}
