import Checksums

/// What the bytes of one section hold: pure, so that every damage can be tried on it.
struct SectionScan: Equatable {
    let header: SegmentHeader
    /// The offset of the section's header in its segment.
    let start: Int
    /// The position after the last intact record, or after what the seal vouches for.
    private(set) var end: UInt64
    /// The offset after that record.
    private(set) var byteEnd: Int
    /// Records known to have been there whose bytes are damaged.
    private(set) var lost: [ClosedRange<Position>] = []
    /// Without a seal: bytes after `byteEnd` that were provably begun as records and not finished.
    private(set) var tornBytes = 0
    let isSealed: Bool

    /// Walks all sections of a segment, given as the whole file's bytes and the header that stands at their beginning.
    static func sections(of bytes: RawSpan, _ header: SegmentHeader, recordLimit: Int) -> [SectionScan] {
        var starts = [(header, 0)]
        var at = SegmentHeader.blockSize
        while at + SegmentHeader.blockSize <= recordLimit {
            if let section = header.section(in: bytes.extracting(at..<at + SegmentHeader.blockSize)) {
                starts.append((section, at))
            }
            at += SegmentHeader.blockSize
        }
        return starts.indices.map { index in
            let limit = index + 1 < starts.count ? starts[index + 1].1 : recordLimit
            return SectionScan(bytes, starts[index].0, at: starts[index].1, limit: limit, recordLimit: recordLimit)
        }
    }

    /// Walks the records of the section that begins at `start` and ends before `limit`.
    private init(_ bytes: RawSpan, _ header: SegmentHeader, at start: Int, limit: Int, recordLimit: Int) {
        let seal = SegmentSeal(in: bytes, at: recordLimit, salt: header.salt)
        let limit = seal?.byteEnd ?? limit
        self.header = header
        self.start = start
        isSealed = seal != nil
        end = header.first
        byteEnd = start + SegmentHeader.blockSize
        var offset = byteEnd
        var expected = end
        while let (record, start) = Self.record(
            atOrAfter: expected, in: bytes, from: offset, limit: limit, salt: header.salt)
        {
            if record.position > expected { lost.append(positions: expected..<record.position) }
            offset = start + record.extent
            expected = record.position + 1
            if Self.payloadIsIntact(record, in: bytes, at: start) {
                end = expected
                byteEnd = offset
            } else {
                lost.append(positions: record.position..<expected)
            }
        }
        if let seal {
            lost.append(positions: expected..<max(expected, seal.end))
            end = seal.end
            byteEnd = seal.byteEnd
        } else {
            // A damaged record with no intact one behind it is a torn write or a bit flip: nothing tells which.
            lost.removeAll { $0.lowerBound.number >= end }
            tornBytes = offset - byteEnd
        }
    }

    /// What the seal of a segment of one section says, its records unread.
    init(_ header: SegmentHeader, trusting seal: SegmentSeal) {
        self.header = header
        start = 0
        end = seal.end
        byteEnd = seal.byteEnd
        isSealed = true
    }

    /// The first record header from `offset` on with at least this position. Where no header is, it looks for one at
    /// each following place that could hold one: the salt and the rising positions make a chance hit as good as
    /// impossible.
    static func record(
        atOrAfter position: UInt64, in bytes: RawSpan, from offset: Int, limit: Int, salt: UInt64
    ) -> (header: RecordHeader, offset: Int)? {
        var offset = offset
        while offset + RecordHeader.size <= limit {
            guard let header = RecordHeader(in: bytes, at: offset, salt: salt, offset: offset),
                offset + header.extent <= limit
            else {
                offset += RecordHeader.alignment
                continue
            }
            if header.position >= position { return (header, offset) }
            offset += header.extent
        }
        return nil
    }

    private static func payloadIsIntact(_ header: RecordHeader, in bytes: RawSpan, at offset: Int) -> Bool {
        let payload = bytes.extracting(offset + RecordHeader.size..<offset + RecordHeader.size + header.length)
        return CRC32C.checksum(of: payload) == header.payloadChecksum
    }
}

extension [ClosedRange<Position>] {
    /// Appends a range of record numbers, joining it to the last one if it follows without a gap.
    mutating func append(positions range: Range<UInt64>) {
        guard !range.isEmpty else { return }
        var lower = range.lowerBound
        if let last, last.upperBound.number + 1 == lower {
            lower = last.lowerBound.number
            removeLast()
        }
        append(Position(lower)...Position(range.upperBound - 1))
    }
}
