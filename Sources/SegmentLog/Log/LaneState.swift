/// A segment in use, as far as it must be known without reading it.
struct Segment: Equatable {
    let id: UInt64
    let salt: UInt64
    let first: UInt64
    let follows: UInt64
    /// The position after its last record. A younger segment that begins earlier takes the rest over.
    var end: UInt64
    /// The offset after its last record.
    var byteEnd: Int

    init(_ header: SegmentHeader, end: UInt64, byteEnd: Int) {
        id = header.id
        salt = header.salt
        first = header.first
        follows = header.follows
        self.end = end
        self.byteEnd = byteEnd
    }
}

/// The segment a lane appends to: the last of its `segments`.
struct ActiveSegment {
    let file: OpenFile
    /// Bytes of the file that are durable. What follows them is in the lane's `unsynchronized`.
    var synchronizedBytes = 0
}

/// One lane in memory.
struct LaneState {
    /// Oldest first; each begins at or after the end of the one before.
    var segments: [Segment] = []
    var active: ActiveSegment?
    /// Everything appended since the last successful synchronization, laid out as in the file. Kept until the file
    /// has it for good: after a failed fdatasync this, and not the page cache, is what can be written again.
    var unsynchronized: [UInt8] = []
    /// What the next record gets.
    var next: UInt64 = 1
    var durable = Position.start
    var released = Position.start
    /// No second place could be made durable: nothing is taken any more.
    var isDegraded = false

    /// Records that are not released yet.
    var pending: Int {
        segments.reduce(0) { sum, segment in
            let lower = max(segment.first, released.number + 1)
            return sum + (segment.end > lower ? Int(segment.end - lower) : 0)
        }
    }

    /// The first segment that holds, or is followed by something that holds, `position` or a later one.
    func indexOfSegment(endingAfter position: UInt64) -> Int? {
        var low = 0
        var high = segments.count
        while low < high {
            let middle = (low + high) / 2
            if segments[middle].end > position { high = middle } else { low = middle + 1 }
        }
        return low < segments.count ? low : nil
    }

    /// The segment with this number; they stand in rising order.
    func segment(_ id: UInt64) -> Segment? {
        var low = 0
        var high = segments.count
        while low < high {
            let middle = (low + high) / 2
            if segments[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low < segments.count && segments[low].id == id ? segments[low] : nil
    }

    /// Lays a record out behind the others of the last segment, which has room for it.
    mutating func append(_ record: RawSpan, extent: Int) -> Entry {
        let last = segments.endIndex - 1
        let offset = segments[last].byteEnd
        let header = RecordHeader(position: next, payload: record)
        let index = unsynchronized.count
        unsynchronized.appendZeros(RecordHeader.size)
        header.encode(into: &unsynchronized, at: index, salt: segments[last].salt, offset: offset)
        unsynchronized.append(copying: record)
        unsynchronized.appendZeros(extent - RecordHeader.size - record.byteCount)
        segments[last].end = next + 1
        segments[last].byteEnd += extent
        next += 1
        return Entry(
            position: Position(header.position),
            location: Location(segment: segments[last].id, offset: UInt32(offset)))
    }

    /// Writes what is in memory to the file, at `offset`.
    func write<Files: FileSystem>(to file: OpenFile, at offset: Int, _ files: Files) throws(LogError) {
        try files.writeAll(file, at: offset, unsynchronized.span.bytes)
    }

    /// The record header that stands at `index` of what is in memory, `offset` in its segment.
    func unsynchronizedHeader(at index: Int, salt: UInt64, offset: Int) -> RecordHeader? {
        RecordHeader(in: unsynchronized.span.bytes, at: index, salt: salt, offset: offset)
    }
}
