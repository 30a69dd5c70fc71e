import Checksums

/// What a segment file says about itself, and each further section in it. The layout is specified in ``SegmentLog``.
///
/// It is written twice into its block, so that one damaged sector does not take everything behind it along.
struct SegmentHeader: Equatable {
    static let blockSize = 4096
    static let copyOffsets = [0, 2048]
    private static let magic: StaticString = "FPSEGLOG"
    static let version: UInt16 = 1
    private static let checkedSize = 176
    static let size = 180
    /// No segment and no record ever gets a greater number: one that says so is damaged, and what is counted on from it cannot
    /// overflow.
    static let greatestNumber: UInt64 = 1 << 62

    var id: UInt64
    var lane: Lane
    var laneCount: Int
    var segmentSize: Int
    var salt: UInt64
    /// The position of the first record behind the header.
    var first: UInt64
    /// The last position known in the lane when this was begun. What lies between it and `first` never held a
    /// record; what lies between the preceding segment's last record and it is lost.
    var follows: UInt64
    /// What was released in each lane when this was begun: a second source should the cursor be lost.
    var released: LanePositions
    /// The next position of each lane when this was begun, so that no position is given twice even if the
    /// lane's own segments have all been recycled.
    var next: LanePositions

    /// Appends the block of the header.
    ///
    /// `within`: for a further section the salt of its segment. Who does not know it cannot forge a section inside a payload.
    func encodeBlock(into bytes: inout [UInt8], within segment: UInt64? = nil) {
        let start = bytes.count
        bytes.appendZeros(Self.blockSize)
        for copy in Self.copyOffsets {
            let at = start + copy
            bytes.store(Self.magic, at: at)
            bytes.store(Self.version, at: at + 8)
            bytes.store(UInt8(lane.index), at: at + 10)
            bytes.store(UInt8(laneCount), at: at + 11)
            bytes.store(UInt32(segmentSize), at: at + 12)
            bytes.store(id, at: at + 16)
            bytes.store(salt, at: at + 24)
            bytes.store(first, at: at + 32)
            bytes.store(follows, at: at + 40)
            released.encode(into: &bytes, at: at + 48)
            next.encode(into: &bytes, at: at + 112)
            let checksum = Self.checksum(of: bytes.span.bytes, at: at, within: segment)
            bytes.store(checksum, at: at + Self.checkedSize)
        }
    }

    private static func checksum(of bytes: RawSpan, at: Int, within segment: UInt64?) -> UInt32 {
        CRC32C.checksum(
            of: bytes.extracting(at..<at + checkedSize), continuing: segment.map { CRC32C.checksum(of: $0) } ?? 0)
    }

    /// Where the next section may begin that follows `offset`.
    static func blockOffset(atOrAfter offset: Int) -> Int { (offset + blockSize - 1) / blockSize * blockSize }

    /// What the first block of a segment file turned out to be.
    enum Reading: Equatable {
        case header(SegmentHeader)
        /// Never used: all zero.
        case blank
        /// Neither copy is intact.
        case damaged
        /// Intact, but of a format this program does not know.
        case unknownVersion(Int)
    }

    /// Reads a block; `within` as for encoding. While a recycled file is begun anew the copies can differ after a crash; the younger
    /// one counts.
    static func read(_ block: RawSpan, within segment: UInt64? = nil) -> Reading {
        var youngest: Reading?
        for at in copyOffsets where block.byteCount >= at + size && block.holds(magic, at: at) {
            guard
                block.integer(at: at + checkedSize, as: UInt32.self)
                    == checksum(of: block, at: at, within: segment)
            else { continue }
            let version = block.integer(at: at + 8, as: UInt16.self)
            guard version == Self.version, let header = SegmentHeader(decoding: block, at: at) else {
                return .unknownVersion(Int(version))
            }
            guard header.isPlausible else { continue }
            if case .header(let other)? = youngest, other.id >= header.id { continue }
            youngest = .header(header)
        }
        return youngest ?? (block.isZero ? .blank : .damaged)
    }

    /// The header of a further section of this segment in `block`; nil if there is none.
    func section(in block: RawSpan) -> SegmentHeader? {
        // Most blocks are none, and that is seen at once.
        guard Self.copyOffsets.contains(where: { block.holds(Self.magic, at: $0) }),
            case .header(let section) = Self.read(block, within: salt), section.id == id
        else { return nil }
        return section
    }
}

extension SegmentHeader {
    private var isPlausible: Bool {
        max(id, first, follows) <= Self.greatestNumber && released.arePlausible && next.arePlausible
    }

    fileprivate init?(decoding bytes: RawSpan, at: Int) {
        let laneIndex = Int(bytes.integer(at: at + 10, as: UInt8.self))
        guard laneIndex < Lane.maximumCount else { return nil }
        self.init(
            id: bytes.integer(at: at + 16), lane: Lane(laneIndex),
            laneCount: Int(bytes.integer(at: at + 11, as: UInt8.self)),
            segmentSize: Int(bytes.integer(at: at + 12, as: UInt32.self)), salt: bytes.integer(at: at + 24),
            first: bytes.integer(at: at + 32), follows: bytes.integer(at: at + 40),
            released: LanePositions(decoding: bytes, at: at + 48),
            next: LanePositions(decoding: bytes, at: at + 112))
    }
}
