import CChecksum

/// The Castagnoli checksum, as iSCSI, SCTP and ext4 use it: reflected polynomial 0x82F63B78, initial value and final
/// XOR all ones (RFC 3720, appendix B.4). The check value of `"123456789"` is `0xE3069283`.
package enum CRC32C {
    /// Whether the processor has an instruction for it.
    package static let isInHardware = checksum_has_crc32c()

    /// The checksum of `bytes`, or of everything before them and `bytes` when continued from an earlier result:
    /// `checksum(of: b, continuing: checksum(of: a))` is the checksum of `a` followed by `b`.
    package static func checksum(of bytes: RawSpan, continuing earlier: UInt32 = 0) -> UInt32 {
        bytes.withUnsafeBytes { checksum(of: $0, continuing: earlier) }
    }

    /// The same for an unsafe buffer.
    package static func checksum(of bytes: UnsafeRawBufferPointer, continuing earlier: UInt32 = 0) -> UInt32 {
        isInHardware
            ? ~checksum_crc32c(~earlier, bytes.baseAddress, bytes.count) : tabulated(bytes, continuing: earlier)
    }

    /// The checksum continued over the eight little-endian bytes of `word`.
    package static func checksum(of word: UInt64, continuing earlier: UInt32 = 0) -> UInt32 {
        withUnsafeBytes(of: word.littleEndian) { checksum(of: $0, continuing: earlier) }
    }
}

/// Where the processor has no instruction: eight bytes a step by eight tables ("slicing-by-8": Kounavis and Berry, ISCC 2005).
extension CRC32C {
    /// The same as `checksum(of:continuing:)` on every processor.
    package static func tabulated(_ bytes: UnsafeRawBufferPointer, continuing earlier: UInt32 = 0) -> UInt32 {
        tables.withUnsafeBufferPointer { table in
            var crc = ~earlier
            var index = 0
            while index + 8 <= bytes.count {
                let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                crc = step(crc, word, table)
                index += 8
            }
            while index < bytes.count {
                crc = (crc >> 8) ^ table[Int((crc ^ UInt32(bytes[index])) & 0xFF)]
                index += 1
            }
            return ~crc
        }
    }

    private static func step(_ crc: UInt32, _ word: UInt64, _ table: UnsafeBufferPointer<UInt32>) -> UInt32 {
        let mixed = word ^ UInt64(crc)
        let low =
            table[7 * 256 + Int(mixed & 0xFF)] ^ table[6 * 256 + Int(mixed >> 8 & 0xFF)]
            ^ table[5 * 256 + Int(mixed >> 16 & 0xFF)] ^ table[4 * 256 + Int(mixed >> 24 & 0xFF)]
        let high =
            table[3 * 256 + Int(mixed >> 32 & 0xFF)] ^ table[2 * 256 + Int(mixed >> 40 & 0xFF)]
            ^ table[1 * 256 + Int(mixed >> 48 & 0xFF)] ^ table[Int(mixed >> 56)]
        return low ^ high
    }

    /// `tables[k * 256 + b]` is the effect of byte `b` followed by `k` zero bytes.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var crc = UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0x82F6_3B78 : crc >> 1 }
            tables[byte] = crc
        }
        for index in 256..<tables.count {
            let previous = tables[index - 256]
            tables[index] = (previous >> 8) ^ tables[Int(previous & 0xFF)]
        }
        return tables
    }()
}
