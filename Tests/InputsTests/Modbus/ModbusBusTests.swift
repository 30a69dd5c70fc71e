#if Modbus
import Configuration
import Synchronization
import Telemetry
import Testing

@testable import Inputs

@Suite("Modbus: the master of a bus")
struct ModbusBusTests {
    private final class Scene: Sendable {
        let sink = RecordingSink()
        let log = RecordingLog()
        let link: ScriptedLink
        let input: RunningInput

        init(
            _ yaml: String, _ units: [Int: [Int: UInt16]], failures: [ModbusFailure] = [], closed: ModbusFailure? = nil
        )
            throws
        {
            let settings = try ConfigurationFile(name: "x", text: yaml).decode(ModbusSettings.self)
            let (link, sink, log) = (ScriptedLink(units), sink, log)
            link.state.withLock {
                $0.failures = failures
                $0.closed = closed
            }
            self.link = link
            input = try RunningInput { waker throws(InputError) in
                var bus = ModbusBus(settings, link: link, environment: .test(log: log), sink: sink)
                _ = bus.run(until: waker)
            }
        }

        var lines: [String] {
            sink.samples.map { recorded in
                let quality = recorded.sample.quality.names.map { " " + $0 }.joined()
                return "\(recorded.series.key) = \(recorded.sample.value.plain)\(quality)"
            }
        }

        /// Runs until a condition holds, then ends it.
        func until(_ condition: @escaping (Scene) -> Bool) async {
            #expect(await eventually { condition(self) }, "\(self.lines) \(self.link.requests) \(self.log.text)")
            #expect(await input.stop() == nil)
        }
    }

    private static let device = "device: {url: \"tcp://h:502\", unit: 1}\nevery: 10ms\n"

    @Test("values come scaled, named, marked and of their kinds")
    func values() async throws {
        let scene = try Scene(
            """
            device: {url: "tcp://h:502", unit: 1, name: meter-1}
            every: 1h
            defaults: {kind: input}
            registers:
              - {address: 0, encode: int16, scale: 0.1, series: t, unit: Cel, range: [-20, 50]}
              - {address: 1, scale: 2, offset: -1, series: scaled}
              - {address: 2, series: count, tags: {side: left}}
              - {address: 3, series: missing, invalid: [0x8000, 0x7FFF]}
              - {address: 4, series: mode, states: {0: idle, 1: running}}
              - {address: 5, series: mode.odd, states: {0: idle}}
              - {address: 6, bit: 1, series: door}
              - {address: 7, encode: float32, series: real}
            """,
            [1: [0: 65_331, 1: 5, 2: 7, 3: 0x8000, 4: 1, 5: 9, 6: 2, 7: 0x7FC0, 8: 0]])
        await scene.until { $0.lines.count == 8 }
        #expect(
            scene.lines == [
                "t,device=meter-1 = -20.5 out-of-range", "scaled,device=meter-1 = 9.0",
                "count,device=meter-1,side=left = 7i",
                "missing,device=meter-1 = nan unreliable", "mode,device=meter-1 = \"running\"",
                "mode.odd,device=meter-1 = \"9\" out-of-range", "door,device=meter-1 = true",
                "real,device=meter-1 = nan unreliable",
            ])
        #expect(scene.link.requests == ["1: input 0+9"])
        #expect(scene.sink.series.first?.provenance.range == -20...50)
        #expect(scene.sink.series.map(\.kind) == [.gauge, .gauge, .gauge, .gauge, .state, .state, .state, .gauge])
    }

    @Test("a decimal scale gives the decimal that a person would write")
    func decimals() throws {
        var register = ModbusRegister(
            Series("x"), at: RegisterSpan(kind: .input, address: 0, count: 1), RegisterCodec(.int16))
        register.scale(by: 0.1, offset: 0)
        #expect((0...30_000).allSatisfy { register.scaled(Double($0)) == Double("\($0 / 10).\($0 % 10)") })
        register.scale(by: 0.001, offset: 0)
        #expect(register.scaled(4711) == 4.711)
        register.scale(by: -2, offset: 1)
        #expect(register.scaled(3) == -5)
    }

    @Test("a counter that wraps is counted on, one that resets is not")
    func counters() {
        func channel(_ counting: ModbusRegister.Counting) -> RegisterChannel {
            var register = ModbusRegister(
                Series("x", kind: .counter), at: RegisterSpan(kind: .input, address: 0, count: 1),
                RegisterCodec(.uint16))
            register.counting = counting
            return RegisterChannel(register, series: nil)
        }
        var (wraps, resets) = (channel(.wraps), channel(.resets))
        let counts: [UInt16] = [65_000, 65_535, 3, 2]
        #expect(counts.map { wraps.take([$0])?.value } == [65_000, 65_535, 65_539, 131_074].map { .integer($0) })
        #expect(counts.map { resets.take([$0])?.value } == [65_000, 65_535, 3, 2].map { .integer($0) })
    }

    @Test("the bad register alone is marked, told once, and not asked for again")
    func refused() async throws {
        let registers = (0..<8).map { "  - {address: \($0), kind: input, series: r\($0)}\n" }.joined()
        var words = Dictionary(uniqueKeysWithValues: (0..<8).map { ($0, UInt16($0)) })
        words[5] = nil
        let scene = try Scene(Self.device + "registers:\n" + registers, [1: words])
        await scene.until { $0.lines.count { $0 == "r7 = 7i" } >= 3 }
        let good = [0, 1, 2, 3, 4, 6, 7].map { "r\($0) = \($0)i" }
        #expect(Set(scene.lines.prefix(8)) == Set(good + ["r5 = nan unreliable"]))
        #expect(scene.lines.count { $0.hasPrefix("r5") } == 1)
        #expect(
            Array(scene.link.requests.prefix(10)) == [
                "1: input 0+8", "1: input 0+4", "1: input 4+4", "1: input 4+2", "1: input 4+1", "1: input 5+1",
                "1: input 6+2", "1: input 0+4", "1: input 4+1", "1: input 6+2",
            ])
        #expect(scene.log.text.count { $0.contains("does not have registers") } == 1)
    }

    @Test("a request is repeated before anything is said")
    func repeated() async throws {
        let scene = try Scene(
            Self.device + "registers: [{address: 0, kind: input, series: x}]", [1: [0: 1]],
            failures: [.nonsense("noise")])
        await scene.until { !$0.lines.isEmpty }
        #expect(scene.lines.first == "x = 1i")
        #expect(scene.log.text == ["info: a source answers"])
    }

    @Test("a device that does not answer costs its own values only, and is asked ever more rarely")
    func silence() async throws {
        let scene = try Scene(
            """
            bus: {url: "tcp://h:502", retries: 1}
            every: 10ms
            devices:
              - {unit: 1, name: a, registers: [{address: 0, kind: input, series: x}]}
              - {unit: 2, name: b, registers: [{address: 0, kind: input, series: x}]}
            """, [2: [0: 5]])
        await scene.until { $0.lines.count { $0 == "x,device=b = 5i" } >= 20 }
        // However slow the box: a request and its repetition for each try, and tries come ever more rarely.
        let tries = scene.sink.rejected["no answer"] ?? 0
        #expect((1...10).contains(tries))
        #expect(scene.link.requests.count { $0.hasPrefix("1:") } == 2 * tries)
        #expect(scene.lines.count { $0.contains("device=a") } == tries)
        #expect(scene.lines.contains("x,device=a = nan unreliable"))
        #expect(scene.log.text.count { $0.contains("does not answer") } == 1)
    }

    @Test("what was known last is given once more, marked, when a device falls silent in the middle of a reading")
    func lastKnown() async throws {
        let scene = try Scene(
            Self.device + "registers: [{address: 0, kind: input, series: x}, {address: 9, kind: input, series: y}]",
            [1: [0: 1, 9: 2]])
        #expect(await eventually { scene.lines.count >= 4 })
        scene.link.state.withLock { state in
            state.units[1]?[0] = 8
        }
        #expect(await eventually { scene.lines.contains("x = 8i") })
        scene.link.state.withLock { $0.units[1] = nil }
        await scene.until { $0.lines.last?.hasSuffix("unreliable") == true }
        #expect(scene.lines.contains("y = 2i unreliable"))
    }

    @Test("a connection that the device has closed is opened again at once, and nothing is lost or said")
    func reopened() async throws {
        let scene = try Scene(
            "device: {url: \"tcp://h:502\", unit: 1, retries: 0}\nevery: 10ms\n"
                + "registers: [{address: 0, kind: input, series: x}]", [1: [0: 1]], failures: [.lost("reset")])
        await scene.until { $0.lines.count >= 3 }
        #expect(scene.link.state.withLock { $0.openings } == 2)
        #expect(scene.log.text == ["info: a source answers"])
        #expect(scene.lines.allSatisfy { $0 == "x = 1i" })
    }

    @Test("a bus that cannot be reached is told once for all its devices, and once more when it can")
    func unreachable() async throws {
        let scene = try Scene(
            """
            bus: {url: "tcp://h:502"}
            every: 10ms
            devices:
              - {unit: 1, name: a, registers: [{address: 0, kind: input, series: x}]}
              - {unit: 2, name: b, registers: [{address: 0, kind: input, series: x}]}
            """, [1: [0: 4], 2: [0: 5]], closed: .unreachable("cannot be reached: no route"))
        #expect(await eventually { (scene.sink.rejected["no answer"] ?? 0) >= 2 })
        scene.link.state.withLock { $0.closed = nil }
        await scene.until { $0.lines.contains("x,device=b = 5i") && $0.lines.contains("x,device=a = 4i") }
        #expect(
            scene.log.text == [
                "warning: a source does not answer; trying again", "info: a source answers", "info: a source answers",
                "info: a source answers",
            ])
    }

    @Test("a device without the function that is asked for is one that does not answer, and is told so")
    func wrongTable() async throws {
        let scene = try Scene(
            Self.device + "registers: [{address: 0, kind: holding, series: x}, {address: 1, kind: holding, series: y}]",
            [1: [0: 1]])
        await scene.until { $0.lines.count >= 2 }
        #expect(Set(scene.link.requests) == ["1: holding 0+2"])
        #expect(Set(scene.lines) == ["x = nan unreliable", "y = nan unreliable"])
        #expect(scene.log.text == ["warning: a source does not answer; trying again"])
    }

    @Test("no series beyond the box's limit, and its samples are counted")
    func limit() async throws {
        let settings = try ConfigurationFile(
            name: "x",
            text: Self.device
                + "registers: [{address: 0, kind: input, series: x}, {address: 1, kind: input, series: y}]"
        ).decode(ModbusSettings.self)
        let sink = RecordingSink(limit: 1)
        let link = ScriptedLink([1: [0: 1, 1: 2]])
        let input = try RunningInput { waker throws(InputError) in
            var bus = ModbusBus(settings, link: link, environment: .test(), sink: sink)
            _ = bus.run(until: waker)
        }
        #expect(await eventually { (sink.rejected["limit on series"] ?? 0) > 2 })
        #expect(await input.stop() == nil)
        #expect(sink.series.map(\.name) == ["x"])
    }
}
#endif
