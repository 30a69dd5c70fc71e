/// What was released and lies on the disk all the same.
///
/// A released record costs nothing until its segment is needed again, so whoever gave it away too early (to somebody who has lost it) may
/// have it once more. Nothing is promised: the next append may write over it, and another start of the log does not know of segments
/// that were free before.
extension SegmentedLog {
    /// The first position of the lane that can still be read; that after the last one where nothing can.
    package func firstHeld(_ lane: Lane) -> Position {
        let state = lanes[lane.index]
        return Position((state.retired.first ?? state.sections.first)?.first ?? state.next)
    }

    /// Reads the first durable record behind the reader that is still there, released or not, into `payload`. What is damaged or gone is
    /// passed over; see ``next(_:into:including:)`` for whoever has to tell of it.
    ///
    /// - Returns: nil at the end.
    package mutating func nextHeld(_ reader: inout LogReader, into payload: inout [UInt8]) throws(LogError) -> Entry? {
        while true {
            let state = lanes[reader.lane.index]
            let target = reader.position.number + 1
            guard target <= state.durable.number,
                let section = state.retired.first(where: { $0.end > target })
                    ?? state.sections.first(where: { $0.end > target })
            else { return nil }
            let step = try step(&reader, to: max(target, section.first), in: section, into: &payload)
            if case .record(let entry) = step { return entry.position <= state.durable ? entry : nil }
        }
    }
}
