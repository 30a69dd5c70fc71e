#if ROS2
import CROS2Types
import Telemetry

// Units: REP 103.

extension ROS2Intake {
    mutating func add(_ field: Int, _ vector: geometry_msgs_msg_dds__Vector3_) {
        add(field, x: vector.x, y: vector.y, z: vector.z)
    }

    mutating func add(_ field: Int, _ point: geometry_msgs_msg_dds__Point_) {
        add(field, x: point.x, y: point.y, z: point.z)
    }

    mutating func add(_ field: Int, _ rotation: geometry_msgs_msg_dds__Quaternion_) {
        add(field, x: rotation.x, y: rotation.y, z: rotation.z)
        add(field + 3, rotation.w)
    }

    mutating func add(_ field: Int, _ pose: geometry_msgs_msg_dds__Pose_) {
        add(field, pose.position)
        add(field + 3, pose.orientation)
    }

    mutating func add(_ field: Int, _ twist: geometry_msgs_msg_dds__Twist_) {
        add(field, twist.linear)
        add(field + 3, twist.angular)
    }
}

extension ROS2Field {
    fileprivate static let pose = axes("position", .metre) + axes("orientation", .one, ["x", "y", "z", "w"])
    fileprivate static let twist = axes("velocity", .metrePerSecond) + axes("angular-velocity", .radianPerSecond)
}

extension geometry_msgs_msg_dds__PoseStamped_: ROS2StampedMessage {
    static let type = "geometry_msgs/PoseStamped"
    static var descriptor: UnsafePointer<dds_topic_descriptor_t>? { ros2_geometry_msgs_PoseStamped() }
    static let series: String? = "pose"
    static let fields = ROS2Field.pose

    static func read(_ message: UnsafePointer<Self>, into intake: inout ROS2Intake) {
        intake.add(0, message.pointee.pose)
    }
}

extension geometry_msgs_msg_dds__Twist_: ROS2Message {
    static let type = "geometry_msgs/Twist"
    static var descriptor: UnsafePointer<dds_topic_descriptor_t>? { ros2_geometry_msgs_Twist() }
    static let series: String? = "twist"
    static let fields = ROS2Field.twist

    static func read(_ message: UnsafePointer<Self>, into intake: inout ROS2Intake) { intake.add(0, message.pointee) }
}

extension geometry_msgs_msg_dds__TwistStamped_: ROS2StampedMessage {
    static let type = "geometry_msgs/TwistStamped"
    static var descriptor: UnsafePointer<dds_topic_descriptor_t>? { ros2_geometry_msgs_TwistStamped() }
    static let series: String? = "twist"
    static let fields = ROS2Field.twist

    static func read(_ message: UnsafePointer<Self>, into intake: inout ROS2Intake) {
        intake.add(0, message.pointee.twist)
    }
}

extension geometry_msgs_msg_dds__WrenchStamped_: ROS2StampedMessage {
    static let type = "geometry_msgs/WrenchStamped"
    static var descriptor: UnsafePointer<dds_topic_descriptor_t>? { ros2_geometry_msgs_WrenchStamped() }
    static let series: String? = "wrench"
    static let fields = ROS2Field.axes("force", .newton) + ROS2Field.axes("torque", .newtonMetre)

    static func read(_ message: UnsafePointer<Self>, into intake: inout ROS2Intake) {
        intake.add(0, message.pointee.wrench.force)
        intake.add(3, message.pointee.wrench.torque)
    }
}

extension nav_msgs_msg_dds__Odometry_: ROS2StampedMessage {
    static let type = "nav_msgs/Odometry"
    static var descriptor: UnsafePointer<dds_topic_descriptor_t>? { ros2_nav_msgs_Odometry() }
    static let series: String? = "odometry"
    static let fields = ROS2Field.pose + ROS2Field.twist

    static func read(_ message: UnsafePointer<Self>, into intake: inout ROS2Intake) {
        intake.add(0, message.pointee.pose.pose)
        intake.add(7, message.pointee.twist.twist)
    }
}
#endif
