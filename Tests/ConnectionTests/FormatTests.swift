import Configuration
import Connection
import Telemetry
import Testing

@Suite("Names and sockets in configurations")
struct FormatTests {
    private func read<Value: Sendable>(_ text: String, as format: ValueFormat<Value>) throws -> Value {
        try ConfigurationFile(name: "c.yaml", text: text).decode(as: format)
    }

    @Test("an agent must not take the collector's name; a site may")
    func reservedAgent() throws {
        #expect(try read("collector", as: .telemetryIdentifier).text == "collector")
        #expect(try read("collector-2", as: .agentIdentifier).text == "collector-2")
        let error = #expect(throws: ConfigurationError.self) { try read("collector", as: .agentIdentifier) }
        #expect(
            error?.description
                == "c.yaml:1:1: must not be 'collector', which is the collector's own name, found the text 'collector'")
    }

    @Test("an identifier is checked", arguments: ["Arm-07", "-arm", "arm_07", "ärm"])
    func identifiers(text: String) {
        #expect(throws: ConfigurationError.self) { try read(text, as: .agentIdentifier) }
    }

    @Test("a socket is unix: and an absolute path that fits sun_path")
    func sockets() throws {
        #expect(try read("unix:/run/a.sock", as: .unixSocket) == "/run/a.sock")
        let longest = "/" + String(repeating: "a", count: 106)
        #expect(try read("unix:\(longest)", as: .unixSocket) == longest)
        for bad in ["unix:\(longest)a", "unix:a.sock", "/run/a.sock", "tcp:127.0.0.1:1", "''"] {
            let error = #expect(throws: ConfigurationError.self) { try read(bad, as: .unixSocket) }
            #expect(
                error?.description == "c.yaml:1:1: must be 'unix:' and an absolute path shorter than 108 bytes",
                "\(bad)")
        }
    }
}
