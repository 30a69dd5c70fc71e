#if ROS2
import CROS2Types
import Telemetry

extension diagnostic_msgs_msg_dds__DiagnosticArray_: ROS2StampedMessage {
    static let type = "diagnostic_msgs/DiagnosticArray"
    static var descriptor: UnsafePointer<dds_topic_descriptor_t>? { ros2_diagnostic_msgs_DiagnosticArray() }
    static let series: String? = "diagnostic"
    static let fields = [
        ROS2Field("level", kind: .state), ROS2Field("message", kind: .state), ROS2Field("value"),
    ]
    /// Constants of diagnostic_msgs/DiagnosticStatus.
    private static let levels = ["ok", "warn", "error", "stale"]

    static func read(_ message: UnsafePointer<Self>, into intake: inout ROS2Intake) {
        let list = message.pointee.status
        for index in 0..<Int(list._length) {
            let status = list._buffer[index]
            guard Int(status.level) < levels.count else {
                intake.reject("bad message")
                continue
            }
            guard let member = intake.member(at: index, status.name, tag: "status") else { continue }
            intake.add(0, member: member, .text(levels[Int(status.level)]))
            if let text = intake.text(1, status.message) { intake.add(1, member: member, .text(text)) }
            if !intake.settings.values.isEmpty { read(status, into: &intake) }
        }
    }

    /// Values are texts; those that the settings name are taken where they are numbers.
    private static func read(_ status: diagnostic_msgs_msg_dds__DiagnosticStatus_, into intake: inout ROS2Intake) {
        guard let characters = status.name else { return }
        let name = String(cString: characters)
        for index in 0..<min(Int(status.values._length), ROS2Intake.mostMembers) {
            let pair = status.values._buffer[index]
            guard let (key, value) = texts(pair), intake.settings.values.matches(key) else { continue }
            guard let number = Double(value) else {
                intake.reject("not a number")
                continue
            }
            // No name has a zero in it, so that a pair is never taken for another one.
            let tags = [Tag("status", name), Tag("key", key)]
            guard let member = intake.member(named: "\(name)\0\(key)", tags: tags) else { continue }
            intake.add(2, member: member, number)
        }
    }

    private static func texts(_ pair: diagnostic_msgs_msg_dds__KeyValue_) -> (key: String, value: String)? {
        guard let key = pair.key, let value = pair.value else { return nil }
        let text = String(cString: key)
        return (1...255).contains(text.utf8.count) ? (text, String(cString: value)) : nil
    }
}
#endif
