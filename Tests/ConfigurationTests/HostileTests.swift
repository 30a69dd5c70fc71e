import Configuration
import Testing

@Suite("Hostile files")
struct HostileTests {
    private func error(_ bytes: [UInt8], limits: YAMLLimits = YAMLLimits()) -> ConfigurationError? {
        do throws(ConfigurationError) {
            _ = try ConfigurationFile(name: "f", bytes: bytes).document(limits: limits)
            return nil
        } catch {
            return error
        }
    }

    private func error(_ text: String) -> ConfigurationError? { error(Array(text.utf8)) }

    @Test(
        "nesting is bounded, and the error stands at the level that is too deep",
        arguments: [("[", "]", 65, "1:65"), ("{a: ", "}", 65, "1:257"), ("- ", "", 65, "1:129")])
    func depth(open: String, close: String, levels: Int, position: String) {
        let deep = String(repeating: open, count: levels) + String(repeating: close, count: levels)
        #expect(error(deep)?.description == "f:\(position): nested more than 64 levels deep; make it flatter")
        let fine = String(repeating: open, count: 64) + String(repeating: close, count: 64)
        #expect(error(fine) == nil)
    }

    @Test(
        "a mebibyte of opening brackets, dashes or keys ends at once",
        arguments: ["[", "{", "- ", "? ", "{a: ", "&a ", "a: "])
    func flood(unit: String) {
        let text = String(repeating: unit, count: (1 << 20) / unit.utf8.count)
        let duration = ContinuousClock().measure { #expect(error(text) != nil) }
        #expect(duration < .seconds(5))
    }

    @Test("aliases of aliases count in full")
    func billionLaughs() {
        var text = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
        for level in 1...9 {
            text +=
                "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
                + "]\n"
        }
        #expect(
            error(text)?.description.hasSuffix(
                "holds more than 100000 values, aliases counted in full; make it smaller")
                == true)
    }

    @Test("aliases cannot build a tower that is deeper than what may be written")
    func aliasTower() {
        var text = "- &a0 []\n"
        for level in 1...80 { text += "- &a\(level) [*a\(level - 1)]\n" }
        #expect(error(text)?.diagnostics.first?.position == SourcePosition(line: 64, column: 9))
    }

    @Test("a file over the limit is not parsed")
    func size() {
        let text = "# " + String(repeating: "x", count: 1 << 20)
        #expect(error(text)?.description == "f:1:1: larger than 1MiB; split it, or remove what does not belong here")
        #expect(error(Array("a: 1".utf8), limits: YAMLLimits(bytes: 4)) == nil)
        #expect(error(Array("a: 12".utf8), limits: YAMLLimits(bytes: 4)) != nil)
    }

    @Test(
        "bytes that are not UTF-8 text are found where they are",
        arguments: [
            ([0x61, 0x3A, 0x20, 0xFF], "1:4"), ([0x0A, 0xC3], "2:1"), ([0x61, 0x0D, 0x0A, 0x00], "2:1"),
            ([0xED, 0xA0, 0x80], "1:1"),
            ([0xC0, 0xAF], "1:1"), ([0xF4, 0x90, 0x80, 0x80], "1:1"), ([0xFF, 0xFE, 0x61, 0x00], "1:1"),
            ([0xC3, 0xA9, 0x0D, 0xC3, 0xA9, 0x07], "2:2"),
        ] as [([UInt8], String)])
    func encoding(bytes: [UInt8], position: String) {
        #expect(error(bytes)?.diagnostics.first?.position?.description == position)
    }

    @Test("thousands of errors make a report of bounded size")
    func manyErrors() {
        let text = (0..<5_000).map { "k\($0): x\n" }.joined()
        guard case .failure(let error) = reading(text, as: .dictionary(of: .double)) else {
            Issue.record("it decoded")
            return
        }
        #expect(error.diagnostics.count == 200)
        #expect(error.omitted == 4_800)
        #expect(error.description.hasSuffix("\nf: and 4800 more; mend these first"))
    }

    @Test("no mutation of a good file crashes, hangs or escapes the error type")
    func mutations() throws {
        let seeds: [UInt64] = [0x5EED, 2_026_1122]
        let samples = [
            "agent: {id: arm-07, labels: {bay: \"3\"}}\nspool: &s {path: /x, size: 512MiB}\n"
                + "inputs:\n  - {type: host, every: 1s}\n",
            "a: &x [1, 0x2, .inf, ~, !!str 5]\nb: *x\nc: |\n  text\n  more\n"
                + "d: >-\n  folded\n? e\n: 'f'\n\"g\\u00e9\": 5 %\n",
        ]
        let spices = [
            "[", "]", "{", "}", ":", "- ", "\t", "&x ", "*x", "!!int ", "|\n", "\"", "'", "#", "\0", "\u{FF}", "---\n",
            "%", "<<: ", "\u{2028}", "\u{85}",
        ]
        for seed in seeds {
            var generator = SplitMix64(state: seed)
            for round in 0..<1_500 {
                var bytes = Array(samples[round % samples.count].utf8)
                for _ in 0..<Int.random(in: 1...6, using: &generator) {
                    let at = Int.random(in: 0...bytes.count, using: &generator)
                    switch Int.random(in: 0..<4, using: &generator) {
                    case 0: bytes.insert(contentsOf: spices.randomElement(using: &generator)?.utf8 ?? "".utf8, at: at)
                    case 1 where at < bytes.count: bytes[at] = UInt8.random(in: .min ... .max, using: &generator)
                    case 2: bytes.removeSubrange(at..<min(bytes.count, at + 5))
                    default: bytes.insert(contentsOf: bytes[..<at].suffix(20), at: at)
                    }
                }
                let file = ConfigurationFile(name: "f", bytes: bytes)
                let extents = lineLengths(bytes)
                do {
                    _ = try file.decode(AgentExample.self)
                } catch {
                    let isPlaced = error.diagnostics.allSatisfy { diagnostic in
                        guard let position = diagnostic.position else { return false }
                        return extents.indices.contains(position.line - 1)
                            && (1...extents[position.line - 1] + 1).contains(position.column)
                            && !diagnostic.message.isEmpty
                    }
                    #expect(isPlaced && !error.diagnostics.isEmpty, "seed \(seed), round \(round): \(error)")
                }
            }
        }
    }
}

/// How many code points each line holds, by the line breaks of YAML 1.1.
private func lineLengths(_ bytes: [UInt8]) -> [Int] {
    var lengths = [0]
    var previous: Unicode.Scalar = " "
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
        switch scalar {
        case "\n" where previous == "\r": break
        case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": lengths.append(0)
        default: lengths[lengths.count - 1] += 1
        }
        previous = scalar
    }
    return lengths
}

/// Sebastiano Vigna's SplitMix64: a generator that a printed seed replays.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
