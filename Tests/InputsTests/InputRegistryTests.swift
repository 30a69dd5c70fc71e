import Configuration
import Telemetry
import Testing

@testable import Inputs

@Suite("Inputs in a configuration")
struct InputRegistryTests {
    private struct File: ConfigurationDecodable {
        let inputs: [InputDefinition]

        init(from reader: inout MappingReader) {
            inputs = reader.value("inputs", as: InputRegistry.standard.definitions, default: [])
        }
    }

    private static func read(_ items: String) throws(ConfigurationError) -> [InputDefinition] {
        try ConfigurationFile(name: "agent.yaml", text: "inputs:\n\(items)\n").decode(File.self).inputs
    }

    private static func errors(_ items: String) -> [String] {
        do throws(ConfigurationError) {
            _ = try read(items)
            return []
        } catch {
            return error.description.split(separator: "\n").map(String.init)
        }
    }

    @Test(
        "the sample of every kind passes the check as it stands and can be made",
        arguments: InputRegistry.standard.kinds.map(\.kind))
    func samples(kind: String) throws {
        let found = try #require(InputRegistry.standard[kind])
        let definitions = try Self.read(found.sample)
        let definition = try #require(definitions.first)
        #expect(definition.kind == kind)
        #expect(definition.name == kind)
        _ = try definition.make(.test())
        #expect(!found.summary.isEmpty && !found.summary.contains("\n"))
    }

    @Test("what the sample of the host shows are the defaults")
    func sampleShowsDefaults() throws {
        let sample = try ConfigurationFile(
            name: "s", text: HostInput.sample.replacing("- type: host", with: "  type: host")
        )
        .decode(
            as: .mapping { reader in
                _ = reader.required("type", as: .string)
                return HostSettings(from: &reader)
            })
        let defaults = HostSettings()
        #expect(sample.every == defaults.every)
        #expect(sample.collect == defaults.collect)
        #expect(sample.cores == defaults.cores)
        #expect(sample.exclude.disks == defaults.exclude.disks)
        #expect(sample.exclude.interfaces == defaults.exclude.interfaces)
        #expect(sample.exclude.fileSystems == defaults.exclude.fileSystems)
    }

    @Test("kinds are listed in alphabetical order")
    func kinds() {
        let kinds = InputRegistry.standard.kinds.map(\.kind)
        #expect(kinds == kinds.sorted() && kinds.contains("host") && kinds.contains("line"))
        #expect(InputRegistry.standard.adding(InputKind(HostInput.self)).kinds.count == kinds.count)
    }

    @Test("two inputs of one kind need names")
    func names() throws {
        let two = "  - {type: host}\n  - {type: host, name: host-slow, every: 60s}"
        #expect(try Self.read(two).map(\.name) == ["host", "host-slow"])
        #expect(
            Self.errors("  - {type: host}\n  - {type: host, every: 60s}") == [
                "agent.yaml:3:5: inputs[1]: has the name 'host' of inputs[0]; give it a 'name' of its own"
            ])
        let four = [
            "{type: host}", "{type: line, name: x, listen: 'unix:/run/x.sock'}", "{type: host, name: x}",
            "{type: host}",
        ]
        let errors = Self.errors(four.map { "  - \($0)" }.joined(separator: "\n"))
        #expect(
            errors == [
                "agent.yaml:4:5: inputs[2]: has the name 'x' of inputs[1]; give it a 'name' of its own",
                "agent.yaml:5:5: inputs[3]: has the name 'host' of inputs[0]; give it a 'name' of its own",
            ])
    }

    @Test(
        "every mistake is told with its place",
        arguments: [
            ("  - {type: hots}", "agent.yaml:2:12: inputs[0].type: ", "did you mean 'host'?"),
            ("  - {type: host, evry: 1s}", "agent.yaml:2:18: inputs[0].evry: ", "did you mean 'every'?"),
            ("  - {type: host, every: 1ms}", "agent.yaml:2:25: inputs[0].every: ", "10ms"),
            (
                "  - {type: host, collect: [cpu, disk]}", "agent.yaml:2:33: inputs[0].collect[1]: ",
                "did you mean 'disks'?"
            ),
            ("  - {type: host, device: Arm}", "agent.yaml:2:26: inputs[0].device: ", "must be an id"),
            ("  - {type: line}", "agent.yaml:2:5: inputs[0].listen: ", "missing"),
            (
                "  - {type: line, listen: \"tcp:localhost:1\"}", "agent.yaml:2:26: inputs[0].listen: ",
                "not a numeric address"
            ),
            ("  - {type: line, listen: \"tcp:127.0.0.1\"}", "agent.yaml:2:26: inputs[0].listen: ", "no port"),
            ("  - {type: line, listen: \"tcp:127.0.0.1:70000\"}", "agent.yaml:2:26: inputs[0].listen: ", "no port"),
            ("  - {type: line, listen: \"unix:x.sock\"}", "agent.yaml:2:26: inputs[0].listen: ", "begin with '/'"),
            ("  - {type: line, listen: \"http:x\"}", "agent.yaml:2:26: inputs[0].listen: ", "unix:/path"),
            ("  - {type: line, listen: \"udp:[::1]:1\", precision: m}", "agent.yaml:2:52: inputs[0].precision: ", "ms"),
            (
                "  - {type: line, listen: \"udp:[::1]:1\", mode: 0660}", "agent.yaml:2:47: inputs[0].mode: ",
                "only for unix sockets"
            ),
            (
                "  - {type: line, listen: \"unix:/x\", mode: 999}", "agent.yaml:2:43: inputs[0].mode: ",
                "permissions such as"
            ),
            (
                "  - {type: line, listen: \"unix:/x\", units: {force: newton}}",
                "agent.yaml:2:52: inputs[0].units.force: ", "did you mean 'N'?"
            ),
            (
                "  - {type: mqtt, url: \"mqtt://x\"}", "agent.yaml:2:5: inputs[0]: ", "there is nothing to subscribe to"
            ),
            (
                "  - {type: mqtt, url: \"mqtt://x\", presets: [{preset: zigbee}]}",
                "agent.yaml:2:54: inputs[0].presets[0].preset: ", "did you mean 'zigbee2mqtt'?"
            ),
            (
                "  - {type: mqtt, url: \"mqtt://x\", presets: [{preset: zigbee2mqtt}, {preset: esphome}]}",
                "agent.yaml:2:44: inputs[0].presets: ", "overlap"
            ),
            (
                "  - {type: mqtt, url: \"mqtt://x\", topics: [{topic: \"a/{B}\", event: e}]}",
                "agent.yaml:2:52: inputs[0].topics[0].topic: ", "is no name of a tag"
            ),
            (
                "  - {type: mqtt, url: \"mqtt://x\", ca: /ca, presets: [{preset: tasmota}]}",
                "agent.yaml:2:39: inputs[0].ca: ", "needs TLS"
            ),
            (
                "  - {type: statsd, listen: \"tcp:127.0.0.1:1\"}", "agent.yaml:2:28: inputs[0].listen: ",
                "comes in datagrams"
            ),
            (
                "  - {type: prometheus, url: \"https://x\"}", "agent.yaml:2:29: inputs[0].url: ",
                "put a proxy on this box"
            ),
            (
                "  - {type: prometheus, url: \"http://x\", every: 1s, timeout: 2s}",
                "agent.yaml:2:61: inputs[0].timeout: ", "longer than 'every'"
            ),
            (
                "  - {type: line, listen: \"unix:/x\", units: {Force: N}}", "agent.yaml:2:45: inputs[0].units.Force: ",
                "a series name"
            ),
        ])
    func mistakes(item: String, place: String, message: String) {
        let errors = Self.errors(item)
        #expect(errors.count == 1, "\(errors)")
        #expect(errors.first?.hasPrefix(place) == true, "\(errors)")
        #expect(errors.first?.contains(message) == true, "\(errors)")
    }

    @Test("a kind that this build lacks is told apart from one that does not exist")
    func absent() {
        let registry = InputRegistry(
            [InputKind(HostInput.self)], absent: ["wire": "this agent was built without it; do so"])
        let file = ConfigurationFile(name: "agent.yaml", text: "- {type: wire, url: x}\n- {type: host}\n- {type: wir}")
        do throws(ConfigurationError) {
            _ = try file.decode(as: registry.definitions)
            Issue.record("it was read")
        } catch {
            let lines = error.description.split(separator: "\n")
            #expect(lines.count == 2, "\(lines)")
            #expect(lines.first == "agent.yaml:1:10: [0].type: this agent was built without it; do so")
            #expect(lines.last?.contains("did you mean 'wire'?") == true)
        }
    }

    @Test("permissions are octal however they are written", arguments: ["0660", "\"0660\"", "660", "0o660"])
    func permissions(text: String) throws {
        let settings = try ConfigurationFile(name: "x", text: "{listen: \"unix:/x\", mode: \(text)}").decode(
            LineSettings.self)
        #expect(settings.mode == 0o660)
    }

    @Test("a path longer than a unix socket may have is refused before it is tried")
    func longPath() throws {
        let longest = "unix:/" + String(repeating: "x", count: 106)
        #expect(try ListenAddress(longest).description == longest)
        #expect(throws: InvalidValue.self) { try ListenAddress(longest + "x") }
    }
}
