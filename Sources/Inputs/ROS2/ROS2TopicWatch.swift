#if ROS2
import CROS2Types
import Logging

/// Whether a topic is published, by whom it could be read and is not, and what was lost on the way.
struct ROS2TopicWatch {
    /// How long a publisher may take to be found before its absence is told, nanoseconds.
    private static let patience: Int64 = 5_000_000_000
    /// How long one usually takes, nanoseconds. Who ends before that is told nothing of it.
    private static let discovery: Int64 = 2_000_000_000

    private let settings: ROS2TopicSettings
    private unowned let participant: ROS2Participant
    var sequences: ROS2Sequences
    private let begun: Int64
    private var state: SourceState
    /// When to look again who publishes what, for a topic that nobody is known to publish.
    private var nextSearch: Int64
    /// As the reader told at the last count.
    private var lost: UInt32 = 0
    private var refused: UInt32 = 0
    /// Overwritten since then.
    private var gone = 0
    private var wasPublished = false
    private var wasHeard = false
    private var lostLog: ROS2LossLog
    private var refusedLog: ROS2LossLog
    private var stampThrottle: LogThrottle

    init(_ settings: ROS2TopicSettings, _ participant: ROS2Participant) {
        self.settings = settings
        self.participant = participant
        sequences = ROS2Sequences(participant.counter)
        state = SourceState("ros2 \(settings.name)", of: participant.environment)
        let now = monotonicNanoseconds()
        nextSearch = now + Self.patience
        begun = now
        lostLog = ROS2LossLog(now: now)
        refusedLog = ROS2LossLog(now: now)
        stampThrottle = LogThrottle(burst: 2, interval: 600_000_000_000, now: now)
    }

    /// A message has come.
    mutating func heard() {
        if !state.isUp { state.answered() }
        wasPublished = true
        wasHeard = true
    }

    /// Says what is wrong with the topic's stamps, or that nothing is any more.
    ///
    /// - Returns: whether it was said. Two publishers with two clocks would fill the log.
    mutating func tell(_ fault: ROS2Clock.Fault?, at now: Int64) -> Bool {
        guard stampThrottle.admit(at: now) != nil else { return false }
        let metadata: Logger.Metadata = ["topic": "\(settings.name)"]
        if let fault {
            participant.environment.logger.warning(
                "the time of arrival is taken for a topic: \(fault)", metadata: metadata)
        } else {
            participant.environment.logger.info("the stamps of a topic are good again", metadata: metadata)
        }
        return true
    }

    mutating func look(_ reader: dds_entity_t, at now: Int64) {
        count(reader, at: now)
        if isMatched(reader) {
            wasPublished = true
        } else if wasPublished && state.isUp || now >= nextSearch {
            nextSearch = now + Self.patience
            _ = state.failed(absence(reader))
        }
    }

    /// Counts for the last time; and of a topic that gave nothing all the time says why.
    mutating func finish(_ reader: dds_entity_t, at now: Int64) {
        count(reader, at: now)
        guard !wasHeard, state.failures == 0, now - begun >= Self.discovery else { return }
        let reason =
            isMatched(reader) ? "its publisher is connected, and sent nothing that can be read" : absence(reader)
        participant.environment.logger.notice(
            "a topic gave nothing", metadata: ["source": "ros2 \(settings.name)", "reason": "\(reason)"])
    }

    private func isMatched(_ reader: dds_entity_t) -> Bool {
        var matched = dds_subscription_matched_status_t()
        // A reader that cannot be asked is no sign of a publisher that has gone.
        return dds_get_subscription_matched_status(reader, &matched) != 0 || matched.current_count > 0
    }

    /// Why nobody is read, as far as the network tells.
    private func absence(_ reader: dds_entity_t) -> String {
        let published = participant.published()
        let type = settings.type.name
        if let types = published[settings.name.description] {
            guard types.contains(type) else {
                return "it is published as \(types.sorted().joined(separator: ", ")), not as \(type); change 'type'"
            }
            var status = dds_requested_incompatible_qos_status_t()
            guard dds_get_requested_incompatible_qos_status(reader, &status) == 0, status.total_count > 0 else {
                return "its publisher is known, and not connected yet"
            }
            return Self.words(forPolicy: status.last_policy_id)
        }
        if wasPublished { return "its publisher has gone" }
        let others = published.filter { $0.value.contains(type) }.keys.sorted().prefix(3)
        return others.isEmpty
            ? "nobody publishes it; check its name, 'domain' and 'network'"
            : "nobody publishes it; \(type) is published as \(others.joined(separator: ", "))"
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

    /// What the reader itself says that it did not take; nil when it does not say.
    func refusedByReader(_ reader: dds_entity_t) -> Int? {
        statuses(reader).map { Int($0.lost) + Int($0.refused) }
    }

    /// So many messages made room in the queue for newer ones.
    mutating func overwritten(_ messages: Int) { gone += messages }

    private func statuses(_ reader: dds_entity_t) -> (lost: UInt32, refused: UInt32)? {
        var lost = dds_sample_lost_status_t()
        var refused = dds_sample_rejected_status_t()
        guard dds_get_sample_lost_status(reader, &lost) == 0, dds_get_sample_rejected_status(reader, &refused) == 0
        else { return nil }
        return (lost.total_count, refused.total_count)
    }

    /// Counts what was lost since it was last counted.
    mutating func count(_ reader: dds_entity_t, at now: Int64) {
        guard let statuses = statuses(reader) else { return }
        sequences.look(reader)
        let (missing, unreadable) = sequences.losses()
        let newLost = Int(statuses.lost &- lost) + missing
        let newRefused = Int(statuses.refused &- refused) + gone
        (lost, refused, gone) = (statuses.lost, statuses.refused, 0)
        let (sink, name) = (participant.sink, participant.environment.name)
        if newLost > 0 { sink.reject(newLost, from: name, reason: "message lost") }
        if newRefused > 0 { sink.reject(newRefused, from: name, reason: "queue full") }
        if unreadable > 0 { sink.reject(unreadable, from: name, reason: "not readable") }
        lostLog.add(newLost)
        refusedLog.add(newRefused)
        let logger = participant.environment.logger
        lostLog.tell(Self.words(forLosses: settings.qos.reliability), settings.name, logger, at: now)
        refusedLog.tell(
            "messages come faster than they are taken; give a greater 'depth', or the topic an 'every'",
            settings.name, logger, at: now)
    }

    private static func words(forLosses reliability: ROS2QoS.Reliability) -> String {
        switch reliability {
        case .bestEffort:
            "messages were lost on the way; 'qos: {reliability: reliable}' has them sent again, if the publisher can"
        case .reliable:
            "messages were lost on the way, and their publisher no longer had them; let it keep more, or look at the network"
        }
    }
}

/// How many messages did not come, told at once and then at most once a minute.
private struct ROS2LossLog {
    private var untold = 0
    private var throttle: LogThrottle

    init(now: Int64) { throttle = LogThrottle(burst: 1, interval: 60_000_000_000, now: now) }

    mutating func add(_ count: Int) { untold += count }

    mutating func tell(_ words: String, _ topic: ROS2TopicName, _ logger: Logger, at now: Int64) {
        guard untold > 0, throttle.admit(at: now) != nil else { return }
        logger.warning("\(words)", metadata: ["topic": "\(topic)", "messages": "\(untold)"])
        untold = 0
    }
}
#endif
