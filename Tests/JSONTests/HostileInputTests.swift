import JSON
import Testing

@Suite("Hostile input")
struct HostileInputTests {
    private func code(_ text: String, _ limits: JSONParser.Limits = .standard) -> JSONError.Code? {
        do {
            _ = try JSONParser.parse(text, limits: limits)
            return nil
        } catch {
            return error.code
        }
    }

    @Test("may nest to the limit and not beyond", arguments: [1, 64, 256])
    func depth(limit: Int) {
        let limits = JSONParser.Limits(depth: limit)
        let arrays = String(repeating: "[", count: limit) + String(repeating: "]", count: limit)
        #expect(code(arrays, limits) == nil)
        #expect(code("[\(arrays)]", limits) == .tooDeep)
        #expect(code("{\"a\":\(arrays)}", limits) == .tooDeep)
        let side = Array(repeating: String(arrays.dropFirst().dropLast()), count: 3).joined(separator: ",")
        #expect(limit == 1 || code("[\(side)]", limits) == nil, "depth is not the number of containers")
    }

    @Test("of a million brackets is refused at once, whatever limit was asked for")
    func brackets() {
        for opening in ["[", "{\"a\":"] {
            let text = String(repeating: opening, count: 1_000_000)
            #expect(code(text) == .tooDeep)
            #expect(code(text, JSONParser.Limits(depth: .max)) == .tooDeep)
        }
    }

    @Test("may be as long as the limit and not longer")
    func size() {
        #expect(code("[1,2]", JSONParser.Limits(bytes: 5)) == nil)
        #expect(code("[1,2]", JSONParser.Limits(bytes: 4)) == .tooLarge)
        #expect(code("", JSONParser.Limits(bytes: 0)) == .unexpectedEnd)
    }

    @Test("of very many digits is refused, of many read to the nearest double")
    func digits() throws {
        #expect(code("1" + String(repeating: "0", count: 1_000_000)) == .numberOutOfRange)
        #expect(code("0." + String(repeating: "1", count: 1_000_000)) == .numberOutOfRange)
        #expect(code("1e" + String(repeating: "0", count: 1_000_000) + "1") == .numberOutOfRange)
        let half = "1.00000000000000011102230246251565404236316680908203125"
        #expect(try JSONParser.parse(half).double == 1)
        #expect(try JSONParser.parse(half + String(repeating: "0", count: 900) + "1").double == 1.0.nextUp)
    }

    @Test("of 200,000 keys takes linear time and still shows a repeated one", .timeLimit(.minutes(1)))
    func keys() throws {
        let members = (0..<200_000).map { "\"k\($0)\":0" }.joined(separator: ",")
        #expect(try JSONParser.parse("{\(members)}").object?.count == 200_000)
        #expect(code("{\(members),\"k12\":0}") == .duplicateKey)
        for count in [15, 16, 17, 18] {
            let few = (0..<count).map { "\"k\($0)\":0" }.joined(separator: ",")
            #expect(code("{\(few)}") == nil)
            #expect(code("{\(few),\"k\(count - 1)\":0}") == .duplicateKey)
            #expect(code("{\(few),\"k0\":0}") == .duplicateKey)
        }
    }

    @Test("cut off at any byte is an error that lies within it")
    func truncation() throws {
        let text = Array(#" {"a":[1,-2.5e+3,"é\u20ac\ud83d\ude00\n",true,false,null],"b":{"c":[]}}"#.utf8)
        _ = try JSONParser.parse(text)
        for length in 0..<text.count {
            let error = #expect(throws: JSONError.self) { try JSONParser.parse(Array(text.prefix(length))) }
            #expect(error?.code == .unexpectedEnd || error?.code == .invalidUTF8, "after \(length) bytes")
            #expect((0...length).contains(error?.place?.offset ?? -1), "after \(length) bytes")
        }
    }

    @Test("is judged and understood as Python does", .enabled(if: Peer.python.isInstalled))
    func mutations() throws {
        var random = SeededRandom()
        let texts = (0..<4000).map { _ in random.mutated(random.document(depth: 2)) }
        let script = #"""
            import json, math, sys
            def refuse(name): raise ValueError(name)
            def finite(text):
                if math.isinf(float(text)): raise ValueError(text)
                return float(text)
            def integer(text):
                finite(text)
                return int(text)
            def members(pairs):
                if len({key for key, _ in pairs}) < len(pairs): raise ValueError('duplicate')
                return dict(pairs)
            for line in sys.stdin:
                try:
                    text = bytes.fromhex(line.strip()).decode('utf-8')
                    value = json.loads(text, parse_constant=refuse, parse_float=finite, parse_int=integer,
                                       object_pairs_hook=members)
                    print(json.dumps(value, ensure_ascii=False).encode('utf-8').hex())
                except ValueError:
                    print('no')
            """#
        let answers = try Peer.python.answer(texts.map { Array($0.map(\.hexadecimal).joined().utf8) }, script: script)
        var accepted = 0
        for (text, answer) in zip(texts, answers) {
            let note: Comment = "seed \(random.seed), \(String(decoding: text, as: UTF8.self).debugDescription)"
            let ours = try? JSONParser.parse(text)
            try #require((ours == nil) == (answer == Array("no".utf8)), note)
            if let ours {
                accepted += 1
                #expect(try ours.means(JSONParser.parse(bytes(hexadecimal: answer))), note)
            }
        }
        #expect((400..<3600).contains(accepted), "the mutations should leave some texts whole and break others")
    }

    @Test("through Python and back is the same document", .enabled(if: Peer.python.isInstalled))
    func pythonRoundTrip() throws {
        var random = SeededRandom()
        let documents = (0..<1000).map { _ in random.document() }
        let script = """
            import json, sys
            for number, line in enumerate(sys.stdin.buffer):
                print(json.dumps(json.loads(line), ensure_ascii=number % 2 == 0))
            """
        let answers = try Peer.python.answer(documents.map { $0.compact() }, script: script)
        for (document, answer) in zip(documents, answers) {
            try #require(try document.means(JSONParser.parse(answer)), "seed \(random.seed)")
            #expect(try document.means(JSONParser.parse(document.pretty())), "seed \(random.seed)")
        }
    }
}

extension UInt8 {
    fileprivate var hexadecimal: String { (self < 16 ? "0" : "") + String(self, radix: 16) }
}

private func bytes(hexadecimal: [UInt8]) -> [UInt8] {
    stride(from: 0, to: hexadecimal.count, by: 2).compactMap {
        UInt8(String(decoding: hexadecimal[$0..<($0 + 2)], as: UTF8.self), radix: 16)
    }
}

extension SeededRandom {
    /// A document's text with up to three bytes changed, taken out, put in or moved; half of the edits put in what has
    /// a meaning in JSON.
    fileprivate mutating func mutated(_ document: JSONValue) -> [UInt8] {
        let meaningful = Array(#"{}[],:"\/bfnrtu0123456789abcdefD-+.eE "#.utf8) + [0x00, 0x0A, 0x80, 0xC3, 0xED, 0xF0]
        var text = Bool.random(using: &self) ? document.compact() : document.pretty()
        for _ in 0..<Int.random(in: 0...3, using: &self) where !text.isEmpty {
            let place = text.indices.randomElement(using: &self) ?? 0
            let byte =
                Bool.random(using: &self)
                ? meaningful.randomElement(using: &self) ?? 0 : UInt8(truncatingIfNeeded: next())
            switch Int.random(in: 0..<4, using: &self) {
            case 0: text[place] = byte
            case 1: text.remove(at: place)
            case 2: text.insert(byte, at: place)
            default: text.swapAt(place, text.indices.randomElement(using: &self) ?? 0)
            }
        }
        return text
    }
}
