#if ROS2
import CROS2Types
import Telemetry

// Messages of one value, which have neither a name for it nor a unit: the topic has, or the settings have.

extension std_msgs_msg_dds__Bool_: ROS2Message {
    static let type = "std_msgs/Bool"
    static var descriptor: UnsafePointer<dds_topic_descriptor_t>? { ros2_std_msgs_Bool() }
    static let fields = [ROS2Field("", kind: .state)]

    static func read(_ message: UnsafePointer<Self>, into intake: inout ROS2Intake) {
        intake.add(0, .boolean(message.pointee.data))
    }
}

extension std_msgs_msg_dds__Float32_: ROS2Message {
    static let type = "std_msgs/Float32"
    static var descriptor: UnsafePointer<dds_topic_descriptor_t>? { ros2_std_msgs_Float32() }
    static let fields = [ROS2Field("")]
    static let takesUnit = true

    static func read(_ message: UnsafePointer<Self>, into intake: inout ROS2Intake) {
        intake.add(0, Double(message.pointee.data))
    }
}

extension std_msgs_msg_dds__Float64_: ROS2Message {
    static let type = "std_msgs/Float64"
    static var descriptor: UnsafePointer<dds_topic_descriptor_t>? { ros2_std_msgs_Float64() }
    static let fields = [ROS2Field("")]
    static let takesUnit = true

    static func read(_ message: UnsafePointer<Self>, into intake: inout ROS2Intake) {
        intake.add(0, message.pointee.data)
    }
}

extension std_msgs_msg_dds__Int8_: ROS2Message {
    static let type = "std_msgs/Int8"
    static var descriptor: UnsafePointer<dds_topic_descriptor_t>? { ros2_std_msgs_Int8() }
    static let fields = [ROS2Field("")]
    static let takesUnit = true

    static func read(_ message: UnsafePointer<Self>, into intake: inout ROS2Intake) {
        intake.add(0, .integer(Int64(message.pointee.data)))
    }
}

extension std_msgs_msg_dds__Int16_: ROS2Message {
    static let type = "std_msgs/Int16"
    static var descriptor: UnsafePointer<dds_topic_descriptor_t>? { ros2_std_msgs_Int16() }
    static let fields = [ROS2Field("")]
    static let takesUnit = true

    static func read(_ message: UnsafePointer<Self>, into intake: inout ROS2Intake) {
        intake.add(0, .integer(Int64(message.pointee.data)))
    }
}

extension std_msgs_msg_dds__Int32_: ROS2Message {
    static let type = "std_msgs/Int32"
    static var descriptor: UnsafePointer<dds_topic_descriptor_t>? { ros2_std_msgs_Int32() }
    static let fields = [ROS2Field("")]
    static let takesUnit = true

    static func read(_ message: UnsafePointer<Self>, into intake: inout ROS2Intake) {
        intake.add(0, .integer(Int64(message.pointee.data)))
    }
}

extension std_msgs_msg_dds__Int64_: ROS2Message {
    static let type = "std_msgs/Int64"
    static var descriptor: UnsafePointer<dds_topic_descriptor_t>? { ros2_std_msgs_Int64() }
    static let fields = [ROS2Field("")]
    static let takesUnit = true

    static func read(_ message: UnsafePointer<Self>, into intake: inout ROS2Intake) {
        intake.add(0, .integer(Int64(message.pointee.data)))
    }
}

extension std_msgs_msg_dds__UInt8_: ROS2Message {
    static let type = "std_msgs/UInt8"
    static var descriptor: UnsafePointer<dds_topic_descriptor_t>? { ros2_std_msgs_UInt8() }
    static let fields = [ROS2Field("")]
    static let takesUnit = true

    static func read(_ message: UnsafePointer<Self>, into intake: inout ROS2Intake) {
        intake.add(0, .integer(Int64(message.pointee.data)))
    }
}

extension std_msgs_msg_dds__UInt16_: ROS2Message {
    static let type = "std_msgs/UInt16"
    static var descriptor: UnsafePointer<dds_topic_descriptor_t>? { ros2_std_msgs_UInt16() }
    static let fields = [ROS2Field("")]
    static let takesUnit = true

    static func read(_ message: UnsafePointer<Self>, into intake: inout ROS2Intake) {
        intake.add(0, .integer(Int64(message.pointee.data)))
    }
}

extension std_msgs_msg_dds__UInt32_: ROS2Message {
    static let type = "std_msgs/UInt32"
    static var descriptor: UnsafePointer<dds_topic_descriptor_t>? { ros2_std_msgs_UInt32() }
    static let fields = [ROS2Field("")]
    static let takesUnit = true

    static func read(_ message: UnsafePointer<Self>, into intake: inout ROS2Intake) {
        intake.add(0, .integer(Int64(message.pointee.data)))
    }
}

extension std_msgs_msg_dds__UInt64_: ROS2Message {
    static let type = "std_msgs/UInt64"
    static var descriptor: UnsafePointer<dds_topic_descriptor_t>? { ros2_std_msgs_UInt64() }
    static let fields = [ROS2Field("")]
    static let takesUnit = true

    static func read(_ message: UnsafePointer<Self>, into intake: inout ROS2Intake) {
        // What is beyond a whole number with a sign is at least right in its size.
        let value = message.pointee.data
        intake.add(0, Int64(exactly: value).map { .integer($0) } ?? .double(Double(value)))
    }
}

extension std_msgs_msg_dds__String_: ROS2Message {
    static let type = "std_msgs/String"
    static var descriptor: UnsafePointer<dds_topic_descriptor_t>? { ros2_std_msgs_String() }
    static let fields = [ROS2Field("", kind: .state)]

    static func read(_ message: UnsafePointer<Self>, into intake: inout ROS2Intake) {
        if let text = intake.text(0, message.pointee.data) { intake.add(0, .text(text)) }
    }
}

extension std_msgs_msg_dds__Float64MultiArray_: ROS2Message {
    static let type = "std_msgs/Float64MultiArray"
    static var descriptor: UnsafePointer<dds_topic_descriptor_t>? { ros2_std_msgs_Float64MultiArray() }
    static let fields = [ROS2Field("")]
    static let takesUnit = true

    static func read(_ message: UnsafePointer<Self>, into intake: inout ROS2Intake) {
        let values = message.pointee.data
        for index in 0..<Int(values._length) {
            guard let place = intake.member(index: index, tag: "index") else { return }
            intake.add(0, member: place, values._buffer[index])
        }
    }
}
#endif
