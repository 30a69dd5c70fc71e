import Collector
import Configuration
import Connection
import Delivery
import Testing

@Suite("collector.yaml")
struct CollectorSettingsTests {
    private static let sound = [
        "mqtt": "{url: 'mqtt://127.0.0.1:1883'}", "archive": "{path: /archive}", "store": "sqlite:/store.db",
        "scenarios": "/scenarios",
    ]

    /// A sound file with some keys replaced; nil removes one.
    private static func settings(_ changes: [String: String?] = [:]) throws(ConfigurationError) -> CollectorSettings {
        var keys: [String: String?] = sound.mapValues { $0 }
        keys.merge(changes) { $1 }
        let lines = keys.sorted { $0.key < $1.key }.compactMap { key, value in value.map { "\(key): \($0)\n" } }
        return try ConfigurationFile(name: "c.yaml", text: lines.joined()).decode(CollectorSettings.self)
    }

    @Test("a file with what is needed is read")
    func sound() throws {
        let settings = try Self.settings()
        #expect(settings.archive == "/archive" && settings.store == "/store.db" && settings.scenarios == "/scenarios")
        #expect(settings.broker.topics.root == "fieldproof")
    }

    @Test("a key to sign with is named, or none is")
    func signing() throws {
        #expect(try Self.settings().signingKey == nil)
        #expect(
            try Self.settings(["signing": "{key: /etc/fieldproof/summary.key}"]).signingKey
                == "/etc/fieldproof/summary.key")
    }

    @Test("each needed key is asked for", arguments: ["mqtt", "archive", "store", "scenarios"])
    func missing(key: String) {
        let error = #expect(throws: ConfigurationError.self) { try Self.settings([key: nil]) }
        #expect(error?.description.contains("\(key): missing") == true, "\(String(describing: error))")
    }

    @Test(
        "what cannot be is refused with what can",
        arguments: [
            (
                "store", "postgresql://h/d",
                "PostgreSQL is not part of this version; use sqlite:/var/lib/fieldproof/store.db"
            ),
            ("store", "store.db", "must be 'sqlite:' and an absolute path"),
            ("store", "'sqlite:'", "must be 'sqlite:' and an absolute path"),
            ("store", "sqlite:/", "must be 'sqlite:' and an absolute path"),
            ("store", "sqlite:relative.db", "must be 'sqlite:' and an absolute path"),
            ("archive", "{path: relative}", "archive.path"),
            ("archive", "{path: /a, retention: soon}", "archive.retention"),
            ("archive", "{path: /a, size: 3}", "archive.size"),
            ("archive", "{}", "archive.path: missing"), ("scenarios", "relative", "scenarios"),
            ("http", "{listen: '127.0.0.1:8080'}", "use 'fieldproof report'"),
            ("signing", "{}", "signing.key: missing"), ("signing", "{key: summary.key}", "signing.key"),
            ("signing", "{kye: /k}", "did you mean 'key'?"),
            ("senarios", "/s", "did you mean 'scenarios'?"),
        ])
    func refused(key: String, value: String, advice: String) {
        let error = #expect(throws: ConfigurationError.self) { try Self.settings([key: value]) }
        #expect(error?.description.contains(advice) == true, "\(String(describing: error))")
        #expect(error?.description.hasPrefix("c.yaml:") == true)
    }
}
