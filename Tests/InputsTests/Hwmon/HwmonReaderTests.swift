import Configuration
import Telemetry
import Testing

@testable import Inputs

@Suite("hwmon: sensors as instruments")
struct HwmonReaderTests {
    /// A board with a sensor of humidity, a power meter, a thermocouple amplifier with fault detection, and a fan.
    private static let board: [String: String] = {
        let chips: [String: [String: String]] = [
            "hwmon0": ["name": "coretemp", "temp1_input": "45000"],
            "hwmon1": [
                "name": "sht3x", "temp1_input": "23456", "temp1_min": "-45000", "temp1_max": "125000",
                "temp1_max_alarm": "0", "temp1_min_alarm": "0", "humidity1_input": "41250",
            ],
            "hwmon2": [
                "name": "ina226", "in0_input": "12", "in1_input": "12034", "in1_label": "supply", "in1_lcrit": "11000",
                "in1_min": "11500", "in1_crit": "13000", "in1_max": "12500", "in1_crit_alarm": "1",
                "in1_max_alarm": "0",
                "curr1_input": "1500", "power1_input": "18051000", "energy1_input": "3600000000",
            ],
            "hwmon3": ["name": "max31827", "temp1_input": "81000", "temp1_fault": "1"],
            "hwmon4": ["name": "max31827", "temp1_input": "20000", "temp1_fault": "0"],
            "hwmon5": [
                "name": "emc2305", "fan1_input": "1187", "fan1_fault": "0", "pwm1": "128", "pwm1_enable": "1",
                "power1_average": "2500000", "power1_average_interval": "1000", "intrusion0_alarm": "1",
            ],
        ]
        var files: [String: String] = [:]
        for (folder, content) in chips {
            for (file, text) in content { files["sys/class/hwmon/\(folder)/\(file)"] = text }
        }
        return files
    }()

    @Test("a reading ends early when the input is to end")
    func endsEarly() throws {
        let tree = try SensorTree(Self.board)
        defer { tree.remove() }
        let settings = try ConfigurationFile(name: "x", text: "{}").decode(HwmonSettings.self)
        let stop = try #require(Waker())
        let scene = SensorScene(HwmonReader(settings, root: tree.root, stop: stop), root: tree.root)
        #expect(scene.read()?.isEmpty == false)
        stop.wake()
        #expect(scene.read() == [])
    }

    private static func scene(_ tree: SensorTree, _ yaml: String = "{}") throws -> SensorScene<HwmonReader> {
        let settings = try ConfigurationFile(name: "x", text: yaml).decode(HwmonSettings.self)
        return SensorScene(HwmonReader(settings, root: tree.root), root: tree.root)
    }

    @Test("every quantity in its unit, with limits as the range, faults as quality, and alarms as states")
    func board() throws {
        let tree = try SensorTree(Self.board)
        defer { tree.remove() }
        try tree.link("sys/class/hwmon/hwmon3/device", to: "../../../1-0042")
        try tree.link("sys/class/hwmon/hwmon4/device", to: "../../../1-0043")
        let scene = try Self.scene(tree)
        #expect(
            try #require(scene.read()) == [
                "hwmon.temperature,chip=sht3x,sensor=temp1 = 23.456 Cel",
                "hwmon.temperature.alarm,chip=sht3x,sensor=temp1 = false 1",
                "hwmon.humidity,chip=sht3x,sensor=humidity1 = 41.25 %",
                "hwmon.voltage,chip=ina226,sensor=in0 = 0.012 V", "hwmon.voltage,chip=ina226,sensor=supply = 12.034 V",
                "hwmon.voltage.alarm,chip=ina226,sensor=supply = true 1",
                "hwmon.current,chip=ina226,sensor=curr1 = 1.5 A", "hwmon.power,chip=ina226,sensor=power1 = 18.051 W",
                "hwmon.energy,chip=ina226,sensor=energy1 = 3600.0 J",
                "hwmon.temperature,chip=max31827-1-0042,sensor=temp1 = nan Cel unreliable",
                "hwmon.temperature,chip=max31827-1-0043,sensor=temp1 = 20.0 Cel",
                "hwmon.power,chip=emc2305,sensor=power1 = 2.5 W",
                "hwmon.fan,chip=emc2305,sensor=fan1 = 1187.0 {rev}/min",
                "hwmon.duty,chip=emc2305,sensor=pwm1 = 50.19607843137255 %",
            ])
        let ranges = Dictionary(uniqueKeysWithValues: scene.sink.series.map { ($0.key, $0.provenance.range) })
        #expect(ranges["hwmon.temperature,chip=sht3x,sensor=temp1"] == .some(-45...125))
        #expect(ranges["hwmon.voltage,chip=ina226,sensor=supply"] == .some(11...13))
        #expect(ranges["hwmon.current,chip=ina226,sensor=curr1"] == .some(nil))
        #expect(scene.sink.series.first { $0.name == "hwmon.energy" }?.kind == .counter)
        #expect(scene.sink.series.allSatisfy { $0.unit.isKnown && Series.isValidName($0.name) })
    }

    @Test("settings pick chips and quantities")
    func picks() throws {
        let tree = try SensorTree(Self.board)
        defer { tree.remove() }
        let one = try Self.scene(tree, "{chips: [coretemp], exclude: []}")
        #expect(one.read() == ["hwmon.temperature,chip=coretemp,sensor=temp1 = 45.0 Cel"])
        let other = try Self.scene(tree, "{chips: [\"ina*\"], collect: [voltage], alarms: false}")
        #expect(other.read()?.count == 2)
        let none = try Self.scene(tree, "{chips: [no-such]}")
        #expect(none.read() == nil)
    }

    @Test("a value beyond the limits is marked, a fault has the last known value, once a minute")
    func marks() throws {
        let tree = try SensorTree(Self.board)
        defer { tree.remove() }
        let scene = try Self.scene(tree, "{chips: [sht3x, max31827-hwmon4], collect: [temperature], alarms: false}")
        let name = "hwmon.temperature,chip=max31827-hwmon4,sensor=temp1"
        #expect(try #require(scene.read()).last == "\(name) = 20.0 Cel")
        try tree.write("sys/class/hwmon/hwmon4/temp1_fault", "1")
        try tree.write("sys/class/hwmon/hwmon1/temp1_input", "130000")
        #expect(
            try #require(scene.read()) == [
                "hwmon.temperature,chip=sht3x,sensor=temp1 = 130.0 Cel out-of-range", "\(name) = 20.0 Cel unreliable",
            ])
        #expect(try #require(scene.read()).count == 1)
        #expect(try #require(scene.read(after: 60)).count == 2)
        try tree.write("sys/class/hwmon/hwmon4/temp1_fault", "0")
        #expect(try #require(scene.read()).last == "\(name) = 20.0 Cel")
    }

    @Test("a chip that is plugged in later is found within a minute")
    func later() throws {
        let tree = try SensorTree([:])
        defer { tree.remove() }
        let scene = try Self.scene(tree)
        #expect(scene.read() == nil)
        try tree.write("sys/class/hwmon/hwmon0/name", "sht3x")
        try tree.write("sys/class/hwmon/hwmon0/temp1_input", "1000")
        #expect(scene.read() == nil)
        #expect(scene.read(after: 60)?.count == 1)
    }

    @Test("the input reads until it is told to end, and says once that there is nothing")
    func input() async throws {
        let tree = try SensorTree(Self.board)
        defer { tree.remove() }
        let (sink, log) = (RecordingSink(), RecordingLog())
        let settings = try ConfigurationFile(name: "x", text: "{every: 10ms, device: cabinet-1}").decode(
            HwmonSettings.self)
        let input = try HwmonInput(settings, environment: .test(root: tree.root, log: log))
        let running = try RunningInput { waker throws(InputError) in try input.run(into: sink, until: waker) }
        #expect(await eventually { sink.samples.count > 50 })
        #expect(await running.stop() == nil)
        #expect(sink.series.allSatisfy { $0[tag: "device"] == "cabinet-1" })
        #expect(log.text == ["info: a source answers"])
    }
}
