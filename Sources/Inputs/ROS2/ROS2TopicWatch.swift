#if ROS2
import CROS2Types
import Logging

/// Whether a topic is published, by whom it could be read and is not, and what was lost on the way.
struct ROS2TopicWatch {
    /// How long a publisher may take to be found before its absence is told, nanoseconds.
    private static let patience: Int64 = 5_000_000_000

    private let settings: ROS2TopicSettings
    private unowned let participant: ROS2Participant
    private var state: SourceState
    private let start = monotonicNanoseconds()
    private var lost: UInt32 = 0
    private var refused: UInt32 = 0
    private var wasPublished = false
    private var throttle: LogThrottle

    init(_ settings: ROS2TopicSettings, _ participant: ROS2Participant) {
        self.settings = settings
        self.participant = participant
        state = SourceState("ros2 \(settings.name)", logger: participant.environment.logger)
        throttle = LogThrottle(burst: 1, interval: 60_000_000_000, now: start)
    }

    /// A message has come.
    mutating func heard() {
        if !state.isUp { state.answered() }
        wasPublished = true
    }

    func tell(_ fault: ROS2Clock.Fault?) {
        let metadata: Logger.Metadata = ["topic": "\(settings.name)"]
        guard let fault else {
            return participant.environment.logger.info("the stamps of a topic are good again", metadata: metadata)
        }
        participant.environment.logger.warning(
            "the time of arrival is taken for a topic: \(fault)", metadata: metadata)
    }

    mutating func look(_ reader: dds_entity_t, at now: Int64) {
        count(reader, at: now)
        var matched = dds_subscription_matched_status_t()
        guard dds_get_subscription_matched_status(reader, &matched) == 0 else { return }
        if matched.current_count > 0 {
            wasPublished = true
        } else if wasPublished || now - start >= Self.patience {
            _ = state.failed(absence(reader))
        }
    }

    /// Why nobody is read, as far as the network tells.
    private func absence(_ reader: dds_entity_t) -> String {
        let types = participant.publishedTypes(of: settings.name)
        if !types.isEmpty, !types.contains(settings.type.name) {
            return "it is published as \(types.sorted().joined(separator: ", ")), not as \(settings.type.name);"
                + " change 'type'"
        }
        if !types.isEmpty {
            var status = dds_requested_incompatible_qos_status_t()
            _ = dds_get_requested_incompatible_qos_status(reader, &status)
            return Self.words(forPolicy: status.last_policy_id)
        }
        return wasPublished
            ? "its publisher has gone"
            : "nobody publishes it; check its name, 'domain' and 'network'"
    }

    /// What a publisher does not offer that is asked for, and what to set.
    static func words(forPolicy policy: UInt32) -> String {
        switch policy {
        case UInt32(DDS_RELIABILITY_QOS_POLICY_ID.rawValue):
            "its publisher sends without repeating; set 'qos: {reliability: best-effort}'"
        case UInt32(DDS_DURABILITY_QOS_POLICY_ID.rawValue):
            "its publisher keeps nothing for those who come late; set 'qos: {durability: volatile}'"
        case UInt32(DDS_PARTITION_QOS_POLICY_ID.rawValue):
            "its publisher is in a partition of DDS, which ROS does not use and this input cannot join"
        default: "its publisher offers other terms than are asked for (policy \(policy) of DDS)"
        }
    }

    private mutating func count(_ reader: dds_entity_t, at now: Int64) {
        var lostStatus = dds_sample_lost_status_t()
        var refusedStatus = dds_sample_rejected_status_t()
        guard dds_get_sample_lost_status(reader, &lostStatus) == 0,
            dds_get_sample_rejected_status(reader, &refusedStatus) == 0
        else { return }
        let newLost = Int(lostStatus.total_count &- lost)
        let newRefused = Int(refusedStatus.total_count &- refused)
        (lost, refused) = (lostStatus.total_count, refusedStatus.total_count)
        guard newLost + newRefused > 0 else { return }
        let environment = participant.environment
        if newLost > 0 { participant.sink.reject(newLost, from: environment.name, reason: "message lost") }
        if newRefused > 0 { participant.sink.reject(newRefused, from: environment.name, reason: "queue full") }
        guard throttle.admit(at: now) != nil else { return }
        environment.logger.warning(
            newRefused > 0
                ? "messages come faster than they are taken; give a greater 'depth', or the topic an 'every'"
                : "messages were lost on the network; 'qos: {reliability: reliable}' has them sent again, if the publisher can",
            metadata: ["topic": "\(settings.name)", "messages": "\(newLost + newRefused)"])
    }
}
#endif
