#if ROS2
import CROS2Types

/// What did not come of a topic's messages, by the numbers that its publishers give them.
struct ROS2Sequences {
    private enum State {
        /// Nothing has come yet.
        case waiting
        case counting
        /// This version of the library shows no numbers.
        case unable
    }

    /// More publishers than this of one topic are not asked about.
    private static let mostPublishers = 64

    /// Of the participant, which outlives this; nil where none is to be had.
    private let counter: OpaquePointer?
    private var state = State.waiting
    /// The publishers of the last look.
    private var publishers: [dds_instance_handle_t: dds_guid_t] = [:]
    /// How many messages of each of them had been given to readers then.
    private var known: [dds_instance_handle_t: UInt64] = [:]
    /// What was found missing and has not been asked for.
    private var untold = (missing: 0, unreadable: 0)
    /// Messages that were given to this box's readers, as far as known.
    private(set) var delivered = 0

    init(_ counter: OpaquePointer?) { self.counter = counter }

    var isCounting: Bool {
        if case .counting = state { true } else { false }
    }

    /// Begins as soon as a message is there. To be called before messages are taken.
    mutating func begin(_ reader: dds_entity_t) {
        guard case .waiting = state else { return }
        switch ros2_count_sequences(counter, reader) {
        case 0: return
        case 1: state = .counting
        default: state = .unable
        }
    }

    /// Asks what has become of the messages of all publishers.
    mutating func look(_ reader: dds_entity_t) {
        guard isCounting else { return }
        let present = matched(reader)
        // Also of those that have gone since: a robot that is switched off loses its last messages.
        for (handle, publisher) in publishers.merging(present, uniquingKeysWith: { old, _ in old }) {
            let losses = withUnsafePointer(to: publisher) { ros2_losses(counter, $0) }
            untold.missing += Int(clamping: losses.missing)
            untold.unreadable += Int(clamping: losses.unreadable)
            // One that was forgotten meanwhile begins anew.
            delivered += Int(clamping: losses.delivered - min(losses.delivered, known[handle] ?? 0))
            known[handle] = present[handle] == nil ? nil : losses.delivered
        }
        publishers = present
    }

    /// What was lost since the last call.
    mutating func losses() -> (missing: Int, unreadable: Int) {
        defer { untold = (0, 0) }
        return untold
    }

    private func matched(_ reader: dds_entity_t) -> [dds_instance_handle_t: dds_guid_t] {
        withUnsafeTemporaryAllocation(of: dds_instance_handle_t.self, capacity: Self.mostPublishers) { handles in
            let count = dds_get_matched_publications(reader, handles.baseAddress, Self.mostPublishers)
            var found: [dds_instance_handle_t: dds_guid_t] = [:]
            for handle in handles.prefix(min(Int(max(0, count)), Self.mostPublishers)) {
                if let known = publishers[handle] {
                    found[handle] = known
                } else if let endpoint = dds_get_matched_publication_data(reader, handle) {
                    found[handle] = endpoint.pointee.key
                    dds_builtintopic_free_endpoint(endpoint)
                }
            }
            return found
        }
    }
}

/// Whether all messages that were given to a reader have been taken from it, or been counted as something else.
///
/// A reader that is to keep the newest says nothing of those that it gave up for them.
struct ROS2Balance {
    /// What is left open from the time before counting began.
    private var base: Int?
    private var last = 0
    private var told = 0

    /// - Parameter surplus: messages that were given to the reader and not taken from it, at a time when none was waiting.
    /// - Returns: how many of them are newly known to be gone.
    mutating func gone(_ surplus: Int) -> Int {
        guard let base else {
            self.base = surplus
            return 0
        }
        // A message may have been given and not be there yet: only what is the same twice is believed.
        defer { last = surplus - base }
        guard surplus - base == last, last > told else { return 0 }
        defer { told = last }
        return last - told
    }
}
#endif
