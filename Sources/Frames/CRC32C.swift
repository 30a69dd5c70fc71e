/// CRC-32C (Castagnoli), as in RFC 3720, appendix B.4: reflected polynomial 0x82F63B78, all ones before and after.
///
/// Eight bytes a step by eight tables ("slicing-by-8": Kounavis and Berry, ISCC 2005).
package enum CRC32C {
    /// The checksum of `bytes`, or of what had the checksum `continuing` followed by `bytes`.
    package static func checksum(of bytes: UnsafeRawBufferPointer, continuing: UInt32 = 0) -> UInt32 {
        tables.withUnsafeBufferPointer { table in
            var crc = ~continuing
            var offset = 0
            while offset + 8 <= bytes.count {
                let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                let mixed = word ^ UInt64(crc)
                crc = 0
                for lane in 0..<8 {
                    crc ^= table[(7 - lane) << 8 | Int(truncatingIfNeeded: mixed >> UInt64(8 * lane)) & 0xFF]
                }
                offset += 8
            }
            while offset < bytes.count {
                crc = crc >> 8 ^ table[Int(crc & 0xFF ^ UInt32(bytes[offset]))]
                offset += 1
            }
            return ~crc
        }
    }

    /// Table k at 256·k: the effect of a byte that k more bytes follow.
    private static let tables: [UInt32] = {
        var tables: [UInt32] = Array(repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            tables[byte] = (0..<8).reduce(UInt32(byte)) { crc, _ in crc >> 1 ^ (crc & 1 == 1 ? 0x82F6_3B78 : 0) }
        }
        for index in 256..<(8 * 256) {
            let shorter = tables[index - 256]
            tables[index] = shorter >> 8 ^ tables[Int(shorter & 0xFF)]
        }
        return tables
    }()
}
