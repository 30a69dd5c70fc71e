#if ROS2
import CROS2Types
import Telemetry

/// One of the series that a message gives.
struct ROS2Field {
    /// What follows the name of the topic's series; empty for nothing.
    let name: String
    let unit: Unit
    /// The unit where a joint moves along a line.
    let linear: Unit
    let kind: Series.Kind
    let tags: [Tag]

    init(_ name: String, _ unit: Unit = .one, linear: Unit? = nil, kind: Series.Kind = .gauge, tags: [Tag] = []) {
        self.name = name
        self.unit = unit
        self.linear = linear ?? unit
        self.kind = kind
        self.tags = tags
    }

    /// A field for each axis.
    static func axes(_ name: String, _ unit: Unit = .one, _ axes: [String] = ["x", "y", "z"]) -> [ROS2Field] {
        axes.map { ROS2Field(name, unit, tags: [Tag("axis", $0)]) }
    }
}

/// A ROS 2 message as the library gives it: a C struct that belongs to the library until it is given back.
protocol ROS2Message: SendableMetatype {
    /// `package/Type`.
    static var type: String { get }
    static var descriptor: UnsafePointer<dds_topic_descriptor_t>? { get }
    /// What its series are called; nil where only the topic says what is measured.
    static var series: String? { get }
    /// Whether the settings may say a unit.
    static var takesUnit: Bool { get }
    /// The series, by the numbers that ``read(_:into:)`` calls them.
    static var fields: [ROS2Field] { get }
    /// When the message says it was measured.
    static func stamp(of message: UnsafePointer<Self>) -> builtin_interfaces_msg_dds__Time_?
    /// Gives what is in the message. Nothing of it may be kept.
    static func read(_ message: UnsafePointer<Self>, into intake: inout ROS2Intake)
}

extension ROS2Message {
    static var takesUnit: Bool { false }
    static var series: String? { nil }
    static func stamp(of message: UnsafePointer<Self>) -> builtin_interfaces_msg_dds__Time_? { nil }
}

/// A message with a header.
protocol ROS2StampedMessage: ROS2Message {
    var header: std_msgs_msg_dds__Header_ { get }
}

extension ROS2StampedMessage {
    static func stamp(of message: UnsafePointer<Self>) -> builtin_interfaces_msg_dds__Time_? {
        message.pointee.header.stamp
    }
}

/// A type of message, without its type in Swift.
struct ROS2Type: Sendable {
    let name: String
    let series: String?
    let takesUnit: Bool
    /// Subscribes to a topic of the type.
    let subscribe: @Sendable (ROS2TopicSettings, ROS2Participant) throws(ROS2Failure) -> any ROS2Reading

    init<Message: ROS2Message>(_ type: Message.Type) {
        name = Message.type
        series = Message.series
        takesUnit = Message.takesUnit
        subscribe = { settings, participant throws(ROS2Failure) in
            try ROS2Subscription<Message>(settings, participant)
        }
    }

    /// What DDS calls it.
    var ddsName: String {
        let parts = name.split(separator: "/")
        return "\(parts[0])::msg::dds_::\(parts[1])_"
    }

    /// What ROS calls a type of DDS.
    static func rosName(_ ddsName: String) -> String {
        let parts = ddsName.split(separator: ":")
        let name = parts.count == 4 && parts[1...2] == ["msg", "dds_"] ? "\(parts[0])/\(parts[3])" : ddsName
        return name.hasSuffix("_") ? String(name.dropLast()) : name
    }

    static let all = [
        ROS2Type(diagnostic_msgs_msg_dds__DiagnosticArray_.self), ROS2Type(geometry_msgs_msg_dds__PoseStamped_.self),
        ROS2Type(geometry_msgs_msg_dds__Twist_.self), ROS2Type(geometry_msgs_msg_dds__TwistStamped_.self),
        ROS2Type(geometry_msgs_msg_dds__WrenchStamped_.self), ROS2Type(nav_msgs_msg_dds__Odometry_.self),
        ROS2Type(sensor_msgs_msg_dds__BatteryState_.self), ROS2Type(sensor_msgs_msg_dds__FluidPressure_.self),
        ROS2Type(sensor_msgs_msg_dds__Illuminance_.self), ROS2Type(sensor_msgs_msg_dds__Imu_.self),
        ROS2Type(sensor_msgs_msg_dds__JointState_.self), ROS2Type(sensor_msgs_msg_dds__Range_.self),
        ROS2Type(sensor_msgs_msg_dds__RelativeHumidity_.self), ROS2Type(sensor_msgs_msg_dds__Temperature_.self),
        ROS2Type(std_msgs_msg_dds__Bool_.self), ROS2Type(std_msgs_msg_dds__Float32_.self),
        ROS2Type(std_msgs_msg_dds__Float64_.self), ROS2Type(std_msgs_msg_dds__Float64MultiArray_.self),
        ROS2Type(std_msgs_msg_dds__Int8_.self), ROS2Type(std_msgs_msg_dds__Int16_.self),
        ROS2Type(std_msgs_msg_dds__Int32_.self), ROS2Type(std_msgs_msg_dds__Int64_.self),
        ROS2Type(std_msgs_msg_dds__String_.self), ROS2Type(std_msgs_msg_dds__UInt8_.self),
        ROS2Type(std_msgs_msg_dds__UInt16_.self), ROS2Type(std_msgs_msg_dds__UInt32_.self),
        ROS2Type(std_msgs_msg_dds__UInt64_.self),
    ]
}
#endif
