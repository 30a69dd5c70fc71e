import Connection
import Mosquitto
package import Telemetry

/// What the input `mqtt` does with a course of messages, without a broker.
package struct FuzzedMessages {
    /// Settings that have every preset, each alone and all together, and rules of every form of payload.
    package static let courses = settings.count

    private static let settings: [MQTTSettings] = {
        let access = BrokerAccess(address: BrokerAddress(host: "127.0.0.1"))
        let presets = PresetRule.Preset.allCases.map { preset in
            PresetRule(preset, prefix: preset == .zigbee2mqtt ? "room" : nil, units: ["voltage": .volt])
        }
        let topics = FuzzedRecords.settings.enumerated().map { number, format in
            TopicRule(TopicPattern([.text("rule"), .text("\(number)"), .rest]), .records(RecordSettings(format)))
        }
        return presets.map { MQTTSettings(access: access, presets: [$0]) }
            + [MQTTSettings(access: access, presets: presets), MQTTSettings(access: access, topics: topics)]
    }()

    private var intake: MQTTIntake

    /// `course`: the number of its settings, from 0.
    package init(_ course: Int, into sink: any SampleSink, environment: InputEnvironment) {
        intake = MQTTIntake(Self.settings[course], environment: environment, sink: sink)
        precondition(!intake.filters.isEmpty, "something is heard")
    }

    /// Takes a message; tells how many topics are to be heard or left besides.
    package mutating func take(
        _ topic: String, _ payload: [UInt8], isRetained: Bool, arrival: Timestamp
    ) -> Int {
        let changes = intake.take(MQTTMessage(topic: topic, payload: payload, isRetained: isRetained), at: arrival)
        return changes.subscribe.count + changes.unsubscribe.count
    }
}
