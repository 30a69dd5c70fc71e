/// What ``SegmentedLog/synchronize()`` achieved.
package struct Synchronized: Hashable, Sendable {
    /// The highest durable position of each lane.
    package var durable: LanePositions
    /// Records that were moved because their first place failed; empty but for device errors.
    package var relocations: [Relocation]
}

/// A run of records that a failed write forced into another segment. Applied to a location from
/// ``SegmentedLog/append(_:to:usingReserve:)`` it gives where the record is now.
package struct Relocation: Hashable, Sendable {
    let from: Location
    let to: Location

    /// Where the record at `location` is now; the same place if it did not move.
    package func callAsFunction(_ location: Location) -> Location {
        guard location.segment == from.segment, location.offset >= from.offset else { return location }
        return Location(segment: to.segment, offset: to.offset + (location.offset - from.offset))
    }
}

extension SegmentedLog {
    /// Makes everything appended durable, lane 0 first. Only then may a record leave the machine.
    ///
    /// If the device refuses, what was not durable is written once more into another segment, under the same
    /// positions; if that fails as well the lane is degraded.
    ///
    /// - Throws: ``LogError/Code/degraded``. Lanes that come before the failed one are synchronized.
    @discardableResult
    package mutating func synchronize() throws(LogError) -> Synchronized {
        for index in lanes.indices { try flush(Lane(index)) }
        return synchronized()
    }

    /// The same for one lane.
    @discardableResult
    package mutating func synchronize(_ lane: Lane) throws(LogError) -> Synchronized {
        try flush(lane)
        return synchronized()
    }

    private mutating func synchronized() -> Synchronized {
        defer { relocations = [] }
        return Synchronized(durable: durablePositions, relocations: relocations)
    }

    /// Writes and synchronizes what the lane holds in memory.
    mutating func flush(_ lane: Lane) throws(LogError) {
        guard !lanes[lane.index].isDegraded else { throw degradedError(lane) }
        guard let active = lanes[lane.index].active, !lanes[lane.index].unsynchronized.isEmpty else { return }
        do throws(LogError) {
            try lanes[lane.index].write(to: active.file, at: active.synchronizedBytes, files)
            try files.synchronize(active.file)
            settle(lane, active)
        } catch {
            try relocate(lane, from: active, after: error)
        }
    }

    /// Ends the lane's active segment, all of whose records are durable, with a seal.
    ///
    /// It comes after their synchronization, so that an intact seal proves them durable. It need not be durable itself
    /// while another segment follows, which tells where this one ended.
    mutating func seal(_ lane: Lane, synchronizing: Bool) throws(LogError) {
        guard let active = lanes[lane.index].active, let section = lanes[lane.index].sections.last else { return }
        defer {
            files.close(active.file)
            lanes[lane.index].active = nil
        }
        var seal: [UInt8] = []
        SegmentSeal(end: section.end, byteEnd: section.byteEnd).encode(into: &seal, salt: section.salt)
        try files.writeAll(active.file, at: options.recordLimit, seal.span.bytes)
        if synchronizing { try files.synchronize(active.file) }
    }

    /// Everything in memory has become durable in `active`.
    private mutating func settle(_ lane: Lane, _ active: ActiveSegment) {
        let written = active.synchronizedBytes + lanes[lane.index].unsynchronized.count
        lanes[lane.index].unsynchronized.removeAll(keepingCapacity: true)
        if let section = lanes[lane.index].sections.last, section.end > section.first {
            lanes[lane.index].durable = Position(section.end - 1)
        }
        lanes[lane.index].active = ActiveSegment(file: active.file, synchronizedBytes: written)
    }

    /// Gives up the active segment behind its durable part and writes the rest into a fresh one.
    ///
    /// The failed descriptor is not synchronized again: the kernel has marked its pages clean, and a second call would
    /// report a success that never was.
    private mutating func relocate(_ lane: Lane, from failed: ActiveSegment, after cause: LogError) throws(LogError) {
        files.close(failed.file)
        lanes[lane.index].active = nil
        guard let old = lanes[lane.index].sections.popLast() else { return }
        let isHeaderDurable = failed.synchronizedBytes > old.start
        let start = isHeaderDurable ? failed.synchronizedBytes : old.firstRecord
        let first = max(old.first, lanes[lane.index].durable.number + 1)
        if isHeaderDurable, first > old.first {
            var kept = old
            kept.end = first
            kept.byteEnd = start
            lanes[lane.index].sections.append(kept)
        }
        do throws(LogError) {
            let (header, file) = try take(segmentFor: lane, first: first)
            let section = rewrite(lane, old, start: start, isHeaderDurable: isHeaderDurable, header)
            let active = ActiveSegment(file: file, synchronizedBytes: 0)
            lanes[lane.index].active = active
            lanes[lane.index].sections.append(section)
            try lanes[lane.index].write(to: file, at: 0, files)
            try files.synchronize(file)
            settle(lane, active)
            relocations.append(
                Relocation(
                    from: Location(segment: old.segment, offset: UInt32(start)),
                    to: Location(segment: section.segment, offset: UInt32(section.firstRecord))))
        } catch {
            degrade(lane)
            throw LogError(
                .degraded,
                """
                lane \(lane.index) could not be written (\(cause.message)), nor in another segment \
                (\(error.message)); check the device and restart
                """, path: directory.path, errno: error.errno)
        }
    }

    /// Lays the records in memory out again for the segment of `header`, whose salt and offsets differ.
    private mutating func rewrite(
        _ lane: Lane, _ old: Section, start: Int, isHeaderDurable: Bool, _ header: SegmentHeader
    ) -> Section {
        let records = lanes[lane.index].unsynchronized.dropFirst(isHeaderDurable ? 0 : SegmentHeader.blockSize)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(SegmentHeader.blockSize + records.count)
        header.encodeBlock(into: &bytes)
        bytes.append(contentsOf: records)
        var at = SegmentHeader.blockSize
        while at < bytes.count,
            let record = RecordHeader(
                in: bytes.span.bytes, at: at, salt: old.salt, offset: start + at - SegmentHeader.blockSize)
        {
            record.encode(into: &bytes, at: at, salt: header.salt, offset: at)
            at += record.extent
        }
        lanes[lane.index].unsynchronized = bytes
        var section = Section(header, segmentSalt: header.salt, at: 0)
        section.end = old.end
        section.byteEnd = bytes.count
        return section
    }

    /// The lane keeps what is durable and takes nothing more.
    private mutating func degrade(_ lane: Lane) {
        if let active = lanes[lane.index].active {
            files.close(active.file)
            lanes[lane.index].active = nil
            lanes[lane.index].sections.removeLast()
        }
        lanes[lane.index].unsynchronized = []
        lanes[lane.index].isDegraded = true
    }
}
