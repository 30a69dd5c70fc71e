/// Appends numbers of any width to a `ByteWriter`, least significant bit first; the last byte is filled up with zeros.
struct BitWriter {
    private var pending: UInt64 = 0
    private var filled = 0

    /// Appends `number`, which is below 2^`width`; `width` is 0 to 64.
    @inline(__always)
    mutating func append(_ number: UInt64, width: Int, to writer: inout ByteWriter) {
        pending |= number << UInt64(filled)
        filled += width
        guard filled >= 64 else { return }
        writer.littleEndian(pending)
        filled -= 64
        pending = filled == 0 ? 0 : number >> UInt64(width - filled)
    }

    mutating func finish(to writer: inout ByteWriter) {
        while filled > 0 {
            writer.bytes.append(UInt8(truncatingIfNeeded: pending))
            pending >>= 8
            filled -= 8
        }
        filled = 0
    }
}
