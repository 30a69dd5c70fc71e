#if ROS2
package import Configuration
import Telemetry

/// The name of a ROS 2 topic: absolute, such as `/arm/joint_states`, or relative to the namespace.
package struct ROS2TopicName: Hashable, Sendable, CustomStringConvertible {
    /// With `/` in front.
    package let description: String

    /// - Parameters:
    ///   - text: as in the configuration.
    ///   - namespace: what a relative name belongs to; without `/` at its end.
    /// - Throws: `InvalidValue` that says what a name looks like (design.ros2.org, "Topic and Service name mapping to DDS").
    package init(_ text: String, in namespace: String = "") throws(InvalidValue) {
        guard !text.hasPrefix("~") else { throw InvalidValue("'~' is the name of a node; write the topic in full") }
        guard !text.hasPrefix("rt/") else {
            throw InvalidValue("write the name that ROS knows, without the 'rt' of DDS: '\(text.dropFirst(2))'")
        }
        let full = text.hasPrefix("/") ? text : "\(namespace)/\(text)"
        let words = full.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let isSound = words.allSatisfy { word in
            guard let first = word.first, !first.isDigit else { return false }
            return word.allSatisfy { $0.isDigit || (0x61...0x7A).contains($0 | 0x20) || $0 == UInt8(ascii: "_") }
        }
        guard isSound, full.utf8.count <= 250 else {
            throw InvalidValue("must be a topic of letters, digits and '_' between '/', such as '/arm/joint_states'")
        }
        description = full
    }

    /// What the topic is called on DDS.
    var ddsName: String { "rt\(description)" }

    /// The name of a series of the topic's only value: `/gripper/force` is `gripper.force`; nil where it makes none.
    var seriesName: String? {
        let name = String(
            decoding: description.utf8.dropFirst().map { $0 == UInt8(ascii: "/") ? 0x2E : $0 }, as: UTF8.self)
        return Series.isValidName(name) ? name : nil
    }
}

extension ValueFormat where Value == String {
    /// A namespace of ROS 2, without `/` at its end; the root is empty.
    static var rosNamespace: ValueFormat {
        .parsing(.string, "a namespace such as '/arm'", placeholder: "") { text throws(InvalidValue) in
            if text == "/" || text.isEmpty { return "" }
            guard text.hasPrefix("/") else {
                throw InvalidValue("a namespace begins with '/'; write '/\(text.prefix(40))'")
            }
            return try ROS2TopicName(text.hasSuffix("/") ? String(text.dropLast()) : text).description
        }
    }
}
#endif
