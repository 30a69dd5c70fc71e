import Configuration
import Inputs
import Logging
import Platform
import Synchronization
import Telemetry
import Testing

@testable import Agent

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

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
        #expect(Self.wait { log.all.count == 9 })
        group.replace(by: try Self.items(second, log))
        group.stop()
        thread.join()
        #expect(Set(log.all.prefix(3)) == ["+a", "+b", "+c"])
        #expect(Set(log.all[3..<6]) == ["-a", "-b", "-c"])
        #expect(Set(log.all[6..<9]) == ["+a", "+c", "+d"])
        #expect(Set(log.all[9...]) == ["-a", "-c", "-d"])
    }

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
