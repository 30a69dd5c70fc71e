/// What one start of the log wrote into a segment, as far as it must be known without reading it.
struct Section: Equatable {
    /// The number of the segment.
    let segment: UInt64
    /// The salt in the header at the beginning of the segment.
    let segmentSalt: UInt64
    /// The offset of the section's header in the segment.
    let start: Int
    let salt: UInt64
    let first: UInt64
    let follows: UInt64
    /// The position after its last record. A younger segment that begins earlier takes the rest over.
    var end: UInt64
    /// The offset after its last record.
    var byteEnd: Int
    /// What follows `byteEnd` and was begun as records.
    let tornBytes: Int

    /// The offset of its first record.
    var firstRecord: Int { start + SegmentHeader.blockSize }

    /// A section that is about to be begun.
    init(_ header: SegmentHeader, segmentSalt: UInt64, at start: Int) {
        self.init(header, segmentSalt, start, end: header.first, byteEnd: start + SegmentHeader.blockSize, tornBytes: 0)
    }

    /// A section that was found, up to the position `end`.
    init(_ scan: SectionScan, segmentSalt: UInt64, end: UInt64) {
        self.init(scan.header, segmentSalt, scan.start, end: end, byteEnd: scan.byteEnd, tornBytes: scan.tornBytes)
    }

    private init(
        _ header: SegmentHeader, _ segmentSalt: UInt64, _ start: Int, end: UInt64, byteEnd: Int, tornBytes: Int
    ) {
        segment = header.id
        salt = header.salt
        first = header.first
        follows = header.follows
        self.segmentSalt = segmentSalt
        self.start = start
        self.end = end
        self.byteEnd = byteEnd
        self.tornBytes = tornBytes
    }
}

/// The segment a lane appends to, at the last of its `sections`.
struct ActiveSegment {
    let file: OpenFile
    /// Up to where the file is durable. What follows is in the lane's `unsynchronized`.
    var synchronizedBytes: Int
}

/// One lane in memory.
struct LaneState {
    /// Oldest first; each begins at or after the end of the one before.
    var sections: [Section] = []
    /// What was released whole, in segments that are free and not written over yet, oldest first. Known only as long as the log is open.
    var retired: [Section] = []
    var active: ActiveSegment?
    /// Whether what comes next needs another segment, though there may be room in the last one.
    var isEnded = false
    /// The youngest segment that was found at the start, also if nothing in it counts. Nothing is appended to an older one: what a
    /// younger segment that begins earlier leaves there is void.
    var youngestFound: UInt64 = 0
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
        sections.reduce(0) { sum, section in
            let lower = max(section.first, released.number + 1)
            return sum + (section.end > lower ? Int(section.end - lower) : 0)
        }
    }

    /// Segments in use.
    var segmentCount: Int {
        zip(sections, sections.dropFirst()).count { $0.segment != $1.segment } + (sections.isEmpty ? 0 : 1)
    }

    /// The first section that holds, or is followed by something that holds, `position` or a later one.
    func indexOfSection(endingAfter position: UInt64) -> Int? {
        let index = firstSection { $0.end > position }
        return index < sections.count ? index : nil
    }

    /// The section that a location lies in.
    func section(at location: Location) -> Section? {
        let place = (location.segment, Int(location.offset))
        let index = firstSection { ($0.segment, $0.byteEnd) > place }
        guard index < sections.count, sections[index].segment == location.segment,
            sections[index].firstRecord <= location.offset
        else { return nil }
        return sections[index]
    }

    /// The index of the first section for which `isReached` is true: it is for all that follow.
    private func firstSection(where isReached: (Section) -> Bool) -> Int {
        var low = 0
        var high = sections.count
        while low < high {
            let middle = (low + high) / 2
            if isReached(sections[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// Lays a record out behind the others of the last section, whose segment has room for it.
    mutating func append(_ record: RawSpan, extent: Int) -> Entry {
        let last = sections.endIndex - 1
        let offset = sections[last].byteEnd
        let header = RecordHeader(position: next, payload: record)
        let index = unsynchronized.count
        unsynchronized.appendZeros(RecordHeader.size)
        header.encode(into: &unsynchronized, at: index, salt: sections[last].salt, offset: offset)
        unsynchronized.append(copying: record)
        unsynchronized.appendZeros(extent - RecordHeader.size - record.byteCount)
        sections[last].end = next + 1
        sections[last].byteEnd += extent
        next += 1
        return Entry(
            position: Position(header.position),
            location: Location(segment: sections[last].segment, offset: UInt32(offset)))
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
