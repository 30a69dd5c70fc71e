import Checksums

/// The 24 bytes in front of each record's payload. The layout is specified in ``SegmentLog``.
///
/// The header's checksum also covers the segment's salt and the header's own offset, so that a header left over from
/// an earlier use of the file, or copied to another place, or forged inside a payload, is not one.
struct RecordHeader: Equatable {
    static let size = 24
    static let alignment = 8
    /// "FREC", read as a little-endian integer.
    private static let magic: UInt32 = 0x4345_5246

    var position: UInt64
    var length: Int
    var payloadChecksum: UInt32

    /// Bytes from this header to the next one.
    var extent: Int { Self.extent(ofPayload: length) }

    static func extent(ofPayload length: Int) -> Int {
        size + (length + alignment - 1) / alignment * alignment
    }

    /// Writes the header into `bytes` at `index`, for a record that stands at `offset` in its segment.
    func encode(into bytes: inout [UInt8], at index: Int, salt: UInt64, offset: Int) {
        bytes.store(Self.magic, at: index)
        bytes.store(UInt32(length), at: index + 4)
        bytes.store(position, at: index + 8)
        bytes.store(payloadChecksum, at: index + 16)
        let checksum = Self.checksum(of: bytes.span.bytes, at: index, salt: salt, offset: offset)
        bytes.store(checksum, at: index + 20)
    }

    /// Reads the header at `index` of `bytes`, which is `offset` in its segment; nil if there is none.
    init?(in bytes: RawSpan, at index: Int, salt: UInt64, offset: Int) {
        guard index + Self.size <= bytes.byteCount, bytes.integer(at: index) == Self.magic,
            bytes.integer(at: index + 20, as: UInt32.self)
                == Self.checksum(of: bytes, at: index, salt: salt, offset: offset)
        else { return nil }
        length = Int(bytes.integer(at: index + 4, as: UInt32.self))
        position = bytes.integer(at: index + 8)
        guard position <= SegmentHeader.greatestNumber else { return nil }
        payloadChecksum = bytes.integer(at: index + 16)
    }

    init(position: UInt64, payload: RawSpan) {
        self.position = position
        length = payload.byteCount
        payloadChecksum = CRC32C.checksum(of: payload)
    }

    private static func checksum(of bytes: RawSpan, at index: Int, salt: UInt64, offset: Int) -> UInt32 {
        let place = CRC32C.checksum(of: UInt64(offset), continuing: CRC32C.checksum(of: salt))
        return CRC32C.checksum(of: bytes.extracting(index..<index + 20), continuing: place)
    }
}
