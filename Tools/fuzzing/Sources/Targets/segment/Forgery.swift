import Checksums
import SegmentLog

/// A file of a log with every checksum made right, as far as its layout (see the documentation of `SegmentLog`) can
/// still be told.
func forged(_ file: (name: String, bytes: [UInt8])) -> [UInt8] {
    var bytes = file.bytes
    if file.name == "cursor" {
        for slot in [0, 4096] where bytes.count >= slot + 156 {
            bytes.store(checksum(bytes, slot..<slot + 152), at: slot + 152)
        }
        return bytes
    }
    guard file.name.hasSuffix(".segment"), bytes.count >= 4096 else { return bytes }
    for copy in [0, 2048] { bytes.store(checksum(bytes, copy..<copy + 176), at: copy + 176) }
    let salt = bytes.number(at: 24, count: 8)
    forgeRecords(&bytes, salt: salt)
    let seal = 8192 - 24
    if bytes.count >= seal + 24 {
        bytes.store(checksum(bytes, seal..<seal + 20, continuing: CRC32C.checksum(of: salt)), at: seal + 20)
    }
    return bytes
}

private func forgeRecords(_ bytes: inout [UInt8], salt: UInt64) {
    var offset = 4096
    while offset + 24 <= bytes.count, bytes[offset..<offset + 4].elementsEqual("FREC".utf8) {
        let length = Int(bytes.number(at: offset + 4, count: 4))
        let payload = offset + 24..<min(offset + 24 + length, bytes.count)
        bytes.store(checksum(bytes, payload), at: offset + 16)
        let place = CRC32C.checksum(of: UInt64(offset), continuing: CRC32C.checksum(of: salt))
        bytes.store(checksum(bytes, offset..<offset + 20, continuing: place), at: offset + 20)
        offset += 24 + (length + 7) / 8 * 8
    }
}

private func checksum(_ bytes: [UInt8], _ range: Range<Int>, continuing: UInt32 = 0) -> UInt32 {
    CRC32C.checksum(of: bytes.span.bytes.extracting(range), continuing: continuing)
}

extension [UInt8] {
    /// The little-endian number of `count` bytes at `offset`.
    fileprivate func number(at offset: Int, count: Int) -> UInt64 {
        self[offset..<offset + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Writes `value` at `offset`, little-endian.
    fileprivate mutating func store(_ value: UInt32, at offset: Int) {
        for index in 0..<4 { self[offset + index] = UInt8(truncatingIfNeeded: value >> UInt32(8 * index)) }
    }
}
