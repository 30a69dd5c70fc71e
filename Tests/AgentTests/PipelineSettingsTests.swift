import Configuration
import Synchronization
import Telemetry
import Testing

@testable import Agent

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

@Suite("pipeline: in agent.yaml")
struct PipelineSettingsTests {
    private static func rules(_ pipeline: String) throws(ConfigurationError) -> [RedactionRule] {
        let text = """
            agent: {id: box-01, site: lab}
            mqtt: {url: 'mqtt://127.0.0.1'}
            spool: {path: /spool}
            inputs: [{type: host}]
            pipeline:
            \(pipeline)
            """
        return try ConfigurationFile(name: "a.yaml", text: text).decode(AgentSettings.self).pipeline
    }

    @Test("every action is read with its parameters")
    func sound() throws {
        let rules = try Self.rules(
            """
              - {match: "person.id", action: pseudonymise, key-file: /etc/k, tags: [person, operator]}
              - {match: "person.face.*", action: drop}
              - {match: "room.position.*", action: coarsen, step: 0.5 m}
              - {match: "bed.*", action: consent, subject: resident-3, default: withdrawn}
              - {match: "*.pulse", action: consent, tag: person}
            """)
        #expect(rules.map(\.pattern.text) == ["person.id", "person.face.*", "room.position.*", "bed.*", "*.pulse"])
        #expect(
            rules.map(\.action) == [
                .pseudonymise(keyFile: "/etc/k", tags: ["person", "operator"]), .drop,
                .coarsen(step: 0.5, unit: Unit("m") ?? .one), .consent(.subject("resident-3")),
                .consent(.tag("person")),
            ])
    }

    @Test(
        "what is wrong is said at its place",
        arguments: [
            (
                "- {match: a.*, action: drpo}",
                "6:26: pipeline[0].action: expected one of coarsen, consent, drop, pseudonymise"
            ),
            ("- {match: a.*}", "pipeline[0].match: does nothing; give an 'action', or a step"),
            ("- {action: drop}", "pipeline[0].match: missing"),
            ("- {match: A, action: drop}", "pipeline[0].match: must be a series name"),
            ("- {match: a, action: drop, step: 1}", "pipeline[0].step: unknown key"),
            ("- {match: a, action: pseudonymise}", "pipeline[0].key-file: missing"),
            ("- {match: a, action: pseudonymise, key-file: k}", "pipeline[0].key-file"),
            ("- {match: a, action: pseudonymise, key-file: /k, tags: []}", "pipeline[0].tags: must have"),
            ("- {match: a, action: pseudonymise, key-file: /k, tags: ['a,b']}", "pipeline[0].tags[0]: must be 1 to 64"),
            ("- {match: a, action: coarsen}", "pipeline[0].step: missing"),
            ("- {match: a, action: coarsen, step: 0 m}", "pipeline[0].step: must be above 0"),
            ("- {match: a, action: coarsen, step: 1 metre}", "pipeline[0].step: 'metre' is not a UCUM unit"),
            ("- {match: a, action: consent}", "pipeline[0].action: say whose consent is needed"),
            ("- {match: a, action: consent, subject: a, tag: b}", "pipeline[0].tag: say either whose consent it is"),
            (
                "- {match: a, action: consent, subject: a b}",
                "pipeline[0].subject: must be 1 to 64 bytes without spaces"
            ),
            (
                "- {match: a, action: consent, tag: b, default: granted}",
                "pipeline[0].default: must be 'withdrawn': silence"
            ),
            (
                "- {match: a.*, action: drop}\n  - {match: a.b, action: consent, tag: b}",
                "pipeline[1] is never reached: pipeline[0] drops all that fits 'a.b'; remove one of them"
            ),
            (
                "- {match: a.*, action: drop}\n  - {match: a.b, action: coarsen, step: 1}",
                "pipeline[1] is never reached: pipeline[0] drops all that fits 'a.b'; remove one of them"
            ),
        ])
    func wrong(pipeline: String, message: String) {
        let error = #expect(throws: ConfigurationError.self) { try Self.rules("  " + pipeline) }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }

    private static let number = Atomic(0)

    /// A file in the place for temporary ones, removed afterwards.
    private static func withFile<Result>(
        _ text: String, mode: mode_t, _ body: (String) throws -> Result
    ) throws -> Result {
        let path = "/tmp/fieldproof-key-\(getpid())-\(number.add(1, ordering: .relaxed).newValue)"
        let file = open(path, O_CREAT | O_WRONLY | O_EXCL, 0o600)
        try #require(file >= 0)
        defer { unlink(path) }
        #expect(write(file, text, text.utf8.count) == text.utf8.count && fchmod(file, mode) == 0 && close(file) == 0)
        return try body(path)
    }

    @Test("a key is its file's bytes without the line end", arguments: [mode_t(0o600), 0o640, 0o400])
    func key(mode: mode_t) throws {
        let secret = "0123456789abcdef"
        let read = try Self.withFile(secret + "\r\n", mode: mode) { try PseudonymKey(file: $0) }
        #expect(read.id == PseudonymKey(Array(secret.utf8)).id)
    }

    @Test(
        "a key that everybody can read, that is short or is not there is refused with what to do",
        arguments: [
            ("0123456789abcdef", mode_t(0o644), "chmod o="), ("0123456789abcdef", 0o602, "chmod o="),
            ("0123456789abcde\n", 0o600, "openssl rand -hex 32"), ("\n\n", 0o600, "fewer than 16 bytes"),
        ])
    func refused(text: String, mode: mode_t, message: String) throws {
        try Self.withFile(text, mode: mode) { path in
            let error = #expect(throws: AgentError.self) {
                try Redaction([RedactionRule(.any, .pseudonymise(keyFile: path, tags: []))])
            }
            #expect(error?.code == .pipeline && error?.description.contains(message) == true)
            #expect(error?.description.contains(path) == true && error?.description.contains("0123") == false)
        }
        let missing = #expect(throws: AgentError.self) { try PseudonymKey(file: "/nowhere/key") }
        #expect(missing?.description.contains("/nowhere/key: cannot be read") == true)
    }
}
