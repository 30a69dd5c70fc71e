import Configuration
import Foundation
import Testing

/// Every `NAME.good.yaml` decodes; every `NAME.bad.yaml` gives exactly the errors of `NAME.bad.txt`.
///
/// `FIELDPROOF_RECORD=1 swift test --filter Fixtures` writes the `.txt` files anew; the diff shows what changed.
@Suite("Fixtures")
struct FixtureTests {
    private static let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

    private static func names(_ suffix: String) -> [String] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: sources.path())) ?? []
        return all.filter { $0.hasSuffix(suffix) }.sorted()
    }

    private static let isRecording = ProcessInfo.processInfo.environment["FIELDPROOF_RECORD"] == "1"

    private func file(_ name: String) throws -> ConfigurationFile {
        ConfigurationFile(name: name, bytes: Array(try Data(contentsOf: Self.sources.appending(path: name))))
    }

    @Test("there are fixtures of both kinds, and no expectation without a file")
    func inventory() {
        #expect(Self.names(".good.yaml").count >= 2)
        #expect(Self.names(".bad.yaml").count >= 10)
        let stems = Self.names(".bad.yaml").map { $0.dropLast(5) }
        #expect(Self.names(".txt").map { $0.dropLast(4) } == stems)
    }

    @Test("a good file decodes", arguments: names(".good.yaml"))
    func good(name: String) throws {
        let example = try file(name).decode(AgentExample.self)
        #expect(example.id == "arm-07")
    }

    @Test("a bad file gives all its errors, in order, word for word", arguments: names(".bad.yaml"))
    func bad(name: String) throws {
        let file = try file(name)
        let error = #expect(throws: ConfigurationError.self) { try file.decode(AgentExample.self) }
        let messages = "\(try #require(error))\n"
        let expectation = Self.sources.appending(path: name.dropLast(5) + ".txt")
        if Self.isRecording { try Data(messages.utf8).write(to: expectation) }
        #expect(messages == String(decoding: try Data(contentsOf: expectation), as: UTF8.self))
    }
}
