#if Modbus
import Configuration
import Foundation
import Telemetry
import Testing

@testable import Inputs

@Suite("Modbus: settings")
struct ModbusSettingsTests {
    private static func errors(_ yaml: String) -> [String] {
        do throws(ConfigurationError) {
            _ = try ConfigurationFile(name: "x", text: yaml).decode(ModbusSettings.self)
            return []
        } catch {
            return error.description.split(separator: "\n").map(String.init)
        }
    }

    private static let device = "device: {url: \"tcp://h\", unit: 1}\n"

    private static let register = "\nregisters: [{address: 0, kind: input, series: x}]"

    /// One device with one register.
    private static func item(_ register: String) -> String { "\(device)registers: [{\(register)}]" }

    private static let slips: [(String, String)] = [
        ("registers: []", "one of 'device', 'devices' is missing"),
        (device, "there is nothing to read"),
        ("device: {url: \"http://h\", unit: 1}" + register, "must be tcp://"),
        ("device: {url: \"tcp://:502\", unit: 1}" + register, "no host"),
        ("device: {url: \"tcp://h:0\", unit: 1}" + register, "the port"),
        ("device: {url: \"rtu://ttyS0\", unit: 1, baud: 9600, parity: none}" + register, "absolute path"),
        (
            "device: {url: \"rtu:///dev/ttyS0?baud=9600\", unit: 1, baud: 9600, parity: none}" + register,
            "keys of their own"
        ),
        ("device: {url: \"rtu:///dev/ttyS0\", unit: 1, parity: none}" + register, "device.baud: missing"),
        ("device: {url: \"rtu:///dev/ttyS0\", unit: 1, baud: 9601, parity: none}" + register, "must be one of 1200"),
        ("device: {url: \"rtu:///dev/ttyS0\", unit: 255, baud: 9600, parity: none}" + register, "must be 1 to 247"),
        ("device: {url: \"tcp://h\", unit: 1, baud: 9600}" + register, "only for a serial line"),
        ("device: {url: \"tcp://h\", unit: 1, timeout: 5s}" + register, "between 10ms and 4s"),
        (item("address: 0, series: x"), "registers[0].kind: missing"),
        (item("address: 65536, kind: input, series: x"), "between 0 and 65535"),
        (item("address: 65535, kind: input, series: x, encode: uint32"), "behind the last register"),
        (item("address: 0, kind: inputs, series: x"), "did you mean 'input'?"),
        (item("address: 0, kind: input, series: X"), "a series name"),
        (item("address: 0, kind: input, series: x, unit: Celsius"), "is not a UCUM unit"),
        (item("address: 0, kind: input, series: x, encode: float"), "did you mean 'float32'?"),
        (item("address: 0, kind: input, series: x, encode: text"), "needs 'length'"),
        (item("address: 0, kind: input, series: x, length: 2"), "only for text"),
        (item("address: 0, kind: input, series: x, encode: text, length: 2, order: CDAB"), "text is ABCD"),
        (item("address: 0, kind: coil, series: x, encode: int16"), "can only be 'bool'"),
        (item("address: 0, kind: coil, series: x, bit: 1"), "only for registers"),
        (item("address: 0, kind: coil, series: x, unit: V"), "a state has none"),
        (item("address: 0, kind: input, series: x, states: {a: b}"), "must be a whole number"),
        (item("address: 0, kind: input, series: x, encode: int16, counter: wraps"), "only a counter of uint16"),
        (item("address: 0, kind: input, series: x, scale: 0"), "must not be 0"),
        (item("address: 0, kind: input, series: x, range: [5, 1]"), "the least and the greatest"),
        (item("address: 0, kind: input, series: x, tags: {device: b}"), "not 'device'"),
        (
            item("address: 0, kind: input, series: x}, {address: 1, kind: input, series: x"),
            "registers[1]: the series 'x' is there already"
        ),
        (
            device + "limits: {registers: 1}\nregisters: [{address: 0, kind: input, series: x, encode: int32}]",
            "longer than 'limits' allow"
        ),
        (device + "limits: {registers: 126}" + register, "between 1 and 125"),
        (
            "bus: {url: \"tcp://h\"}\ndevices: [{unit: 1, registers: [{address: 0, kind: input, series: x}]}]\nregisters: []",
            "belongs into the items of 'devices'"
        ),
        (
            "device: {url: \"tcp://h\", unit: 1, profile: no-such}\nprofiles: /nowhere",
            "there is no profile 'no-such' in /nowhere; there is none at all"
        ),
    ]

    @Test("every mistake is told with its place and its remedy", arguments: slips)
    func mistakes(yaml: String, message: String) {
        let errors = Self.errors(yaml)
        #expect(errors.count == 1, "\(errors)")
        #expect(errors.first?.contains(message) == true, "\(errors)")
    }

    @Test("what interfaces.md shows is read as it is meant")
    func interface() throws {
        let settings = try ConfigurationFile(
            name: "x",
            text: """
                device: {url: "tcp://10.0.0.9:502", unit: 1}
                every: 500ms
                registers: [{address: 0, kind: input, encode: int16, scale: 0.1, series: room.temperature, unit: Cel}]
                """
        ).decode(ModbusSettings.self)
        #expect(settings.bus.address == .tcp(host: "10.0.0.9", port: 502))
        #expect(settings.devices.map(\.unit) == [1] && settings.devices.first?.every == 500_000_000)
        let register = try #require(settings.devices.first?.registers.first)
        #expect(register.series == Series("room.temperature", unit: .celsius))
        #expect(register.scaled(305) == 30.5)
    }

    @Test(
        "addresses are read and printed alike",
        arguments: [
            ("tcp://10.0.0.9", "tcp://10.0.0.9:502"), ("tcp://plc-1.example:1502", "tcp://plc-1.example:1502"),
            ("tcp://[fe80::1%eth0]:502", "tcp://[fe80::1%eth0]:502"), ("rtu:///dev/ttyUSB0", "rtu:///dev/ttyUSB0"),
        ])
    func addresses(text: String, printed: String) throws {
        #expect(try ModbusAddress(text).description == printed)
    }

    // MARK: - The profiles that come with the house

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../../Firmware-config/devices").standardized.path

    static let profiles = [
        "carlo-gavazzi-em24-e1", "eastron-sdm120", "eastron-sdm630", "janitza-umg96rm", "sma-inverter", "xy-md02",
    ]

    @Test("every profile that comes with the house is one that is tested here")
    func complete() throws {
        let names = directoryNames(Self.folder).filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }
        #expect(names.sorted() == Self.profiles)
    }

    @Test("a profile loads, says where it is from, and reads a device in few requests", arguments: profiles)
    func profile(name: String) throws {
        let settings = try ConfigurationFile(
            name: "x",
            text: "device: {url: \"tcp://h\", unit: 1, profile: \(name)}\nprofiles: \(Self.folder)"
        ).decode(ModbusSettings.self)
        let device = try #require(settings.devices.first)
        #expect(device.registers.count >= 2)
        #expect(device.registers.allSatisfy { $0.series.unit.isKnown })
        let profile = try ConfigurationFile.load("\(Self.folder)/\(name).yaml").decode(ModbusProfile.self)
        #expect(profile.sources.contains { $0.contains("http") })
        let plan = ReadPlan(device.registers.map(\.span), limits: device.limits)
        #expect(plan.blocks.count <= 8, "\(plan.blocks.count) requests for \(device.registers.count) values")
    }

    @Test(
        "a response of a device, as its maker documents it, gives the values that the maker says",
        arguments: [
            // Eastron's own example: 230.2 V are 43 66 33 34.
            ("eastron-sdm120", "voltage", [0x4366, 0x3333], 230.2),
            ("eastron-sdm630", "voltage", [0x4366, 0x3333], 230.2),
            // The seller's examples: 0x0131 is 30.5 °C, 0xFF33 is -20.5 °C.
            ("xy-md02", "temperature", [0x0131], 30.5), ("xy-md02", "temperature", [0xFF33], -20.5),
            ("xy-md02", "humidity", [0x0222], 54.6),
            // Volt*10 as INT32, low word first.
            ("carlo-gavazzi-em24-e1", "voltage", [2302, 0], 230.2),
            ("carlo-gavazzi-em24-e1", "power", [0xFFF6, 0xFFFF], -1),
            ("janitza-umg96rm", "voltage", [0x4366, 0x3333], 230.2), ("sma-inverter", "ac.power", [0, 1500], 1500),
        ] as [(String, String, [UInt16], Double)])
    func values(profile: String, series: String, words: [UInt16], value: Double) throws {
        let profile = try ConfigurationFile.load("\(Self.folder)/\(profile).yaml").decode(ModbusProfile.self)
        let register = try #require(profile.registers.first { $0.series.name == series })
        var channel = RegisterChannel(register, series: nil)
        let number = try #require(channel.take(words[...])?.value.number)
        #expect(abs(number - value) < 1e-5 * abs(value))
    }

    @Test("what SMA's inverters send for 'not available' is no value")
    func notAvailable() throws {
        let profile = try ConfigurationFile.load("\(Self.folder)/sma-inverter.yaml").decode(ModbusProfile.self)
        let register = try #require(profile.registers.first { $0.series.name == "ac.power" })
        var channel = RegisterChannel(register, series: nil)
        let reading = channel.take([0x8000, 0])
        #expect(reading?.quality == .unreliable && reading?.value.number?.isNaN == true)
    }
}
#endif
