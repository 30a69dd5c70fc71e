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

    private var state = State.waiting
    /// The publishers of the last look.
    private var publishers: [dds_instance_handle_t: dds_guid_t] = [:]

    /// Begins as soon as a message is there. To be called before messages are taken.
    mutating func begin(_ reader: dds_entity_t) {
        guard case .waiting = state else { return }
        switch ros2_count_sequences(reader) {
        case 0: return
        case 1: state = .counting
        default: state = .unable
        }
    }

    /// What was lost since the last call.
    mutating func losses(_ reader: dds_entity_t) -> (missing: Int, unreadable: Int) {
        guard case .counting = state else { return (0, 0) }
        let present = matched(reader)
        // Also of those that have gone since: a robot that is switched off loses its last messages.
        let asked = publishers.merging(present) { old, _ in old }
        publishers = present
        return asked.values.reduce(into: (0, 0)) { sum, publisher in
            let losses = withUnsafePointer(to: publisher) { ros2_losses($0) }
            sum.0 += Int(clamping: losses.missing)
            sum.1 += Int(clamping: losses.unreadable)
        }
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
#endif
