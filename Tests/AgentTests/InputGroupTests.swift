import Configuration
import Foundation
import Inputs
import Logging
import Platform
import Synchronization
import Telemetry
import Testing

@testable import Agent

@Suite("The inputs of a box, and their change")
struct InputGroupTests {
    /// Notes when it begins and ends; ends when it is told to.
    private struct Probe: RunnableInput {
        let name: String
        let log: Log

        func run(into sink: any SampleSink, until stop: Waker) throws(InputError) {
            log.note("+\(name)")
            while !stop.wait(nanoseconds: 60_000_000_000) {}
            log.note("-\(name)")
        }
    }

    private final class Log: Sendable {
        private let lines = Mutex<[String]>([])
        func note(_ line: String) { lines.withLock { $0.append(line) } }
        var all: [String] { lines.withLock { $0 } }
    }

    private static func definitions(_ items: String) throws -> [InputDefinition] {
        let text = """
            agent: {id: box-01, site: lab}
            mqtt: {url: 'mqtt://127.0.0.1'}
            spool: {path: /spool}
            inputs: [\(items)]
            """
        return try ConfigurationFile(name: "a.yaml", text: text).decode(AgentSettings.self).inputs
    }

    private static func items(_ text: String, _ log: Log) throws -> [InputGroup.Item] {
        try definitions(text).map {
            InputGroup.Item(definition: $0, input: Probe(name: $0.name, log: log), watch: InputWatch())
        }
    }

    private static func wait(_ condition: () -> Bool) -> Bool {
        let clock = SystemClock()
        let deadline = clock.monotonic + 60_000_000_000
        while clock.monotonic < deadline {
            if condition() { return true }
            usleep(2000)
        }
        return condition()
    }

    @Test("only what is written otherwise is ended and started; all end at the end")
    func replace() throws {
        let log = Log()
        let first = "{type: host, name: a}, {type: host, name: b}, {type: host, name: c, every: 2s}"
        let group = InputGroup(try Self.items(first, log), sink: SampleIntake {}, logger: Logger(label: "test"))
        let thread = try OwnThread("group") {
            do { try group.run() } catch { log.note("failed: \(error)") }
        }
        #expect(Self.wait { log.all.count == 3 })
        // a is written otherwise but means the same; b is gone; c has another setting; d is new.
        let second = "{name: a, type: host}, {type: host, name: c, every: 3s}, {type: host, name: d}"
        group.replace(by: try Self.items(second, log))
        #expect(Self.wait { log.all.count == 7 })
        group.replace(by: try Self.items(second, log))
        group.stop()
        thread.join()
        #expect(Set(log.all.prefix(3)) == ["+a", "+b", "+c"])
        #expect(Set(log.all[3..<5]) == ["-b", "-c"])
        #expect(Set(log.all[5..<7]) == ["+c", "+d"])
        #expect(Set(log.all[7...]) == ["-a", "-c", "-d"])
    }

    @Test("what is written in another order, at whatever depth, is the same input")
    func order() throws {
        let one = try Self.definitions(
            "{type: tail, path: /x, format: {type: key-value, fields: {a: {key: x, unit: g}, b: 1}}}")
        let two = try Self.definitions(
            "{format: {fields: {b: 1, a: {unit: g, key: x}}, type: key-value}, path: /x, type: tail}")
        let three = try Self.definitions(
            "{format: {fields: {b: 1, a: {unit: kg, key: x}}, type: key-value}, path: /x, type: tail}")
        #expect(one.map(\.written) == two.map(\.written))
        #expect(one.map(\.written) != three.map(\.written))
    }

    #if Modbus
    @Test("an input whose profile was changed is another one, although its item is written as it was")
    func profile() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("profiles-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func written(_ register: String) throws -> CoreValue {
            let text = "title: T\nsources: ['https://example.com']\nregisters: [\(register)]\n"
            try text.write(to: folder.appendingPathComponent("meter.yaml"), atomically: true, encoding: .utf8)
            let item =
                "{type: modbus, device: {url: 'tcp://h', unit: 1, profile: meter}, profiles: '\(folder.path)'}"
            return try #require(Self.definitions(item).first?.written)
        }
        let first = try written("{address: 1, kind: input, series: x}")
        #expect(try written("{kind: input, address: 1, series: x}") == first)
        #expect(try written("{address: 2, kind: input, series: x}") != first)
    }
    #endif

    @Test("two files differ in what takes effect at the next start only")
    func fixedKeys() throws {
        func settings(_ text: String) throws -> AgentSettings {
            try ConfigurationFile(name: "a.yaml", text: text).decode(AgentSettings.self)
        }
        let old = try settings(
            "agent: {id: box-01, site: lab}\nmqtt: {url: 'mqtt://127.0.0.1'}\nspool: {path: /spool}\ninputs: [{type: host}]\npublish: {senml: off}"
        )
        let new = try settings(
            "agent: {id: box-01, site: lab}\nmqtt: {url: 'mqtt://127.0.0.2'}\nspool: {path: /spool}\ninputs: []\npipeline: [{match: x, scale: 2}]"
        )
        #expect(old.fixedKeys(changedIn: new) == ["mqtt", "publish"])
        #expect(old.fixedKeys(changedIn: old) == [])
    }
}
