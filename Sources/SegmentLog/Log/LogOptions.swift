/// How a log is laid out. Lane count and segment size are fixed when the directory is first used.
package struct LogOptions: Hashable, Sendable {
    /// How much disk the log may take.
    package enum Capacity: Hashable, Sendable {
        /// All files together never exceed `bytes`; they are allocated at the start, and recycled. `reserve` segments,
        /// at least one, are kept for lane 0; the last of them for loss declarations.
        case budget(bytes: Int, reserve: Int)
        /// No bound. Segments are created on demand and deleted only by ``SegmentedLog/evict(_:)``.
        case growing
    }

    /// How much is verified at the start. What is not verified then is verified when it is read.
    package enum Scan: Hashable, Sendable {
        /// Every unreleased record: time in proportion to the backlog.
        case everything
        /// Only segments that were not sealed, where a crash can have left its marks.
        case unsealed
    }

    /// 1 to 8.
    package var laneCount: Int
    /// Bytes per segment file; a multiple of 4096, at most 1 GiB.
    package var segmentSize: Int
    package var capacity: Capacity
    package var scan: Scan

    /// The options of an archive by default: one lane, segments of 4 MiB, growing.
    package init(
        laneCount: Int = 1, segmentSize: Int = 4 << 20, capacity: Capacity = .growing, scan: Scan = .everything
    ) {
        self.laneCount = laneCount
        self.segmentSize = segmentSize
        self.capacity = capacity
        self.scan = scan
    }

    /// The longest payload that fits into a segment, in bytes.
    package var largestRecord: Int { recordLimit - SegmentHeader.blockSize - RecordHeader.size }

    /// Where records must end: the seal stands behind.
    var recordLimit: Int { segmentSize - SegmentSeal.size }

    /// A bound on the records of one segment.
    var mostRecords: UInt64 { UInt64((segmentSize - SegmentHeader.blockSize) / RecordHeader.size) }

    /// How many segment files the budget allows; nil without one.
    var segmentCapacity: Int? {
        guard case .budget(let bytes, _) = capacity else { return nil }
        return (bytes - CursorSlot.fileSize) / segmentSize
    }

    func validate(path: String) throws(LogError) {
        guard (1...Lane.maximumCount).contains(laneCount) else {
            throw LogError(.options, "a log has 1 to 8 lanes, not \(laneCount)", path: path)
        }
        guard segmentSize % 4096 == 0, (8192...1 << 30).contains(segmentSize) else {
            throw LogError(
                .options, "the segment size must be a multiple of 4096 from 8192 to 1 GiB, not \(segmentSize)",
                path: path)
        }
        guard case .budget(let bytes, let reserve) = capacity else { return }
        let needed = laneCount + reserve + 1
        guard reserve >= 1 else {
            throw LogError(.options, "at least one segment must be in reserve for lane 0", path: path)
        }
        guard let count = segmentCapacity, count >= needed else {
            throw LogError(
                .options,
                """
                a budget of \(bytes) bytes is too small: \(laneCount) lanes and a reserve of \(reserve) need at least \
                \(needed * segmentSize + CursorSlot.fileSize)
                """, path: path)
        }
    }
}
