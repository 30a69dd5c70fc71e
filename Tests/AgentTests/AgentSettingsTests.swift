import Agent
import Configuration
import Connection
import Delivery
import Inputs
import Testing

@Suite("agent.yaml")
struct AgentSettingsTests {
    private static let sound = [
        "agent": "{id: box-01, site: lab}", "mqtt": "{url: 'mqtt://127.0.0.1'}", "spool": "{path: /spool}",
        "inputs": "[{type: host}]",
    ]

    /// A sound file with some keys replaced; nil removes one.
    private static func settings(_ changes: [String: String?] = [:]) throws(ConfigurationError) -> AgentSettings {
        var keys: [String: String?] = sound.mapValues { $0 }
        keys.merge(changes) { $1 }
        let lines = keys.sorted { $0.key < $1.key }.compactMap { key, value in value.map { "\(key): \($0)\n" } }
        return try ConfigurationFile(name: "a.yaml", text: lines.joined()).decode(AgentSettings.self)
    }

    @Test("what is not said has the documented default")
    func defaults() throws {
        let settings = try Self.settings()
        #expect(settings.identity.labels.isEmpty)
        #expect(settings.spool.size == 512 << 20)
        #expect(settings.spool.sync == 1_000_000_000)
        #expect(settings.authority == .collector)
        #expect(settings.publishing.senML == .every)
        #expect(settings.publishing.state == 5_000_000_000)
        #expect(settings.controlSocket == "/run/fieldproof/control.sock")
        #expect(settings.broker.topics.root == "fieldproof")
        #expect(settings.inputs.map(\.name) == ["host"])
    }

    @Test("what is said is taken")
    func given() throws {
        let settings = try Self.settings([
            "agent": "{id: box-01, site: lab, labels: {bay: '3'}}", "delivery": "broker",
            "publish": "{senml: latest, state: 'off'}", "control": "{listen: 'unix:/tmp/c.sock'}",
            "spool": "{path: /spool, size: 1GiB, sync: 200ms}",
        ])
        #expect(settings.identity.labels == ["bay": "3"])
        #expect(settings.authority == .broker)
        #expect(settings.publishing.senML == .latest && settings.publishing.state == nil)
        #expect(settings.controlSocket == "/tmp/c.sock")
        #expect(settings.spool.size == 1 << 30 && settings.spool.sync == 200_000_000)
    }

    @Test("each needed key is asked for", arguments: ["agent", "mqtt", "spool", "inputs"])
    func missing(key: String) {
        let error = #expect(throws: ConfigurationError.self) { try Self.settings([key: nil]) }
        #expect(error?.description.contains("\(key): missing") == true, "\(String(describing: error))")
    }

    @Test(
        "the bounds themselves are allowed",
        arguments: [
            ("spool", "{path: /s, size: 32MiB, sync: 50ms}"), ("spool", "{path: /s, size: 1TiB, sync: 60s}"),
            ("publish", "{state: 100ms}"), ("publish", "{state: 1h}"), ("publish", "{senml: 'off'}"),
            ("health", "{listen: 'tcp:[::1]:9273'}"), ("health", "{listen: 'unix:/run/fieldproof/health.sock'}"),
        ])
    func bounds(key: String, value: String) throws {
        _ = try Self.settings([key: value])
    }

    @Test(
        "what lies beyond them, and what this version has not, is refused at its place",
        arguments: [
            ("spool", "{path: /s, size: 31MiB}", "spool.size"), ("spool", "{path: /s, size: 2TiB}", "spool.size"),
            ("spool", "{path: /s, sync: 49ms}", "spool.sync"), ("spool", "{path: /s, sync: 61s}", "spool.sync"),
            ("spool", "{path: relative}", "spool.path"), ("publish", "{state: 99ms}", "publish.state"),
            ("publish", "{state: 2h}", "publish.state"), ("publish", "{senml: some}", "publish.senml"),
            ("delivery", "nobody", "delivery"), ("agent", "{id: Box, site: lab}", "agent.id"),
            ("agent", "{id: collector, site: lab}", "the collector's own name"),
            ("agent", "{id: a, site: 'two words'}", "agent.site"), ("control", "{listen: '/c.sock'}", "control.listen"),
            ("control", "{listen: 'tcp:127.0.0.1:1'}", "control.listen"),
            ("pipeline", "[{match: a, action: blur}]", "pipeline[0].action"),
            ("health", "{}", "health.listen"), ("health", "{listen: 'tcp:localhost:1'}", "is not a numeric address"),
            ("inputs", "[{type: host}, {type: host}]", "give it a 'name' of its own"),
            ("inputs", "[{type: hots}]", "host"), ("imputs", "[]", "did you mean 'inputs'?"),
        ])
    func refused(key: String, value: String, advice: String) {
        let error = #expect(throws: ConfigurationError.self) { try Self.settings([key: value]) }
        #expect(error?.description.contains(advice) == true, "\(String(describing: error))")
        #expect(error?.description.hasPrefix("a.yaml:") == true)
    }

    @Test("a socket's path may be as long as the kernel takes and no longer")
    func socketLength() throws {
        let longest = "/" + String(repeating: "s", count: 106)
        #expect(try Self.settings(["control": "{listen: 'unix:\(longest)'}"]).controlSocket == longest)
        #expect(throws: ConfigurationError.self) { try Self.settings(["control": "{listen: 'unix:\(longest)s'}"]) }
    }
}
