extension SegmentedLog {
    /// Appends a record. It is in memory only until ``synchronize()`` returns: nothing may be published before.
    ///
    /// When a segment is filled up it is synchronized here, so that what is not durable never exceeds one segment.
    ///
    /// `usingReserve` is for the record in lane 0 that declares the loss before an eviction: it may take the last free
    /// segment, which other records leave alone.
    ///
    /// Throws ``LogError/Code/full`` if there is no segment for the lane: evict one, or release, and try again.
    /// ``LogError/Code/recordTooLarge``; ``LogError/Code/degraded``; ``LogError/Code/io`` if a new segment could
    /// not be begun. After an error the record is not in the log.
    @discardableResult
    package mutating func append(
        _ record: RawSpan, to lane: Lane, usingReserve: Bool = false
    ) throws(LogError) -> Entry {
        precondition(lane.index < lanes.count, "the log has no such lane")
        guard record.byteCount <= options.largestRecord else {
            throw LogError(
                .recordTooLarge,
                "a record of \(record.byteCount) bytes does not fit a segment; the limit is \(options.largestRecord)",
                path: directory.path)
        }
        let extent = RecordHeader.extent(ofPayload: record.byteCount)
        while true {
            guard !lanes[lane.index].isDegraded else { throw degradedError(lane) }
            if lanes[lane.index].active == nil {
                try begin(lane, extent: extent, usingReserve: usingReserve)
            } else if !hasRoom(for: extent, in: lane) {
                try flush(lane)
                // The records may have had to move into a segment that has room.
                if !hasRoom(for: extent, in: lane) { try seal(lane, synchronizing: false) }
            } else {
                break
            }
        }
        return lanes[lane.index].append(record, extent: extent)
    }

    private func hasRoom(for extent: Int, in lane: Lane) -> Bool {
        guard let section = lanes[lane.index].sections.last else { return false }
        return section.byteEnd + extent <= options.recordLimit
    }

    /// Begins a section for a record of `extent` bytes: behind the lane's last one if there is room in its segment, else at
    /// the beginning of another segment. Its header goes to disk with the first records.
    private mutating func begin(_ lane: Lane, extent: Int, usingReserve: Bool) throws(LogError) {
        let section: Section
        lanes[lane.index].unsynchronized.removeAll(keepingCapacity: true)
        if !lanes[lane.index].isEnded, let last = lanes[lane.index].sections.last,
            last.segment >= lanes[lane.index].youngestFound, let start = startOfSection(behind: last, extent)
        {
            // That the log is open must be durable before anything is in it.
            if cursor.isDirty { try persistCursor() }
            let header = header(of: last.segment, lane, first: lanes[lane.index].next)
            let file = try files.open(directory.segment(last.segment), .readWrite)
            lanes[lane.index].active = ActiveSegment(file: file, synchronizedBytes: start)
            header.encodeBlock(into: &lanes[lane.index].unsynchronized, within: last.segmentSalt)
            section = Section(header, segmentSalt: last.segmentSalt, at: start)
        } else {
            let (header, file) = try takeSegment(for: lane, usingReserve: usingReserve)
            lanes[lane.index].active = ActiveSegment(file: file, synchronizedBytes: 0)
            header.encodeBlock(into: &lanes[lane.index].unsynchronized)
            section = Section(header, segmentSalt: header.salt, at: 0)
        }
        lanes[lane.index].sections.append(section)
        lanes[lane.index].isEnded = false
    }

    /// Where another section can begin in the segment of `last` and hold a record of `extent` bytes: in a block of its own, so
    /// that nothing that was there before is written again.
    private func startOfSection(behind last: Section, _ extent: Int) -> Int? {
        let start = SegmentHeader.blockOffset(atOrAfter: last.byteEnd + last.tornBytes)
        return start + SegmentHeader.blockSize + extent <= options.recordLimit ? start : nil
    }

    private mutating func takeSegment(
        for lane: Lane, usingReserve: Bool
    ) throws(LogError) -> (SegmentHeader, OpenFile) {
        guard options.capacity == .growing || free.count > segmentsToLeave(by: lane, usingReserve) else {
            throw LogError(.full, "the budget is used up; deliver, evict, or enlarge it", path: directory.path)
        }
        return try take(segmentFor: lane, first: lanes[lane.index].next)
    }

    /// Free segments that a record of `lane` must leave for lane 0, and for loss declarations.
    private func segmentsToLeave(by lane: Lane, _ usingReserve: Bool) -> Int {
        guard case .budget(_, let reserve) = options.capacity else { return 0 }
        if lane.index == 0 { return usingReserve ? 0 : 1 }
        return max(reserve - lanes[0].segmentCount, 1)
    }

    /// Turns a free file, or a new one, into the segment that continues `lane` at `first`.
    mutating func take(segmentFor lane: Lane, first: UInt64) throws(LogError) -> (SegmentHeader, OpenFile) {
        // What was released must be known to be so before its bytes go, and that the log is open before anything is
        // in it.
        if cursor.isDirty { try persistCursor() }
        let id = nextSegment
        let file = try options.capacity == .growing ? createFile(id) : recycleFile(id)
        nextSegment += 1
        return (header(of: id, lane, first: first), file)
    }

    /// A header with a salt of its own, for the beginning of a segment or a further section.
    private func header(of segment: UInt64, _ lane: Lane, first: UInt64) -> SegmentHeader {
        var next = LanePositions()
        for (index, state) in lanes.enumerated() { next[Lane(index)] = Position(state.next) }
        return SegmentHeader(
            id: segment, lane: lane, laneCount: options.laneCount, segmentSize: options.segmentSize,
            salt: files.randomSalt(), first: first, follows: lanes[lane.index].durable.number,
            released: releasedPositions, next: next)
    }

    private mutating func createFile(_ id: UInt64) throws(LogError) -> OpenFile {
        let file = try files.open(directory.segment(id), .create)
        do throws(LogError) {
            try files.allocate(file, size: options.segmentSize)
            // The name must be durable before a record in the file is called so.
            try files.synchronizeDirectory(directory.path)
        } catch {
            files.close(file)
            throw error
        }
        fileCount += 1
        return file
    }

    /// Renames the free file. The header decides what a file is, so the new name need not be durable: recovery
    /// repairs it.
    private mutating func recycleFile(_ id: UInt64) throws(LogError) -> OpenFile {
        guard let old = free.first else {
            throw LogError(.full, "no segment is free", path: directory.path)
        }
        readFiles.close(old, files)
        try files.rename(directory.segment(old), to: directory.segment(id))
        free.removeFirst()
        for index in lanes.indices { lanes[index].retired.removeAll { $0.segment == old } }
        do throws(LogError) {
            return try files.open(directory.segment(id), .readWrite)
        } catch {
            free.append(id)
            nextSegment += 1
            throw error
        }
    }

    func degradedError(_ lane: Lane) -> LogError {
        LogError(
            .degraded,
            "lane \(lane.index) could not be written in two places and takes nothing more; check the device and restart",
            path: directory.path)
    }
}
