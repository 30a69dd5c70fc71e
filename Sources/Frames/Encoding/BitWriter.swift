/// Writes numbers of any width to memory, least significant bit first; the last byte is filled up with zeros.
struct BitWriter {
    private var next: UnsafeMutableRawPointer
    private var pending: UInt64 = 0
    /// Bits of `pending` that are in use, below 64.
    private var filled = 0

    /// Nothing beyond the bytes that the numbers take is touched.
    init(_ start: UnsafeMutableRawPointer) { next = start }

    /// Appends `number`, which is below 2^`width`; `width` is 0 to 64.
    @inline(__always)
    mutating func append(_ number: UInt64, width: Int) {
        pending |= number &<< UInt64(truncatingIfNeeded: filled)
        let total = filled &+ width
        if total < 64 {
            filled = total
            return
        }
        next.storeBytes(of: pending.littleEndian, as: UInt64.self)
        next += 8
        let written = 64 &- filled
        pending = written == 64 ? 0 : number &>> UInt64(truncatingIfNeeded: written)
        filled = total &- 64
    }

    /// Fills the last byte up, and returns where the next one would be.
    mutating func finish() -> UnsafeMutableRawPointer {
        while filled > 0 {
            next.storeBytes(of: UInt8(truncatingIfNeeded: pending), as: UInt8.self)
            next += 1
            pending >>= 8
            filled -= 8
        }
        filled = 0
        pending = 0
        return next
    }
}

extension ByteWriter {
    /// Appends what `body` writes: `bits` bits, to the end of a byte.
    @inline(__always)
    mutating func appendBits(_ bits: Int, _ body: (inout BitWriter) -> Void) {
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: (bits + 7) / 8))
        bytes.withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            var writer = BitWriter(base + start)
            body(&writer)
            let end = writer.finish()
            precondition(end == base + bytes.count, "the number of bits was not what was announced")
        }
    }
}
