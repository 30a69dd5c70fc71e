import Configuration
import Telemetry
import Testing

@testable import Inputs

@Suite("w1: thermometers on 1-Wire buses")
struct W1ReaderTests {
    private static let good = "72 01 4b 46 7f ff 0e 10 57 : crc=57 YES\n72 01 4b 46 7f ff 0e 10 57 t=23125"

    @Test(
        "what w1_slave says is taken apart, and nonsense with a right checksum is seen",
        arguments: [
            (good, 23_125, true, false),
            ("72 01 4b 46 7f ff 0e 10 57 : crc=3a NO\n72 01 4b 46 7f ff 0e 10 57 t=23125", 23_125, false, false),
            ("5e ff 4b 46 7f ff 02 10 45 : crc=45 YES\n5e ff 4b 46 7f ff 02 10 45 t=-10125", -10_125, true, false),
            // Power-on: byte 6 is 0c. Measured: it is not.
            ("50 05 4b 46 7f ff 0c 10 1c : crc=1c YES\n50 05 4b 46 7f ff 0c 10 1c t=85000", 85_000, true, true),
            ("50 05 4b 46 7f ff 10 10 00 : crc=00 YES\n50 05 4b 46 7f ff 10 10 00 t=85000", 85_000, true, false),
            ("ff 07 4b 46 7f ff 0c 10 1c : crc=1c YES\nff 07 4b 46 7f ff 0c 10 1c t=127937", 127_937, true, true),
            ("00 00 00 00 00 00 00 00 00 : crc=00 YES\n00 00 00 00 00 00 00 00 00 t=0", 0, true, true),
            ("ff ff ff ff ff ff ff ff ff : crc=c9 NO\nff ff ff ff ff ff ff ff ff t=-62", -62, false, true),
        ] as [(String, Int, Bool, Bool)])
    func scratchpad(text: String, temperature: Int, isChecked: Bool, isNonsense: Bool) throws {
        let pad = try #require(W1Scratchpad(text + "\n"))
        #expect(pad.temperature == temperature && pad.isChecked == isChecked && pad.isNonsense == isNonsense)
    }

    @Test("other text is none", arguments: ["", "72 01", "x\ny", "72 01 4b 46 7f ff 0e 10 57 : crc=57 YES\n"])
    func other(text: String) { #expect(W1Scratchpad(text) == nil) }

    @Test(
        "a temperature alone is believed as far as it can be",
        arguments: [
            (85_000, nil, false), (85_000, 21, false), (85_000, 80, true), (84_937, nil, true), (-127_000, 20, false),
            (-55_000, nil, true), (125_001, nil, false),
        ] as [(Int, Double?, Bool)])
    func plausible(temperature: Int, last: Double?, isCredible: Bool) {
        #expect(W1Plausibility.isCredible(temperature, after: last) == isCredible)
    }

    private static func scene(_ tree: SensorTree, _ yaml: String = "{}") throws -> SensorScene<W1Reader> {
        let settings = try ConfigurationFile(name: "x", text: yaml).decode(W1Settings.self)
        let reader = W1Reader(
            settings, root: tree.root, logger: RecordingLog().logger, stop: try #require(Waker()))
        return SensorScene(reader, root: tree.root)
    }

    private static let devices = "sys/bus/w1/devices"

    @Test("sensors are read, named, and marked when their bus is bad")
    func reading() throws {
        let tree = try SensorTree([
            "\(Self.devices)/28-0316a2798bff/w1_slave": Self.good,
            "\(Self.devices)/10-000802b5a1c2/temperature": "-5250",
            "\(Self.devices)/3b-0c98073da1c2/w1_slave":
                "72 01 4b 46 7f ff 0e 10 57 : crc=3a NO\n72 01 4b 46 7f ff 0e 10 57 t=23125",
            "\(Self.devices)/26-000802b5a1c2/vad": "5",
            "\(Self.devices)/w1_bus_master1/w1_master_slaves": "28-0316a2798bff",
        ])
        defer { tree.remove() }
        let scene = try Self.scene(tree, "{names: {28-0316a2798bff: oven, 28-0417714bd3ff: lost}}")
        #expect(
            try #require(scene.read()).sorted() == [
                "w1.temperature,sensor=10-000802b5a1c2 = -5.25 Cel",
                "w1.temperature,sensor=3b-0c98073da1c2 = nan Cel unreliable",
                "w1.temperature,sensor=lost = nan Cel unreliable", "w1.temperature,sensor=oven = 23.125 Cel",
            ])
        let oven = try #require(scene.sink.series.first { $0[tag: "sensor"] == "oven" })
        #expect(oven.provenance == Provenance(serial: "28-0316a2798bff", range: -55...125))
        try tree.write(
            "\(Self.devices)/28-0316a2798bff/w1_slave",
            "50 05 4b 46 7f ff 0c 10 1c : crc=1c YES\n50 05 4b 46 7f ff 0c 10 1c t=85000")
        #expect(try #require(scene.read()).contains("w1.temperature,sensor=oven = 23.125 Cel unreliable"))
        // Told once; the others of that reading are good.
        #expect(try #require(scene.read()) == ["w1.temperature,sensor=10-000802b5a1c2 = -5.25 Cel"])
    }

    @Test("all sensors of a bus measure at once where the driver can")
    func bulk() throws {
        let tree = try SensorTree([
            "\(Self.devices)/w1_bus_master1/therm_bulk_read": "0",
            "\(Self.devices)/28-0316a2798bff/temperature": "21000",
            "\(Self.devices)/28-0316a2798bff/w1_slave": Self.good,
            "\(Self.devices)/28-0417714bd3ff/temperature": "22000",
            "\(Self.devices)/28-0417714bd3ff/w1_slave": Self.good,
        ])
        defer { tree.remove() }
        let scene = try Self.scene(tree)
        #expect(
            scene.read() == [
                "w1.temperature,sensor=28-0316a2798bff = 21.0 Cel", "w1.temperature,sensor=28-0417714bd3ff = 22.0 Cel",
            ])
        #expect(try tree.read("\(Self.devices)/w1_bus_master1/therm_bulk_read") == "trigger")
        let single = try Self.scene(tree, "{bulk: off}")
        #expect(try #require(single.read()).allSatisfy { $0.hasSuffix("= 23.125 Cel") })
    }

    @Test("only the named ones are read if so wished, and mistakes are told")
    func settings() throws {
        let tree = try SensorTree(["\(Self.devices)/28-0316a2798bff/w1_slave": Self.good])
        defer { tree.remove() }
        let scene = try Self.scene(tree, "{names: {28-0417714bd3ff: room}, only-named: true}")
        #expect(try #require(scene.read()) == ["w1.temperature,sensor=room = nan Cel unreliable"])
        for (yaml, message) in [
            ("{names: {26-0417714bd3ff: a}}", "the id of a thermometer"),
            ("{only-named: true}", "nothing would be read"),
            ("{names: {28-0417714bd3ff: a, 28-0417714bd3fe: a}}", "two sensors have one name"),
        ] {
            #expect(throws: ConfigurationError.self) {
                do {
                    _ = try ConfigurationFile(name: "x", text: yaml).decode(W1Settings.self)
                } catch {
                    #expect("\(error)".contains(message), "\(error)")
                    throw error
                }
            }
        }
    }
}
