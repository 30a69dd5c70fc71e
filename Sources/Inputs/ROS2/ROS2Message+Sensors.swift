#if ROS2
import CROS2Types
import Telemetry

// Meaning and units of fields: the comments in the messages of sensor_msgs (github.com/ros2/common_interfaces, branch humble), and REP 103.

extension sensor_msgs_msg_dds__JointState_: ROS2StampedMessage {
    static let type = "sensor_msgs/JointState"
    static var descriptor: UnsafePointer<dds_topic_descriptor_t>? { ros2_sensor_msgs_JointState() }
    static let series: String? = "joint"
    static let fields = [
        ROS2Field("position", .radian, linear: .metre),
        ROS2Field("velocity", .radianPerSecond, linear: .metrePerSecond),
        ROS2Field("effort", .newtonMetre, linear: .newton),
    ]

    static func read(_ message: UnsafePointer<Self>, into intake: inout ROS2Intake) {
        let names = message.pointee.name
        let count = Int(names._length)
        // A driver leaves empty what it does not know; any other length is a mistake.
        let columns = (message.pointee.position, message.pointee.velocity, message.pointee.effort)
        let positions = column(columns.0, count, &intake)
        let velocities = column(columns.1, count, &intake)
        let efforts = column(columns.2, count, &intake)
        for index in 0..<count {
            guard let joint = intake.member(at: index, names._buffer[index], tag: "joint") else { continue }
            if let positions { intake.add(0, member: joint, positions[index]) }
            if let velocities { intake.add(1, member: joint, velocities[index]) }
            if let efforts { intake.add(2, member: joint, efforts[index]) }
        }
    }

    private static func column(
        _ values: dds_sequence_double, _ count: Int, _ intake: inout ROS2Intake
    ) -> UnsafeMutablePointer<Double>? {
        if Int(values._length) == count { return values._buffer }
        if values._length > 0 { intake.reject("bad message") }
        return nil
    }
}

extension sensor_msgs_msg_dds__BatteryState_: ROS2StampedMessage {
    static let type = "sensor_msgs/BatteryState"
    static var descriptor: UnsafePointer<dds_topic_descriptor_t>? { ros2_sensor_msgs_BatteryState() }
    static let series: String? = "battery"
    static let fields = [
        ROS2Field("voltage", .volt), ROS2Field("temperature", .celsius), ROS2Field("current", .ampere),
        ROS2Field("charge", .ampereHour), ROS2Field("capacity", .ampereHour),
        ROS2Field("design_capacity", .ampereHour), ROS2Field("percentage"), ROS2Field("status", kind: .state),
        ROS2Field("health", kind: .state), ROS2Field("present", kind: .state), ROS2Field("cell_voltage", .volt),
        ROS2Field("cell_temperature", .celsius),
    ]
    private static let states = ["unknown", "charging", "discharging", "not-charging", "full"]
    private static let healths = [
        "unknown", "good", "overheat", "dead", "overvoltage", "failure", "cold", "watchdog-timer-expire",
        "safety-timer-expire",
    ]

    static func read(_ message: UnsafePointer<Self>, into intake: inout ROS2Intake) {
        let battery = message.pointee
        // In this message NaN says that something is not measured at all.
        measured(0, battery.voltage, &intake)
        measured(1, battery.temperature, &intake)
        measured(2, battery.current, &intake)
        measured(3, battery.charge, &intake)
        measured(4, battery.capacity, &intake)
        measured(5, battery.design_capacity, &intake)
        measured(6, battery.percentage, &intake)
        name(7, battery.power_supply_status, states, &intake)
        name(8, battery.power_supply_health, healths, &intake)
        intake.add(9, .boolean(battery.present))
        cells(10, battery.cell_voltage, &intake)
        cells(11, battery.cell_temperature, &intake)
    }

    private static func measured(_ field: Int, _ value: Float, _ intake: inout ROS2Intake) {
        if !value.isNaN { intake.add(field, Double(value)) }
    }

    private static func name(_ field: Int, _ number: UInt8, _ names: [String], _ intake: inout ROS2Intake) {
        guard Int(number) < names.count else { return intake.reject("bad message") }
        intake.add(field, .text(names[Int(number)]))
    }

    private static func cells(_ field: Int, _ values: dds_sequence_float, _ intake: inout ROS2Intake) {
        for index in 0..<Int(values._length) where !values._buffer[index].isNaN {
            guard let cell = intake.member(index: index, tag: "cell") else { return }
            intake.add(field, member: cell, Double(values._buffer[index]))
        }
    }
}

extension sensor_msgs_msg_dds__Imu_: ROS2StampedMessage {
    static let type = "sensor_msgs/Imu"
    static var descriptor: UnsafePointer<dds_topic_descriptor_t>? { ros2_sensor_msgs_Imu() }
    static let series: String? = "imu"
    static let fields =
        ROS2Field.axes("orientation", .one, ["x", "y", "z", "w"])
        + ROS2Field.axes("angular-velocity", .radianPerSecond) + ROS2Field.axes("acceleration", .metrePerSecondSquared)

    static func read(_ message: UnsafePointer<Self>, into intake: inout ROS2Intake) {
        // The first covariance is -1 where the device does not give an estimate.
        if message.pointee.orientation_covariance.0 != -1 { intake.add(0, message.pointee.orientation) }
        if message.pointee.angular_velocity_covariance.0 != -1 { intake.add(4, message.pointee.angular_velocity) }
        if message.pointee.linear_acceleration_covariance.0 != -1 { intake.add(7, message.pointee.linear_acceleration) }
    }
}

extension sensor_msgs_msg_dds__Temperature_: ROS2StampedMessage {
    static let type = "sensor_msgs/Temperature"
    static var descriptor: UnsafePointer<dds_topic_descriptor_t>? { ros2_sensor_msgs_Temperature() }
    static let series: String? = "temperature"
    static let fields = [ROS2Field("", .celsius)]

    static func read(_ message: UnsafePointer<Self>, into intake: inout ROS2Intake) {
        intake.add(0, message.pointee.temperature)
    }
}

extension sensor_msgs_msg_dds__RelativeHumidity_: ROS2StampedMessage {
    static let type = "sensor_msgs/RelativeHumidity"
    static var descriptor: UnsafePointer<dds_topic_descriptor_t>? { ros2_sensor_msgs_RelativeHumidity() }
    static let series: String? = "humidity"
    static let fields = [ROS2Field("")]

    static func read(_ message: UnsafePointer<Self>, into intake: inout ROS2Intake) {
        intake.add(0, message.pointee.relative_humidity)
    }
}

extension sensor_msgs_msg_dds__FluidPressure_: ROS2StampedMessage {
    static let type = "sensor_msgs/FluidPressure"
    static var descriptor: UnsafePointer<dds_topic_descriptor_t>? { ros2_sensor_msgs_FluidPressure() }
    static let series: String? = "pressure"
    static let fields = [ROS2Field("", .pascal)]

    static func read(_ message: UnsafePointer<Self>, into intake: inout ROS2Intake) {
        intake.add(0, message.pointee.fluid_pressure)
    }
}

extension sensor_msgs_msg_dds__Illuminance_: ROS2StampedMessage {
    static let type = "sensor_msgs/Illuminance"
    static var descriptor: UnsafePointer<dds_topic_descriptor_t>? { ros2_sensor_msgs_Illuminance() }
    static let series: String? = "illuminance"
    static let fields = [ROS2Field("", .lux)]

    static func read(_ message: UnsafePointer<Self>, into intake: inout ROS2Intake) {
        intake.add(0, message.pointee.illuminance)
    }
}

extension sensor_msgs_msg_dds__Range_: ROS2StampedMessage {
    static let type = "sensor_msgs/Range"
    static var descriptor: UnsafePointer<dds_topic_descriptor_t>? { ros2_sensor_msgs_Range() }
    static let series: String? = "range"
    static let fields = [ROS2Field("", .metre)]

    static func read(_ message: UnsafePointer<Self>, into intake: inout ROS2Intake) {
        let (least, most, range) = (message.pointee.min_range, message.pointee.max_range, message.pointee.range)
        // -Inf and +Inf are an object too near and none at all (REP 117); both are beyond the range.
        intake.add(0, Double(range), quality: range < least || range > most ? .outOfRange : [])
    }
}
#endif
