/// Reads numbers of any width, least significant bit first. The caller asks `remaining` before it reads.
struct BitReader {
    private let bytes: UnsafeRawBufferPointer
    private var position: Int
    private let end: Int

    /// Reads the bits of `range`, places in `bytes`; bytes after it may be touched, but are not given out.
    init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
        self.bytes = bytes
        position = range.lowerBound * 8
        end = range.upperBound * 8
    }

    /// Bits left.
    var remaining: Int { end - position }

    /// The byte after the last one begun.
    var nextByte: Int { (position + 7) / 8 }

    /// The next number of `width` bits: 0 to 64, and at most `remaining`.
    @inline(__always)
    mutating func next(_ width: Int) -> UInt64 {
        let first = position >> 3
        let shift = UInt64(position & 7)
        position += width
        var number: UInt64
        if first + 9 <= bytes.count {
            number = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: first, as: UInt64.self)) >> shift
            // Shifted in two steps, as a shift by 64 would not fit the hardware's.
            number |= (UInt64(bytes[first + 8]) << 1) << (63 - shift)
        } else {
            number = 0
            for index in first..<min(first + 9, bytes.count) {
                let bits = (index - first) * 8 - Int(shift)
                number |= bits >= 0 ? UInt64(bytes[index]) << UInt64(bits) : UInt64(bytes[index]) >> UInt64(-bits)
            }
        }
        return width == 64 ? number : number & (1 << UInt64(width) - 1)
    }

    /// Whether the unused bits of the last byte begun are zero, as a writer leaves them.
    mutating func paddingIsZero() -> Bool { next(nextByte * 8 - position) == 0 }
}
