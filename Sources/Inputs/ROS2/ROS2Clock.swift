#if ROS2
import CROS2Types
import Telemetry

/// Which time a message has: the one it bears if that can be true, else that of its arrival.
struct ROS2Clock {
    /// What is wrong with the stamps of a topic.
    enum Fault: Hashable, CustomStringConvertible {
        case zero
        case simulation
        case ahead
        case behind

        var description: String {
            switch self {
            case .zero: "its stamps are 0; the publisher does not set them"
            case .simulation: "its stamps are of a simulation, which begins at 0; give 'time: arrival' if that is meant"
            case .ahead: "its stamps are ahead of this box's clock; synchronise both clocks, or give 'time: arrival'"
            case .behind:
                "its stamps are behind this box's clock; synchronise both clocks, give 'time: arrival', "
                    + "or a longer 'time-tolerance' if the messages are late"
            }
        }
    }

    /// How far a stamp may be from the time of arrival, nanoseconds.
    let tolerance: Int64
    /// What was wrong with the last stamp.
    private(set) var fault: Fault?

    init(tolerance: Int64) { self.tolerance = tolerance }

    /// The time of a message; marked where its own is not believed.
    mutating func time(_ stamp: Timestamp, arrival: Timestamp) -> (Timestamp, Quality) {
        fault = fault(of: stamp, arrival)
        return fault == nil ? (stamp, []) : (arrival, .clockUnsynchronised)
    }

    private func fault(of stamp: Timestamp, _ arrival: Timestamp) -> Fault? {
        if stamp.nanoseconds == 0 { return .zero }
        let difference = stamp.nanoseconds(since: arrival)
        if difference.magnitude <= tolerance.magnitude { return nil }
        // Ten years after 1970 no robot had this middleware.
        if (0..<315_360_000_000_000_000).contains(stamp.nanoseconds) { return .simulation }
        return difference > 0 ? .ahead : .behind
    }
}

extension builtin_interfaces_msg_dds__Time_ {
    var timestamp: Timestamp {
        Timestamp(nanoseconds: Int64(sec) * 1_000_000_000 + Int64(nanosec))
    }
}
#endif
