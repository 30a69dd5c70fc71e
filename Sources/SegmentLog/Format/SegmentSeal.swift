import Checksums

/// The last 24 bytes of a segment that was ended in good order. It proves where the records end, which the records
/// alone cannot: without it a damaged last record looks like a torn tail.
struct SegmentSeal: Equatable {
    static let size = 24
    private static let magic: StaticString = "FPSEALED"

    /// The position after the segment's last record.
    var end: UInt64
    /// The offset after the segment's last record.
    var byteEnd: Int

    func encode(into bytes: inout [UInt8], salt: UInt64) {
        let at = bytes.count
        bytes.appendZeros(Self.size)
        bytes.store(Self.magic, at: at)
        bytes.store(end, at: at + 8)
        bytes.store(UInt32(byteEnd), at: at + 16)
        bytes.store(Self.checksum(of: bytes.span.bytes, at: at, salt: salt), at: at + 20)
    }

    /// Reads the seal at `at`; nil if there is none of this generation.
    init?(in bytes: RawSpan, at: Int, salt: UInt64) {
        guard at + Self.size <= bytes.byteCount, bytes.holds(Self.magic, at: at),
            bytes.integer(at: at + 20, as: UInt32.self) == Self.checksum(of: bytes, at: at, salt: salt)
        else { return nil }
        end = bytes.integer(at: at + 8)
        byteEnd = Int(bytes.integer(at: at + 16, as: UInt32.self))
        guard end <= SegmentHeader.greatestNumber, byteEnd <= at else { return nil }
    }

    init(end: UInt64, byteEnd: Int) {
        self.end = end
        self.byteEnd = byteEnd
    }

    private static func checksum(of bytes: RawSpan, at: Int, salt: UInt64) -> UInt32 {
        CRC32C.checksum(of: bytes.extracting(at..<at + 20), continuing: CRC32C.checksum(of: salt))
    }
}
