#if ROS2
package import Configuration
import Telemetry

/// What can be set of an input `ros2`.
package struct ROS2Settings: ConfigurationDecodable, Sendable {
    /// Which of the worlds that do not see each other: `ROS_DOMAIN_ID`.
    package var domain: UInt32 = 0
    package var network = ROS2Network()
    package var topics: [ROS2TopicSettings] = []

    package init(from reader: inout MappingReader) {
        // Beyond 232 the ports that a domain uses would be no ports any more (DDSI-RTPS 2.3, 9.6.1).
        domain = reader.value("domain", as: .integer(in: 0...232), default: domain)
        network = reader.value("network", as: .mapping, default: network)
        let common = ROS2TopicDefaults(from: &reader)
        let format = ValueFormat<ROS2TopicSettings?>.mapping { ROS2TopicSettings(from: &$0, common) }
        let read = reader.required("topics", as: .sequence(of: .located(format), count: 1...256))
        var known: [String: String] = [:]
        for item in read {
            guard let topic = item.value else { continue }
            if let other = known.updateValue(topic.name.description, forKey: topic.seriesRoot) {
                let same = other == topic.name.description
                reader.report(
                    same
                        ? "the topic is there already"
                        : "its series would be those of '\(other)'; give one of them 'tags', a 'device' or a 'series'",
                    at: item.place)
            }
            topics.append(topic)
        }
    }
}

/// What holds for all topics that do not say it themselves.
struct ROS2TopicDefaults {
    var namespace = ""
    var device: String?
    var priority = PriorityClass.metric
    var time = ROS2Time.header
    var tolerance: Int64 = 60_000_000_000
    var qos = ROS2QoS()

    init(from reader: inout MappingReader) {
        namespace = reader.value("namespace", as: .rosNamespace, default: "")
        device = reader.optional("device", as: .identifier)
        priority = reader.value("class", as: .sampleClass, default: priority)
        time = reader.value("time", as: .enumeration, default: time)
        tolerance = reader.value(
            "time-tolerance", as: .nanoseconds(in: 1_000_000...86_400_000_000_000), default: tolerance)
        qos = reader.value("qos", as: .mapping { [qos] in ROS2QoS(from: &$0, qos) }, default: qos)
    }
}

/// What counts as the time of a sample.
package enum ROS2Time: String, CaseIterable, Sendable {
    /// The stamp in the message's header; of a message without one, its arrival.
    case header
    /// When the publisher gave the message to DDS.
    case source
    case arrival
}

/// What is asked of a publisher, and how much is kept for a late reader.
package struct ROS2QoS: Sendable, Hashable {
    package enum Reliability: String, CaseIterable, Sendable {
        /// Matches every publisher.
        case bestEffort = "best-effort"
        /// Lost messages are sent again; matches publishers that are reliable too.
        case reliable
    }

    package enum Durability: String, CaseIterable, Sendable {
        /// Matches every publisher.
        case volatile
        /// What was published before is sent as well, by publishers that keep it.
        case transientLocal = "transient-local"
    }

    package var reliability = Reliability.bestEffort
    package var durability = Durability.volatile
    /// How many messages may wait to be taken.
    package var depth: Int32 = 200

    package init() {}

    init(from reader: inout MappingReader, _ inherited: ROS2QoS) {
        self = inherited
        reliability = reader.value("reliability", as: .enumeration, default: reliability)
        durability = reader.value("durability", as: .enumeration, default: durability)
        depth = reader.value("depth", as: .integer(in: 1...10_000), default: depth)
        if durability == .transientLocal, reliability == .bestEffort {
            reader.report(
                "needs 'reliability: reliable', because what was missed must be sent again", key: "durability")
        }
    }
}
#endif
