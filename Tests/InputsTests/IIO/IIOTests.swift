import Configuration
import Foundation
import Telemetry
import Testing

@testable import Inputs

@Suite("iio: channels")
struct IIOTests {
    private static let devices = "sys/bus/iio/devices"

    @Test(
        "names of files say what a channel is",
        arguments: [
            ("in_temp", "temp", "", ["in_temp"]), ("in_accel_x", "accel", "x", ["in_accel"]),
            ("in_voltage3", "voltage", "3", ["in_voltage"]),
            ("in_voltage3_supply", "voltage", "3_supply", ["in_voltage_supply", "in_voltage"]),
            ("in_voltage0-voltage1", "voltage", "0-1", ["in_voltage-voltage", "in_voltage"]),
            ("in_rot_quaternion", "rot", "quaternion", ["in_rot"]),
            ("in_concentration_co2", "concentration", "co2", ["in_concentration"]),
        ] as [(String, String, String, [String])])
    func names(stem: String, type: String, channel: String, shared: [String]) throws {
        let name = try #require(IIOChannelName(stem))
        #expect(name.type == type && name.channel == channel && name.shared == shared)
    }

    @Test(
        "outputs and other files are no channels", arguments: ["out_voltage0", "name", "in_", "in_0", "in_voltage0-x"])
    func noNames(stem: String) { #expect(IIOChannelName(stem) == nil) }

    @Test("raw numbers get offset and scale, scaled ones their unit, and labels tell channels apart")
    func polled() throws {
        let tree = try SensorTree([
            "\(Self.devices)/iio:device0/name": "bme280", "\(Self.devices)/iio:device0/in_temp_input": "23450",
            "\(Self.devices)/iio:device0/in_pressure_input": "101.325",
            "\(Self.devices)/iio:device0/in_humidityrelative_input": "41250",
            "\(Self.devices)/iio:device1/name": "ads1115", "\(Self.devices)/iio:device1/in_voltage0_raw": "-100",
            "\(Self.devices)/iio:device1/in_voltage_scale": "0.125",
            "\(Self.devices)/iio:device1/in_voltage1_raw": "4000",
            "\(Self.devices)/iio:device1/in_voltage1_scale": "0.0625",
            "\(Self.devices)/iio:device1/in_voltage1_label": "shunt",
            "\(Self.devices)/iio:device1/in_voltage0-voltage1_raw": "8",
            "\(Self.devices)/iio:device1/in_voltage-voltage_scale": "2",
            "\(Self.devices)/iio:device2/label": "accel-base", "\(Self.devices)/iio:device2/in_accel_x_raw": "102",
            "\(Self.devices)/iio:device2/in_accel_scale": "0.009806",
            "\(Self.devices)/iio:device2/in_accel_offset": "-2",
            "\(Self.devices)/iio:device2/in_temp_raw": "oops", "\(Self.devices)/trigger0/name": "t",
        ])
        defer { tree.remove() }
        let scene = SensorScene(IIOReader(IIOSettings(), root: tree.root), root: tree.root)
        #expect(
            try #require(scene.read()).sorted() == [
                "iio.acceleration,channel=x,chip=accel-base = 0.9806 m/s2",
                "iio.humidity,chip=bme280 = 41.25 %", "iio.pressure,chip=bme280 = 101.325 kPa",
                "iio.temperature,chip=accel-base = nan Cel unreliable", "iio.temperature,chip=bme280 = 23.45 Cel",
                "iio.voltage,channel=0,chip=ads1115 = -12.5 mV", "iio.voltage,channel=0-1,chip=ads1115 = 16.0 mV",
                "iio.voltage,channel=shunt,chip=ads1115 = 250.0 mV",
            ])
        #expect(scene.sink.series.allSatisfy { $0.unit.isKnown && Series.isValidName($0.name) })
        let settings = try ConfigurationFile(name: "x", text: "{chips: [ads1115], channels: [in_voltage0]}").decode(
            IIOSettings.self)
        let one = SensorScene(IIOReader(settings, root: tree.root), root: tree.root)
        #expect(one.read() == ["iio.voltage,channel=0,chip=ads1115 = -12.5 mV"])
    }

    @Test(
        "types of scan elements are read",
        arguments: [
            ("le:s12/16>>4", false, 12, 2, 1, 4), ("be:u16/16>>0", true, 16, 2, 1, 0),
            ("le:s64/64", false, 64, 8, 1, 0),
            ("le:s32/32X4>>0", false, 32, 4, 4, 0), ("be:u24/32>>8", true, 24, 4, 1, 8),
            ("le:f32/32", false, 32, 4, 1, 0),
        ] as [(String, Bool, Int, Int, Int, Int)])
    func types(text: String, isBig: Bool, bits: Int, width: Int, count: Int, shift: Int) throws {
        let type = try #require(IIOScanType(text))
        #expect(type.isBigEndian == isBig && type.bits == bits && type.width == width)
        #expect(type.count == count && type.shift == shift)
    }

    @Test(
        "others are refused",
        arguments: [
            "", "le", "xe:s12/16", "le:x12/16", "le:s12", "le:s17/16", "le:s12/16>>5", "le:s12/24", "le:s12/16X0",
            "le:f16/16", "le:s12/16 ",
        ])
    func noTypes(text: String) { #expect(IIOScanType(text) == nil) }

    @Test(
        "numbers are shifted, masked and extended by their sign, in either order of bytes",
        arguments: [
            ("le:s12/16>>4", [0xF0, 0x7F], 2047), ("le:s12/16>>4", [0x0F, 0x80], -2048),
            ("be:s12/16>>4", [0xFF, 0xF7], -1),
            ("be:u24/32>>8", [0x01, 0x02, 0x03, 0xFF], 0x010203), ("le:u8/8", [0xFF], 255), ("le:s8/8", [0xFF], -1),
            ("le:s20/32>>12", [0x00, 0xF0, 0xFF, 0xFF], -1),
            ("be:f32/32", [0x42, 0xF6, 0xE9, 0x79], Double(Float(123.456))),
            ("le:u64/64", [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], Double(UInt64.max - 1)),
        ] as [(String, [UInt8], Double)])
    func numbers(text: String, bytes: [UInt8], value: Double) throws {
        let type = try #require(IIOScanType(text))
        #expect(([0xAA] + bytes).withUnsafeBytes { type.value($0, at: 1) } == value)
    }

    @Test("each element is aligned to its own size, and a scan to the largest")
    func layout() throws {
        func layout(_ types: String...) throws -> IIOScanLayout {
            IIOScanLayout(try types.map { try #require(IIOScanType($0)) })
        }
        // Three axes and a time: what an accelerometer gives.
        let axes = try layout("le:s12/16>>4", "le:s12/16>>4", "le:s12/16>>4", "le:s64/64>>0")
        #expect(axes.offsets == [0, 2, 4, 8] && axes.size == 16)
        let odd = try layout("le:u8/8", "le:u32/32", "le:u8/8")
        #expect(odd.offsets == [0, 4, 8] && odd.size == 12)
        let quaternion = try layout("le:s32/32X4", "le:s64/64")
        #expect(quaternion.offsets == [0, 16] && quaternion.size == 32)
    }

    /// An accelerometer whose character device is a named pipe.
    private static func accelerometer(clock: String = "realtime") throws -> SensorTree {
        let device = "\(Self.devices)/iio:device3"
        var files = [
            "\(device)/name": "adxl355", "\(device)/in_accel_scale": "0.001", "\(device)/sampling_frequency": "100",
            "\(device)/current_timestamp_clock": clock, "\(device)/buffer/enable": "0", "\(device)/buffer/length": "2",
            "\(device)/buffer/watermark": "1", "\(device)/trigger/current_trigger": "",
            "\(Self.devices)/trigger0/name": "ticks", "\(Self.devices)/trigger0/sampling_frequency": "10",
            "\(device)/scan_elements/in_timestamp_en": "0", "\(device)/scan_elements/in_timestamp_index": "3",
            "\(device)/scan_elements/in_timestamp_type": "le:s64/64>>0", "dev/null": "",
        ]
        for (index, axis) in ["x", "y", "z"].enumerated() {
            files["\(device)/scan_elements/in_accel_\(axis)_en"] = axis == "y" ? "1" : "0"
            files["\(device)/scan_elements/in_accel_\(axis)_index"] = "\(index)"
            files["\(device)/scan_elements/in_accel_\(axis)_type"] = "be:s20/32>>4"
        }
        let tree = try SensorTree(files)
        #expect(mkfifo(tree.root + "/dev/iio:device3", 0o600) == 0)
        return tree
    }

    private static func scan(_ x: Int32, _ z: Int32, _ time: Int64) -> [UInt8] {
        [x, z].flatMap { axis in withUnsafeBytes(of: (axis << 4).bigEndian) { Array($0) } }
            + withUnsafeBytes(of: time.littleEndian) { Array($0) }
    }

    @Test("a capture is set up, read in pieces, dated by the chip, and ended")
    func capture() async throws {
        let tree = try Self.accelerometer()
        defer { tree.remove() }
        let settings = try ConfigurationFile(
            name: "x",
            text:
                "{chips: [adxl355], channels: [in_accel_x, in_accel_z], capture: {frequency: 1000, trigger: ticks, length: 64, watermark: 8}}"
        ).decode(IIOSettings.self)
        let (sink, log) = (RecordingSink(), RecordingLog())
        let input = try IIOInput(settings, environment: .test(name: "iio", root: tree.root, log: log))
        let running = try RunningInput { waker throws(InputError) in try input.run(into: sink, until: waker) }
        let device = "\(Self.devices)/iio:device3"
        #expect(await eventually { (try? tree.read("\(device)/buffer/enable")) == "1" })
        let pipe = try #require(FileHandle(forWritingAtPath: tree.root + "/dev/iio:device3"))
        let bytes = (0..<100).flatMap {
            Self.scan(Int32($0), -Int32($0), 1_795_300_000_000_000_000 + Int64($0) * 1_000_000)
        }
        for piece in stride(from: 0, to: bytes.count, by: 37) {
            try pipe.write(contentsOf: Data(bytes[piece..<min(piece + 37, bytes.count)]))
        }
        #expect(await eventually { sink.samples.count == 200 }, "\(sink.samples.count) \(log.text)")
        #expect(await running.stop() == nil)
        try pipe.close()
        let x = sink.samples.filter { $0.series[tag: "channel"] == "x" }
        #expect(x.map(\.sample.value) == (0..<100).map { .double(Double($0) * 0.001) })
        #expect(
            x.map(\.sample.timestamp.nanoseconds) == (0..<100).map { 1_795_300_000_000_000_000 + Int64($0) * 1_000_000 }
        )
        #expect(sink.samples.last?.sample.value == .double(-0.099))
        #expect(sink.priorities == [.bulk])
        #expect(try tree.read("\(device)/scan_elements/in_accel_x_en") == "1")
        #expect(try tree.read("\(device)/scan_elements/in_accel_y_en") == "0")
        #expect(try tree.read("\(device)/scan_elements/in_timestamp_en") == "1")
        #expect(try tree.read("\(device)/trigger/current_trigger") == "ticks")
        #expect(try tree.read("\(Self.devices)/trigger0/sampling_frequency") == "1000")
        #expect(try tree.read("\(device)/buffer/length") == "64")
        #expect(try tree.read("\(device)/buffer/watermark") == "8")
        #expect(try tree.read("\(device)/buffer/enable") == "0", "it is ended")
        #expect(log.text == ["info: a source answers"])
    }

    @Test("times of another clock are moved to the wall clock")
    func otherClock() throws {
        let type = try #require(IIOScanType("le:s64/64"))
        let layout = IIOScanLayout([type])
        let channel = IIOCapture.Channel(
            type: type, offset: 0, scaling: IIOScaling(offset: 0, scale: 1, divisor: 1), series: [SeriesID(rawValue: 0)]
        )
        let dated = IIOCapture(
            channels: [channel], dating: .other(type, 0, CLOCK_MONOTONIC), layout: layout, descriptor: -1,
            files: IIOControl(path: "/nowhere"))
        let now = Timestamp(seconds: 1_795_300_000)
        let moment = monotonicNanoseconds()
        var times: [Int64] = []
        withUnsafeBytes(of: moment.littleEndian) { bytes in
            dated.read(bytes, now: now) { _, time, _ in times.append(time.nanoseconds) }
        }
        #expect(times.count == 1 && abs(times[0] - now.nanoseconds) < 1_000_000_000)
    }

    @Test(
        "a rate that no scans can have gives them all one time",
        arguments: [
            (nil, 0), (0, 0), (-1, 0), (.nan, 0), (.infinity, 0), (1e-9, 0), (0.001, 1_000_000_000_000),
            (100, 10_000_000),
            (1e300, 0),
        ] as [(Double?, Int64)])
    func rates(frequency: Double?, interval: Int64) throws {
        #expect(IIOCapture.interval(at: frequency) == interval)
        // The largest buffer still has times.
        #expect(!interval.multipliedReportingOverflow(by: 1_048_576).overflow)
    }

    @Test("without a time, scans are spread at the rate, the last just now")
    func spread() throws {
        let type = try #require(IIOScanType("le:u8/8"))
        let channel = IIOCapture.Channel(
            type: type, offset: 0, scaling: IIOScaling(offset: 0, scale: 1, divisor: 1), series: [SeriesID(rawValue: 0)]
        )
        let capture = IIOCapture(
            channels: [channel], dating: .spaced(10), layout: IIOScanLayout([type]), descriptor: -1,
            files: IIOControl(path: "/nowhere"))
        var times: [Int64] = []
        [UInt8](repeating: 0, count: 3).withUnsafeBytes { bytes in
            capture.read(bytes, now: Timestamp(nanoseconds: 1000)) { _, time, _ in times.append(time.nanoseconds) }
        }
        #expect(times == [980, 990, 1000])
    }

    @Test(
        "a capture that cannot begin says why, and is tried again",
        arguments: [("nosuch", "in_accel_x"), ("adxl355", "in_nosuch")])
    func failures(chip: String, channel: String) async throws {
        let tree = try Self.accelerometer()
        defer { tree.remove() }
        let settings = try ConfigurationFile(name: "x", text: "{chips: [\(chip)], channels: [\(channel)], capture: {}}")
            .decode(
                IIOSettings.self)
        let (sink, log) = (RecordingSink(), RecordingLog())
        let input = try IIOInput(settings, environment: .test(name: "iio", root: tree.root, log: log))
        let running = try RunningInput { waker throws(InputError) in try input.run(into: sink, until: waker) }
        #expect(await eventually { (sink.rejected["no capture"] ?? 0) >= 1 })
        #expect(await running.stop() == nil)
        #expect(log.text == ["warning: a source does not answer; trying again"])
    }

    @Test("mistakes in settings are told")
    func settings() {
        for (yaml, message) in [
            ("{capture: {}}", "a capture is of one chip"),
            ("{chips: [a], capture: {}, every: 1s}", "no meaning beside 'capture'"),
            ("{chips: [a], capture: {length: 8, watermark: 9}}", "must not be above 'length'"),
        ] {
            #expect(throws: ConfigurationError.self) {
                do {
                    _ = try ConfigurationFile(name: "x", text: yaml).decode(IIOSettings.self)
                } catch {
                    #expect("\(error)".contains(message), "\(error)")
                    throw error
                }
            }
        }
    }
}
