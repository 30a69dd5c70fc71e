#if ROS2
import Configuration
package import Telemetry

/// One topic.
package struct ROS2TopicSettings: Sendable {
    package var name: ROS2TopicName
    var type: ROS2Type
    /// What stands before the names of its series.
    package var series: String
    /// The unit of a type that has none.
    package var unit: Unit?
    package var tags: [Tag]
    package var device: String?
    package var priority: PriorityClass
    /// Nanoseconds between messages that are taken; 0 takes all.
    package var every: Int64
    package var time: ROS2Time
    /// How far a stamp may be from the time of arrival, nanoseconds.
    package var tolerance: Int64
    package var qos: ROS2QoS
    /// Joints that move along a line.
    package var prismatic: [NamePattern]
    /// Keys of a diagnostic status that hold numbers.
    package var values: [NamePattern]

    /// Two topics with one root would be one series with two truths.
    var seriesRoot: String { Series(series, tags: tags + [Tag("device", device ?? "")]).key }

    /// Nil when the type or the name could not be read, which has been told.
    init?(from reader: inout MappingReader, _ common: ROS2TopicDefaults) {
        let name = reader.required(
            "topic",
            as: ValueFormat<ROS2TopicName?>.parsing(
                .nonEmptyString, "a topic such as '/joint_states'", placeholder: nil
            ) {
                text throws(InvalidValue) in try ROS2TopicName(text, in: common.namespace)
            })
        let type = reader.required("type", as: .rosType)
        let series = reader.optional("series", as: .seriesName)
        unit = reader.optional("unit", as: .unit)
        tags = reader.value("tags", as: .entries(keys: .tagKey, of: .tagValue), default: []).map {
            Tag($0.key, $0.value)
        }
        device = reader.optional("device", as: .identifier) ?? common.device
        priority = reader.value("class", as: .sampleClass, default: common.priority)
        every = reader.value("every", as: .nanoseconds(in: 1_000_000...86_400_000_000_000), default: 0)
        time = reader.value("time", as: .enumeration, default: common.time)
        tolerance = common.tolerance
        qos = reader.value("qos", as: .mapping { ROS2QoS(from: &$0, common.qos) }, default: common.qos)
        prismatic = reader.value("prismatic", as: .namePatterns, default: [])
        values = reader.value("values", as: .namePatterns, default: [])
        guard let name, let type else { return nil }
        if reader.contains("unit"), !type.takesUnit {
            reader.report("\(type.name) has units of its own; remove it", key: "unit")
        }
        if reader.contains("prismatic"), type.name != "sensor_msgs/JointState" {
            reader.report("is only for sensor_msgs/JointState; remove it", key: "prismatic")
        }
        if reader.contains("values"), type.name != "diagnostic_msgs/DiagnosticArray" {
            reader.report("is only for diagnostic_msgs/DiagnosticArray; remove it", key: "values")
        }
        guard let root = series ?? type.series ?? name.seriesName else {
            if reader.isSound("series") {
                reader.report("the topic's name makes no series; give 'series': \(Series.nameRule)", at: reader.place)
            }
            return nil
        }
        (self.name, self.type, self.series) = (name, type, root)
    }
}

extension ValueFormat where Value == ROS2Type? {
    /// A message that the input can read, with or without `msg` in its name.
    fileprivate static var rosType: ValueFormat {
        .parsing(.nonEmptyString, "a type such as 'sensor_msgs/JointState'", placeholder: nil) {
            text throws(InvalidValue) in
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            let name = parts.count == 3 && parts[1] == "msg" ? "\(parts[0])/\(parts[2])" : text
            guard let type = ROS2Type.all.first(where: { $0.name == name }) else {
                let advice = MappingReader.suggestion(for: name, among: ROS2Type.all.map(\.name), noun: "type")
                throw InvalidValue("'\(text.prefix(60))' is not read here\(advice)")
            }
            return type
        }
    }
}
#endif
