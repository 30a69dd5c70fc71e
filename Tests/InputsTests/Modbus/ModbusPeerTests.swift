#if Modbus
import Configuration
import Foundation
import Synchronization
import Telemetry
import Testing

@testable import Inputs

/// `peer.py` as a process: a server by pymodbus that does what it is told.
final class ModbusPeer {
    let process = Process()
    let place: String
    private let input = Pipe()
    private let output = Pipe()

    /// - Parameter arguments: of `peer.py`.
    /// - Throws: when there is no Python with pymodbus.
    init(_ arguments: String...) throws {
        let script = try #require(Bundle.module.resourceURL).appendingPathComponent("Fixtures/modbus/peer.py").path
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", script] + arguments
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        place = Self.line(output)
        try #require(!place.isEmpty, "python3 with the packages of Tests/EndToEnd/requirements.txt must be in PATH")
    }

    func behave(_ manner: String) throws {
        try input.fileHandleForWriting.write(contentsOf: Data((manner + "\n").utf8))
        #expect(Self.line(output) == "ok")
    }

    func end() {
        try? input.fileHandleForWriting.close()
        process.terminate()
        process.waitUntilExit()
    }

    private static func line(_ pipe: Pipe) -> String {
        var text = ""
        while let byte = try? pipe.fileHandleForReading.read(upToCount: 1)?.first, byte != UInt8(ascii: "\n") {
            text.unicodeScalars.append(Unicode.Scalar(byte))
        }
        return text
    }
}

@Suite("Modbus: beside pymodbus", .serialized)
struct ModbusPeerTests {
    private static let registers = """
        registers:
          - {kind: coil, address: 0, series: coil}
          - {kind: discrete, address: 8, series: discrete}
          - {kind: input, address: 0, encode: int16, scale: 0.1, series: temperature, unit: Cel}
          - {kind: input, address: 1, scale: 0.1, series: humidity, unit: "%"}
          - {kind: input, address: 2, encode: float32, series: voltage, unit: V}
          - {kind: input, address: 4, encode: float32, order: CDAB, series: frequency, unit: Hz}
          - {kind: input, address: 6, encode: int64, series: big}
          - {kind: input, address: 10, encode: float64, series: small}
          - {kind: input, address: 14, invalid: 0x8000, series: none}
          - {kind: input, address: 20, encode: uint32, series: energy, counter: wraps}
          - {kind: input, address: 22, series: hole}
          - {kind: input, address: 24, series: behind}
          - {kind: holding, address: 100, encode: text, length: 8, series: model}
          - {kind: holding, address: 200, states: {1: running}, series: mode}
          - {kind: holding, address: 201, bit: 3, series: door}
          - {kind: holding, address: 1299, series: far}
        """
    private static let expected: Set<String> = [
        "coil = true", "discrete = true", "temperature = -20.5", "humidity = 54.6", "voltage = 230.5",
        "frequency = 50.25", "big = -1099511627776i", "small = 1e-09", "none = nan unreliable",
        "energy = 4000000000i", "hole = nan unreliable", "behind = 7i", "model = \"EM-4711 rev B\"",
        "mode = \"running\"", "door = true", "far = 299i",
    ]

    private final class Scene: Sendable {
        let sink = RecordingSink()
        let log = RecordingLog()
        let input: RunningInput

        init(_ yaml: String) throws {
            let settings = try ConfigurationFile(name: "x", text: yaml).decode(ModbusSettings.self)
            let modbus = try ModbusInput(settings, environment: .test(name: "modbus", log: log))
            let sink = sink
            input = try RunningInput { waker throws(InputError) in try modbus.run(into: sink, until: waker) }
        }

        var lines: [String] {
            sink.samples.map { recorded in
                let quality = recorded.sample.quality.names.map { " " + $0 }.joined()
                return "\(recorded.series.key) = \(recorded.sample.value.plain)\(quality)"
            }
        }

        func comes(_ line: String) async -> Bool {
            await eventually { self.lines.last { $0.hasPrefix(line.prefix { $0 != "=" }) } == line }
        }
    }

    private static func device(_ peer: ModbusPeer, _ kind: String, unit: Int = 1) -> String {
        let settings =
            kind == "tcp"
            ? "url: \"tcp://127.0.0.1:\(peer.place)\"" : "url: \"rtu://\(peer.place)\", baud: 115200, parity: none"
        return "device: {\(settings), unit: \(unit), timeout: 300ms, retries: 0}\nevery: 20ms\nlimits: {gap: 8}\n"
    }

    @Test("every kind of value of every table comes over, and holes cost nobody else", arguments: ["tcp", "rtu"])
    func values(kind: String) async throws {
        let peer = try ModbusPeer(kind)
        defer { peer.end() }
        let scene = try Scene(Self.device(peer, kind) + Self.registers)
        #expect(await eventually { Set(scene.lines) == Self.expected }, "\(scene.lines) \(scene.log.text)")
        #expect(await scene.input.stop() == nil)
        #expect(scene.log.text.count == 2, "\(scene.log.text)")
    }

    private static let mishaps = [(2, "exception 4"), (3, "no answer in time"), (4, "is 'kind' right?"), (9, "")]

    @Test(
        "whatever a device does, it is told in words, and its values are marked",
        arguments: ["tcp", "rtu"], mishaps)
    func troubles(kind: String, trouble: (unit: Int, message: String)) async throws {
        let peer = try ModbusPeer(kind)
        defer { peer.end() }
        let link = LibModbusLink(try Self.bus(peer, kind))
        let stop = try #require(Waker())
        try link.open(until: stop)
        var words = [UInt16](repeating: 0, count: 2000)
        let block = ReadBlock(kind: .input, address: 0, count: 1, members: 0..<1)
        do throws(ModbusFailure) {
            try link.read(block, unit: trouble.unit, into: &words)
            Issue.record("unit \(trouble.unit) answered \(words[0])")
        } catch {
            // Behind a gateway an absent unit is an exception of the gateway; on a line nobody answers.
            let message = trouble.unit == 9 ? (kind == "tcp" ? "exception 11" : "no answer in time") : trouble.message
            #expect(error.description.contains(message), "\(error)")
        }
        link.settle(until: stop)
        if !link.isOpen { try link.open(until: stop) }
        try link.read(block, unit: 1, into: &words)
        #expect(words[0] == 65_331, "what came late is not taken for the next answer")
        link.close()
    }

    private static func bus(_ peer: ModbusPeer, _ kind: String) throws -> ModbusBusSettings {
        let text = kind == "tcp" ? "tcp://127.0.0.1:\(peer.place)" : "rtu://\(peer.place)"
        var bus = ModbusBusSettings(address: try ModbusAddress(text))
        bus.line.baud = 115_200
        bus.timeout = 300_000_000
        return bus
    }

    @Test(
        "garbage and silence are seen, and good answers after them", arguments: ["tcp", "rtu"], ["garbage", "silent"])
    func garbage(kind: String, manner: String) async throws {
        let peer = try ModbusPeer(kind)
        defer { peer.end() }
        let scene = try Scene(Self.device(peer, kind) + "registers: [{kind: input, address: 1, series: x}]")
        #expect(await scene.comes("x = 546i"))
        try peer.behave(manner)
        #expect(await scene.comes("x = 546i unreliable"))
        try peer.behave("well")
        #expect(await scene.comes("x = 546i"))
        #expect(await scene.input.stop() == nil)
        #expect(Set(scene.lines) == ["x = 546i", "x = 546i unreliable"], "no garbage is taken for a value")
        #expect(scene.log.text.last == "info: a source answers")
    }

    @Test("an answer of another slave on the line is not taken")
    func foreign() async throws {
        let peer = try ModbusPeer("rtu")
        defer { peer.end() }
        try peer.behave("foreign")
        let scene = try Scene(Self.device(peer, "rtu") + "registers: [{kind: input, address: 1, series: x}]")
        #expect(await scene.comes("x = nan unreliable"))
        #expect(await scene.input.stop() == nil)
    }

    @Test("a server that goes away and comes back is read again")
    func comesBack() async throws {
        let peer = try ModbusPeer("tcp")
        let scene = try Scene(Self.device(peer, "tcp") + "registers: [{kind: input, address: 1, series: x}]")
        #expect(await scene.comes("x = 546i"))
        peer.end()
        #expect(await scene.comes("x = 546i unreliable"))
        let again = try ModbusPeer("tcp", peer.place)
        defer { again.end() }
        #expect(await scene.comes("x = 546i"))
        #expect(await scene.input.stop() == nil)
        #expect(scene.log.text.first == "info: a source answers" && scene.log.text.last == "info: a source answers")
    }

    @Test("two masters cannot share a serial line, and the second is told")
    func occupied() async throws {
        let peer = try ModbusPeer("rtu")
        defer { peer.end() }
        let yaml = Self.device(peer, "rtu") + "registers: [{kind: input, address: 1, series: x}]"
        let first = try Scene(yaml)
        #expect(await first.comes("x = 546i"))
        let second = try Scene(yaml)
        let error = await second.input.end()
        #expect(error?.code == .occupied)
        #expect(error?.message.contains("in use by another program") == true)
        #expect(await first.input.stop() == nil)
    }

    @Test("an input ends soon, whether it waits for a connection, an answer, or the next try")
    func stops() async throws {
        // 192.0.2.0/24 is for documentation (RFC 5737): nobody answers there.
        let connecting = try Scene(
            "device: {url: \"tcp://192.0.2.1:502\", unit: 1, timeout: 4s}\nregisters: [{kind: input, address: 1, series: x}]"
        )
        let peer = try ModbusPeer("tcp")
        defer { peer.end() }
        try peer.behave("silent")
        let waiting = try Scene(Self.device(peer, "tcp") + "registers: [{kind: input, address: 1, series: x}]")
        #expect(await eventually { (waiting.sink.rejected["no answer"] ?? 0) >= 1 })
        let start = ContinuousClock.now
        #expect(await connecting.input.stop() == nil)
        #expect(await waiting.input.stop() == nil)
        #expect(ContinuousClock.now - start < .seconds(3))
    }
}
#endif
