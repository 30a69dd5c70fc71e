import JSON
import Testing

@Suite("The writer")
struct WriterTests {
    private func text(_ layout: JSONWriter.Layout = .compact, _ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter(layout: layout)
        body(&writer)
        #expect(writer.isComplete)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private func acknowledgement(_ writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("agent", "arm-07")
        writer.member("through", UInt64(42))
        writer.key("missing")
        writer.beginArray()
        writer.integer(40)
        writer.beginObject()
        writer.endObject()
        writer.endArray()
        writer.member("gaps", [] as [Int])
        writer.member("lag", 0.25)
        writer.member("ok", true)
        writer.member("reason", String?.none)
        writer.member(String("dynamic\n"), JSONValue.array([1, nil]))
        writer.endObject()
    }

    @Test("a key that is part of a text is written as that text would be", arguments: ["a/b\"c", "/", "x/", "/ä\n"])
    func partialKeys(text: String) throws {
        let part = text[try #require(text.firstIndex(of: "/"))...].dropFirst()
        func member(_ key: (inout JSONWriter) -> Void) -> String {
            self.text { writer in
                writer.beginObject()
                key(&writer)
                writer.integer(1)
                writer.endObject()
            }
        }
        #expect(member { $0.key(part: part) } == member { $0.key(String(part)) })
    }

    @Test("puts separators where they belong")
    func compact() {
        let expected =
            #"{"agent":"arm-07","through":42,"missing":[40,{}],"gaps":[],"lag":0.25,"ok":true,"reason":null,"#
            + #""dynamic\n":[1,null]}"#
        #expect(text { acknowledgement(&$0) } == expected)
    }

    @Test("indents by two spaces and leaves empty containers closed")
    func indented() {
        let expected = #"""
            {
              "agent": "arm-07",
              "through": 42,
              "missing": [
                40,
                {}
              ],
              "gaps": [],
              "lag": 0.25,
              "ok": true,
              "reason": null,
              "dynamic\n": [
                1,
                null
              ]
            }
            """#
        #expect(text(.indented) { acknowledgement(&$0) } == expected)
    }

    @Test(
        "escapes what must be escaped, and nothing else",
        arguments: [
            ("", #""""#), ("plain", #""plain""#), ("\"", #""\"""#), ("a\\b", #""a\\b""#), ("/", #""/""#),
            ("\u{8}\t\n\u{C}\r", #""\b\t\n\f\r""#), ("\u{0}\u{1F}", #""\u0000\u001f""#), ("\u{7F}", "\"\u{7F}\""),
            ("x\ny\nz", #""x\ny\nz""#), ("€ 😀 \u{2028}", "\"€ 😀 \u{2028}\""),
        ])
    func escapes(value: String, expected: String) {
        #expect(text { $0.string(value) } == expected)
        #expect(JSONValue.string(value) == .string(value))
    }

    @Test("keeps its memory from one document to the next")
    func reuse() {
        var writer = JSONWriter(capacity: 512)
        acknowledgement(&writer)
        let first = writer.bytes
        writer.removeAll()
        let capacity = writer.bytes.capacity
        #expect(writer.bytes.isEmpty && !writer.isComplete)
        acknowledgement(&writer)
        #expect(writer.bytes == first && writer.bytes.capacity == capacity)
    }

    @Test("can start anew in the middle of a document")
    func abandon() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("a")
        #expect(!writer.isComplete)
        writer.removeAll(keepingCapacity: false)
        writer.null()
        #expect(writer.isComplete && writer.bytes == Array("null".utf8))
    }

    @Test("writes one document a line")
    func lines() {
        var writer = JSONWriter()
        for number in 1...2 {
            writer.beginArray()
            writer.integer(number)
            writer.endArray()
            writer.endLine()
        }
        #expect(writer.bytes == Array("[1]\n[2]\n".utf8))
    }

    @Test("puts raw values in as they are")
    func raw() {
        let expected = #"[{"a": 1},2]"#
        let written = text {
            $0.beginArray()
            $0.raw(Array(#"{"a": 1}"#.utf8))
            $0.integer(2)
            $0.endArray()
        }
        #expect(written == expected)
    }

    #if DEBUG
    @Test("catches calls out of order in debug builds")
    func misuse() async {
        await #expect(processExitsWith: .failure) {
            var writer = JSONWriter()
            writer.beginObject()
            writer.integer(1)
        }
        await #expect(processExitsWith: .failure) {
            var writer = JSONWriter()
            writer.beginArray()
            writer.key("a")
        }
        await #expect(processExitsWith: .failure) {
            var writer = JSONWriter()
            writer.beginArray()
            writer.endObject()
        }
        await #expect(processExitsWith: .failure) {
            var writer = JSONWriter()
            writer.null()
            writer.null()
        }
    }
    #endif
}
