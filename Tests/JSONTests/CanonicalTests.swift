import JSON
import Testing

@Suite("The canonical form")
struct CanonicalTests {
    private func canonical(_ text: String) throws -> String {
        String(decoding: try JSONParser.parse(text).canonical(), as: UTF8.self)
    }

    @Test("is RFC 8785's for its example of section 3.2.2")
    func example() throws {
        let input = #"""
            {
              "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
              "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
              "literals": [null, true, false]
            }
            """#
        let expected =
            #"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"#
            + #""string":"€$\u000f\nA'B\"\\\\\"/"}"#
        #expect(try canonical(input) == expected)
    }

    @Test("sorts keys by UTF-16 code units, as in RFC 8785 section 3.2.3")
    func sorting() throws {
        let input = #"""
            {
              "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh",
              "1": "One", "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control",
              "\u00f6": "Latin Small Letter O With Diaeresis"
            }
            """#
        let sorted = try JSONParser.parse(JSONParser.parse(input).canonical())
        #expect(
            sorted.object?.map(\.value.string) == [
                "Carriage Return", "One", "Control", "Latin Small Letter O With Diaeresis", "Euro Sign",
                "Emoji: Grinning Face", "Hebrew Letter Dalet With Dagesh",
            ])
    }

    @Test("keeps two spellings of a letter apart and in order")
    func noNormalization() throws {
        #expect(try canonical("{\"\u{e9}\":1,\"e\u{301}\":2}") == "{\"e\u{301}\":2,\"\u{e9}\":1}")
    }

    @Test("writes integers as the doubles they are")
    func integers() throws {
        #expect(
            try canonical("[9007199254740992,1152921504606846976,-0,1.0]")
                == "[9007199254740992,1152921504606847000,0,1]")
    }

    @Test(
        "refuses what it would have to change",
        arguments: [
            .integer(9_007_199_254_740_993), .double(.nan),
            .double(.infinity), ["a": [.integer(.max)]],
        ] as [JSONValue])
    func refusals(value: JSONValue) {
        let error = #expect(throws: JSONError.self) { try value.canonical() }
        #expect(error?.code == .notRepresentable && error?.place == nil)
    }

    @Test(
        "of a canonical text is that text, also where a large double has digits that are not its own",
        arguments: ["-47223236652161970", "1152921504606847000", "9007199254740994", "-260461306743688540"])
    func idempotence(text: String) throws {
        #expect(try canonical(text) == text)
    }

    @Test("does not depend on member order, white space or escapes, and stays when canonicalised again")
    func stability() throws {
        var random = SeededRandom()
        for _ in 0..<500 {
            var document = random.document()
            guard let once = try? document.canonical() else { continue }
            if case .object(let object) = document { document = .object(JSONObject(object.reversed())) }
            #expect(try document.canonical() == once, "seed \(random.seed)")
            #expect(try JSONParser.parse(document.pretty()).canonical() == once, "seed \(random.seed)")
        }
    }

    @Test("is node's, with its keys sorted", .enabled(if: Peer.node.isInstalled))
    func node() throws {
        var random = SeededRandom()
        let documents = (0..<500).map { _ in random.document() }.filter { (try? $0.canonical()) != nil }
        let script = """
            const sort = v => Array.isArray(v) ? '[' + v.map(sort).join(',') + ']'
                : v && typeof v === 'object' ? '{' + Object.keys(v).sort().map(
                    k => JSON.stringify(k) + ':' + sort(v[k])).join(',') + '}' : JSON.stringify(v);
            const lines = require('fs').readFileSync(0, 'utf8').split('\\n');
            process.stdout.write(lines.map(line => sort(JSON.parse(line)) + '\\n').join(''));
            """
        let answers = try Peer.node.answer(documents.map { $0.compact() }, script: script)
        for (document, answer) in zip(documents, answers) {
            let ours = String(decoding: try document.canonical(), as: UTF8.self)
            try #require(ours == String(decoding: answer, as: UTF8.self), "seed \(random.seed)")
        }
    }
}
