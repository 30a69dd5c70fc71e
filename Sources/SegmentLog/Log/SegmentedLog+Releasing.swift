/// The segment whose records would go.
package struct EvictionCandidate: Hashable, Sendable {
    package let lane: Lane
    /// Unreleased records in it. Read them with a reader to tell what they hold before declaring them lost.
    package let positions: ClosedRange<Position>
    package let segment: UInt64
}

extension SegmentedLog {
    /// Gives up everything in the lane up to and including `position`: someone else has it for good.
    ///
    /// Takes effect in memory. It is durable after ``persistCursor()``, and always before a segment is used again; a
    /// release lost in a crash only means that records come again. Going back, or beyond what is durable, has no
    /// effect.
    package mutating func release(through position: Position, in lane: Lane) {
        let reached = min(position, lanes[lane.index].durable)
        guard reached > lanes[lane.index].released else { return }
        lanes[lane.index].released = reached
        cursor.isDirty = true
        guard options.capacity != .growing else { return }
        while let oldest = lanes[lane.index].sections.first, oldest.end <= reached.number + 1,
            !isActive(oldest.segment, lane)
        {
            lanes[lane.index].retired.append(lanes[lane.index].sections.removeFirst())
            guard lanes[lane.index].sections.first?.segment != oldest.segment else { continue }
            readFiles.close(oldest.segment, files)
            free.append(oldest.segment)
        }
    }

    /// Makes the releases so far durable.
    package mutating func persistCursor() throws(LogError) {
        try cursor.persist(released: releasedPositions, durable: durablePositions, closing: false, files)
    }

    /// The segment that has to go so that a record of `lane` finds room: the oldest of the highest-numbered lane that
    /// is not more precious. Nil if there is none; lane 0 is never evicted.
    package func evictionCandidate(for lane: Lane) -> EvictionCandidate? {
        for index in (max(lane.index, 1)..<max(lanes.count, 1)).reversed() {
            if let candidate = oldestSegment(of: Lane(index)) { return candidate }
        }
        return nil
    }

    /// The lane's oldest segment, unless it is being written: what an archive drops when its retention ends.
    package func oldestSegment(of lane: Lane) -> EvictionCandidate? {
        guard let oldest = lanes[lane.index].sections.first, !isActive(oldest.segment, lane),
            let last = lanes[lane.index].sections.prefix(while: { $0.segment == oldest.segment }).last
        else { return nil }
        let lower = max(oldest.first, lanes[lane.index].released.number + 1)
        guard lower < last.end else { return nil }
        return EvictionCandidate(
            lane: lane, positions: Position(lower)...Position(last.end - 1), segment: oldest.segment)
    }

    /// What the segment holds that is being written; nil when there is none, or nothing in it.
    package func activePositions(of lane: Lane) -> ClosedRange<Position>? {
        guard let last = lanes[lane.index].sections.last, isActive(last.segment, lane),
            let first = lanes[lane.index].sections.first(where: { $0.segment == last.segment }), first.first < last.end
        else { return nil }
        return Position(first.first)...Position(last.end - 1)
    }

    /// Ends the segment that is being written, so that it can be given up; what comes next goes into another one.
    package mutating func endSegment(of lane: Lane) throws(LogError) {
        try flush(lane)
        try seal(lane, synchronizing: true)
        lanes[lane.index].isEnded = true
    }

    /// Gives up a segment and all that is in it. Declare the loss and make the declaration durable first.
    ///
    /// Does nothing if the segment was released meanwhile. In a growing log the file is deleted.
    package mutating func evict(_ candidate: EvictionCandidate) throws(LogError) {
        let lane = candidate.lane
        let segment = candidate.segment
        guard lanes[lane.index].sections.first?.segment == segment, !isActive(segment, lane) else { return }
        release(through: candidate.positions.upperBound, in: lane)
        try persistCursor()
        guard options.capacity == .growing else { return }
        readFiles.close(segment, files)
        try files.remove(directory.segment(segment))
        lanes[lane.index].sections.removeAll { $0.segment == segment }
        fileCount -= 1
    }

    private func isActive(_ segment: UInt64, _ lane: Lane) -> Bool {
        lanes[lane.index].active != nil && segment == lanes[lane.index].sections.last?.segment
    }
}
