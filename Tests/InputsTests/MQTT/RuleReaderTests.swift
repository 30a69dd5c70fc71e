import Configuration
import Telemetry
import Testing

@testable import Inputs

@Suite("MQTT: topics of one's own")
struct RuleReaderTests {
    private struct Bench {
        let sink = RecordingSink()
        let log = RecordingLog()
        var intake: MQTTIntake

        init(_ topics: String) throws {
            let settings = try ConfigurationFile(name: "x", text: "url: mqtt://127.0.0.1\ntopics: [\(topics)]")
                .decode(MQTTSettings.self)
            intake = MQTTIntake(settings, environment: .test(name: "mqtt", log: log), sink: sink)
        }

        mutating func take(_ topic: String, _ payload: String) {
            _ = intake.take(MQTTMessage(topic: topic, payload: Array(payload.utf8)), at: Timestamp(seconds: 1))
        }
    }

    static let many = "{" + (0..<34).map { "\"m\($0)\":\($0)" }.joined(separator: ",") + "}"
    static let long = String(repeating: "x", count: 256)

    @Test(
        "an event has what its payload says, and what it cannot hold is counted",
        arguments: [
            (#"{"batteryLevel":3,"Who At":"me","door":"x"}"#, ["batterylevel", "who_at", "device", "door"], 0),
            (#"{"a":1,"A":2,"device":"other"}"#, ["a", "device"], 2),
            (#"{"a":null,"b":[1],"c":{"d":1},"°":1}"#, ["device"], 3),
            ("{\"a\":\"\(RuleReaderTests.long)\",\"b\":true}", ["b", "device"], 1),
            (RuleReaderTests.many, (0..<32).map { "m\($0)" } + ["device"], 2),
            ("opened", ["device", "payload"], 0), ("", ["device"], 0), (RuleReaderTests.long, ["device"], 1),
        ])
    func attributes(payload: String, keys: [String], leftOut: Int) throws {
        var bench = try Bench("{topic: 'doors/{device}/x', event: door.opened}")
        bench.take("doors/d1/x", payload)
        #expect(bench.sink.events.map { $0.attributes.map(\.key) } == [keys.sorted()])
        #expect(bench.sink.events.first?.text("device") == "d1")
        #expect(bench.sink.rejected == (leftOut > 0 ? ["attribute left out": leftOut] : [:]))
        #expect(bench.log.text.count == (leftOut > 0 ? 1 : 0))
    }

    @Test("a topic that no device has is dropped and counted")
    func longTopic() throws {
        var bench = try Bench("{topic: 'doors/#', format: {type: value, series: a}}")
        bench.take("doors/" + String(repeating: "x", count: 1018), "1")
        #expect(bench.sink.samples.count == 1)
        bench.take("doors/" + String(repeating: "x", count: 1019), "1")
        #expect(bench.sink.samples.count == 1)
        #expect(bench.sink.rejected == ["bad name": 1])
    }
}
