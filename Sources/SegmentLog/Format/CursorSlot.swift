import Checksums

/// One of the two slots of the cursor file. Writing alternates between them, so that a torn write leaves the other.
/// The layout is specified in ``SegmentLog``.
struct CursorSlot: Equatable {
    /// The slots stand in different blocks: a torn sector or block holds at most one.
    static let spacing = 4096
    static let fileSize = 2 * spacing
    static let size = 156
    private static let magic: StaticString = "FPCURSOR"
    static let version: UInt16 = 1

    var generation: UInt64
    var released: LanePositions
    /// What was durable when the slot was written: should it be missing later, it was lost, not torn.
    var durable: LanePositions
    /// The log was closed in good order and nothing begun since.
    var isClosed: Bool

    /// Where this generation is written.
    var offset: Int { Int(generation % 2) * Self.spacing }

    func encode() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.size)
        bytes.store(Self.magic, at: 0)
        bytes.store(Self.version, at: 8)
        bytes.store(UInt8(Lane.maximumCount), at: 10)
        bytes.store(UInt8(isClosed ? 1 : 0), at: 11)
        bytes.store(generation, at: 16)
        released.encode(into: &bytes, at: 24)
        durable.encode(into: &bytes, at: 88)
        bytes.store(CRC32C.checksum(of: bytes.span.bytes.extracting(0..<152)), at: 152)
        return bytes
    }

    /// Reads the slot at `at`; nil if it is empty, torn or damaged.
    init?(in bytes: RawSpan, at: Int) {
        guard at + Self.size <= bytes.byteCount, bytes.holds(Self.magic, at: at),
            bytes.integer(at: at + 8, as: UInt16.self) == Self.version,
            bytes.integer(at: at + 152, as: UInt32.self) == CRC32C.checksum(of: bytes.extracting(at..<at + 152))
        else { return nil }
        isClosed = bytes.integer(at: at + 11, as: UInt8.self) == 1
        generation = bytes.integer(at: at + 16)
        released = LanePositions(decoding: bytes, at: at + 24)
        durable = LanePositions(decoding: bytes, at: at + 88)
        guard released.arePlausible, durable.arePlausible, generation < .max else { return nil }
    }

    /// The version of an intact slot of a format that this program does not know; nil where there is none. Magic, version and the
    /// checksum's place are the same in every version.
    static func unknownVersion(in bytes: RawSpan) -> Int? {
        for at in [0, spacing] {
            guard at + size <= bytes.byteCount, bytes.holds(magic, at: at),
                bytes.integer(at: at + 152, as: UInt32.self) == CRC32C.checksum(of: bytes.extracting(at..<at + 152))
            else { continue }
            let version = bytes.integer(at: at + 8, as: UInt16.self)
            if version != Self.version { return Int(version) }
        }
        return nil
    }

    init(generation: UInt64, released: LanePositions, durable: LanePositions, isClosed: Bool) {
        self.generation = generation
        self.released = released
        self.durable = durable
        self.isClosed = isClosed
    }

    /// The younger of the intact slots in the cursor file's bytes.
    static func newest(in bytes: RawSpan) -> CursorSlot? {
        let slots = [0, spacing].compactMap { CursorSlot(in: bytes, at: $0) }
        return slots.max { $0.generation < $1.generation }
    }
}
