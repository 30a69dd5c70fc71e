#if ROS2
import CROS2Types
import Telemetry

/// A topic that is being read, whatever its type.
protocol ROS2Reading: AnyObject {
    /// Takes what has come and gives it to the sink.
    ///
    /// - Returns: whether there may be more.
    func take() -> Bool
    /// Looks whether somebody publishes the topic, and counts what was lost.
    ///
    /// - Parameter now: nanoseconds on the monotonic clock.
    func look(at now: Int64)
    /// Takes what had come before the end, and counts what was lost until then.
    func finish()
}

/// Messages of one type from one topic.
final class ROS2Subscription<Message: ROS2Message>: ROS2Reading {
    /// Messages that are taken at once. Each is a copy that the library makes and uses again.
    private static var batch: Int { 64 }

    private let settings: ROS2TopicSettings
    private let participant: ROS2Participant
    private let reader: dds_entity_t
    private let loans: UnsafeMutableBufferPointer<UnsafeMutableRawPointer?>
    private let infos: UnsafeMutableBufferPointer<dds_sample_info_t>
    private var intake: ROS2Intake
    private var clock: ROS2Clock
    private var toldFault: ROS2Clock.Fault?
    private var watch: ROS2TopicWatch
    private var balance = ROS2Balance()
    /// Messages that were taken from the reader.
    private var taken = 0
    /// When the next message is wanted, nanoseconds on the monotonic clock.
    private var due: Int64 = .min

    init(_ settings: ROS2TopicSettings, _ participant: ROS2Participant) throws(ROS2Failure) {
        reader = try participant.reader(of: settings, Message.descriptor)
        loans = .allocate(capacity: Self.batch)
        infos = .allocate(capacity: Self.batch)
        loans.initialize(repeating: nil)
        infos.initialize(repeating: dds_sample_info_t())
        intake = ROS2Intake(
            settings, fields: Message.fields, environment: participant.environment, sink: participant.sink)
        clock = ROS2Clock(tolerance: settings.tolerance)
        watch = ROS2TopicWatch(settings, participant)
        (self.settings, self.participant) = (settings, participant)
    }

    deinit {
        loans.deallocate()
        infos.deallocate()
    }

    func take() -> Bool {
        watch.sequences.begin(reader)
        loans[0] = nil
        let count = dds_take(reader, loans.baseAddress, infos.baseAddress, Self.batch, UInt32(Self.batch))
        guard count > 0 else {
            if count < 0 { intake.reject("cannot be taken") }
            intake.flush()
            return false
        }
        let arrival = participant.environment.now()
        var isHeard = false
        for index in 0..<Int(count) where infos[index].valid_data {
            guard let message = loans[index]?.assumingMemoryBound(to: Message.self) else { continue }
            isHeard = true
            taken += 1
            if settings.every > 0, !isDue(monotonicNanoseconds()) { continue }
            place(Message.stamp(of: message), published: infos[index].source_timestamp, arrival)
            Message.read(message, into: &intake)
        }
        _ = dds_return_loan(reader, loans.baseAddress, count)
        intake.flush()
        if isHeard { watch.heard() }
        return Int(count) == Self.batch
    }

    func look(at now: Int64) {
        settle()
        watch.look(reader, at: now)
        guard clock.fault != toldFault, watch.tell(clock.fault, at: now) else { return }
        toldFault = clock.fault
    }

    func finish() {
        // No more than may have waited: a flood does not hold up the end.
        var batches = Int(settings.qos.depth) / Self.batch + 1
        while take(), batches > 0 { batches -= 1 }
        settle()
        settle()
        watch.finish(reader, at: monotonicNanoseconds())
    }

    /// Counts what the reader gave up for newer messages, when nothing comes for a moment.
    private func settle() {
        guard watch.sequences.isCounting else { return }
        watch.sequences.look(reader)
        let before = watch.sequences.delivered
        guard !take() else { return }
        watch.sequences.look(reader)
        let (delivered, refused) = (watch.sequences.delivered, watch.refusedByReader(reader))
        guard delivered == before, let refused else { return }
        watch.overwritten(balance.gone(delivered - taken - refused))
    }

    private func place(
        _ stamp: builtin_interfaces_msg_dds__Time_?, published: dds_time_t, _ arrival: Timestamp
    ) {
        let own: Timestamp? =
            switch settings.time {
            case .header: stamp?.timestamp
            case .source: Timestamp(nanoseconds: published)
            case .arrival: nil
            }
        (intake.time, intake.quality) = own.map { clock.time($0, arrival: arrival) } ?? (arrival, [])
    }

    /// Whether a message is wanted, on a grid that a late one does not shift.
    private func isDue(_ now: Int64) -> Bool {
        guard now >= due else { return false }
        due = due > now - settings.every ? due + settings.every : now + settings.every
        return true
    }
}
#endif
