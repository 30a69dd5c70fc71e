import BrokerSupport
import Configuration
import Connection
import Foundation
import Mosquitto
import Telemetry
import Testing

@testable import Inputs

@Suite("MQTT: with a broker", .timeLimit(.minutes(2)), .serialized)
struct MQTTBrokerTests {
    private static func settings(_ broker: BrokerProcess, _ more: String) throws -> MQTTSettings {
        try ConfigurationFile(name: "x", text: "url: \(broker.url)\n\(more)").decode(MQTTSettings.self)
    }

    private static func run(_ settings: MQTTSettings) throws -> (RecordingSink, RecordingLog, RunningInput) {
        let (sink, log) = (RecordingSink(), RecordingLog())
        let input = try MQTTInput(settings, environment: .test(name: "mqtt", log: log))
        let running = try RunningInput { waker throws(InputError) in try input.run(into: sink, until: waker) }
        return (sink, log, running)
    }

    /// Publishes with the command-line client of mosquitto, which is not our code.
    private static func publish(_ broker: BrokerProcess, _ topic: String, _ payload: String, retain: Bool = false)
        throws
    {
        let words =
            ["mosquitto_pub", "-p", "\(broker.port)", "-q", "1", "-t", topic, "-m", payload] + (retain ? ["-r"] : [])
        let arguments = words.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var child: pid_t = 0
        try #require(posix_spawn(&child, "/usr/bin/mosquitto_pub", nil, nil, arguments, environ) == 0)
        waitpid(child, nil, 0)
    }

    /// Publishes until it is heard: the subscription takes its time.
    private static func hear(_ broker: BrokerProcess, _ sink: RecordingSink, _ topic: String, _ series: String) async
        -> Bool
    {
        await eventually {
            try? publish(broker, topic, "{\"temperature\":21}")
            return sink.samples.contains { $0.series.key == series }
        }
    }

    @Test("what devices publish is heard, before and after the broker was away")
    func recovery() async throws {
        let broker = try BrokerProcess()
        let (sink, log, running) = try Self.run(try Self.settings(broker, "presets: [{preset: zigbee2mqtt}]"))
        #expect(await Self.hear(broker, sink, "zigbee2mqtt/One", "temperature,device=one"))
        // Not stop(): a child of a worker thread inherits its blocked signals.
        broker.kill()
        #expect(await eventually { log.text.contains { $0.hasPrefix("warning: a source does not answer") } })
        try broker.start()
        #expect(await Self.hear(broker, sink, "zigbee2mqtt/Two", "temperature,device=two"))
        #expect(await running.stop() == nil)
        #expect(log.text.filter { $0.contains("a source answers") }.count == 2)
    }

    @Test("an old retained value is skipped or marked, as the setting says", arguments: ["skip", "mark", "take"])
    func retained(rule: String) async throws {
        let broker = try BrokerProcess()
        try Self.publish(broker, "plant/a/temperature", "20", retain: true)
        let settings = try Self.settings(
            broker,
            "retained: \(rule)\ntopics: [{topic: 'plant/{line}/temperature', format: {type: value, series: t, unit: Cel}}]"
        )
        let (sink, _, running) = try Self.run(settings)
        if rule == "skip" {
            #expect(await eventually { sink.rejected == ["retained value": 1] })
            #expect(sink.samples.isEmpty)
        } else {
            #expect(await eventually { sink.samples.count == 1 })
            #expect(sink.samples.first?.series.key == "t,line=a")
            #expect(sink.samples.first?.sample.quality == (rule == "mark" ? .unreliable : []))
        }
        #expect(await running.stop() == nil)
    }

    @Test("topics that discovery names are subscribed to, and left again")
    func discovery() async throws {
        let broker = try BrokerProcess()
        let (sink, _, running) = try Self.run(try Self.settings(broker, "presets: [{preset: homeassistant}]"))
        let configuration = """
            {"state_topic":"shed/t","unit_of_measurement":"°C","device_class":"temperature","value_template":"{{ value_json.temperature }}","device":{"name":"Shed"}}
            """
        try Self.publish(broker, "homeassistant/sensor/shed/config", configuration, retain: true)
        #expect(await Self.hear(broker, sink, "shed/t", "temperature,device=shed,entity=shed"))
        try Self.publish(broker, "homeassistant/sensor/shed/config", "", retain: true)
        #expect(
            await eventually {
                sink.clear()
                try? Self.publish(broker, "shed/t", "{\"temperature\":1}")
                return sink.samples.isEmpty && sink.rejected.isEmpty
            })
        #expect(await running.stop() == nil)
    }

    @Test("payloads that are too large or nested too deep cost only themselves")
    func hostile() async throws {
        var options = BrokerProcess.Options()
        options.acl = "topic readwrite zigbee2mqtt/#\ntopic read forbidden\ntopic readwrite homeassistant/#"
        let broker = try BrokerProcess(options)
        let (sink, log, running) = try Self.run(
            try Self.settings(broker, "message-size: 1KiB\npresets: [{preset: zigbee2mqtt}]"))
        #expect(await Self.hear(broker, sink, "zigbee2mqtt/One", "temperature,device=one"))
        try Self.publish(broker, "zigbee2mqtt/One", "{\"x\":\"" + String(repeating: "y", count: 2000) + "\"}")
        try Self.publish(broker, "zigbee2mqtt/One", "{\"x\":" + String(repeating: "[", count: 500))
        #expect(
            await eventually { sink.rejected == ["message too large": 1, "bad payload": 1] },
            "\(sink.rejected) \(log.text)")
        #expect(await running.stop() == nil)
    }

    @Test("the client id of the agent is not taken, and a password that everybody can read is not used")
    func refusals() async throws {
        var settings = MQTTSettings(
            access: BrokerAccess(address: BrokerAddress(host: "127.0.0.1")), presets: [PresetRule(.tasmota)])
        settings.clientID = "box-1"
        #expect(throws: InputError.self) { try MQTTInput(settings, environment: .test(name: "mqtt")) }
        let folder = try TemporaryFolder("mqtt-input")
        settings.clientID = nil
        settings.access.username = "x"
        settings.access.passwordFile = try folder.write("secret\n", to: "password")
        chmod(folder.path("password"), 0o644)
        let (_, _, running) = try Self.run(settings)
        #expect(await running.end()?.code == .settings)
    }
}
