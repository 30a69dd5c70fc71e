import Configuration
import Scenarios
import Testing

/// Spoils the complete definition one key at a time.
@Suite("Every key, wrong in turn")
struct WrongKeyTests {
    /// A place in the complete definition where one line has a key.
    private static func lines() throws -> [String] {
        try Samples.text("full.good.yaml").split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// Every `key:` of the file as (line, range of the key); keys below `title`, `metrics` and `where` are free.
    private static func keys(in line: String) -> [Range<String.Index>] {
        line.ranges(of: /[a-z][a-z-]*(?=:(\s|$))/).filter { range in
            range.lowerBound == line.startIndex || " {".contains(line[line.index(before: range.lowerBound)])
        }
    }

    private static let freeKeys: Set<String> = [
        "en", "zh", "cycle-time", "grip-force", "joint-heat", "cpu", "joint", "side", "core",
    ]

    @Test("a misspelt key is refused at its line and column, and the right one is named")
    func misspelt() throws {
        let lines = try Self.lines()
        var tried: Set<String> = []
        for (number, line) in lines.enumerated() {
            for range in Self.keys(in: line) {
                let key = String(line[range])
                guard !Self.freeKeys.contains(key) else { continue }
                var spoilt = lines
                spoilt[number].replaceSubrange(range, with: key + "z")
                let complaints = Samples.complaints(
                    ConfigurationFile(name: "f", text: spoilt.joined(separator: "\n")))
                let column = line.unicodeScalars.distance(from: line.startIndex, to: range.lowerBound) + 1
                let wanted = complaints.first {
                    $0.hasPrefix("f:\(number + 1):\(column):") && $0.contains("unknown key")
                }
                // Letters are the nearest name, unless the key that decides what the others may be is the one that is
                // gone.
                #expect(wanted != nil, "\(key) on line \(number + 1): \(complaints)")
                tried.insert(key)
            }
        }
        #expect(tried.count > 50)
    }

    @Test("a value of the wrong kind is refused at its line, whatever the key", arguments: ["[[1]]", "{q: {r: s}}"])
    func wrongKind(value: String) throws {
        let lines = try Self.lines()
        var count = 0
        for (number, line) in lines.enumerated() {
            for range in Self.keys(in: line) {
                // Only scalars: what follows is a word up to a comma, a brace or the end.
                guard let old = line[range.upperBound...].prefixMatch(of: /: ("[^"]*"|[^,\[\{\}#"]+)/) else { continue }
                var spoilt = lines
                spoilt[number] = line.replacingCharacters(in: old.range, with: ": " + value)
                let complaints = Samples.complaints(ConfigurationFile(name: "f", text: spoilt.joined(separator: "\n")))
                #expect(
                    complaints.contains { $0.hasPrefix("f:\(number + 1):") },
                    "\(line[range]) on line \(number + 1): \(complaints)")
                count += 1
            }
        }
        #expect(count > 70)
    }

    @Test(
        "a required key that is not there is named",
        arguments: ["schema", "id", "version", "title", "setting", "criteria"])
    func missing(key: String) throws {
        let lines = """
            schema: fieldproof/scenario/v1
            id: demo
            version: 1.0.0
            title: Demo
            setting: real
            criteria: [{id: a, statistic: proportion, outcome: success, at-least: 0.9}]
            """.split(separator: "\n").filter { !$0.hasPrefix(key + ":") }
        let complaints = Samples.complaints(ConfigurationFile(name: "f", text: lines.joined(separator: "\n")))
        #expect(complaints.count == 1)
        #expect(complaints.first?.contains(" \(key): ") == true, "\(complaints)")
    }
}

extension String {
    fileprivate func replacingCharacters(in range: Range<String.Index>, with text: String) -> String {
        var copy = self
        copy.replaceSubrange(range, with: text)
        return copy
    }
}
