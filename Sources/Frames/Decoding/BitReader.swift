/// Reads numbers of any width, least significant bit first, from memory.
///
/// Never touches what is not there, but does not mind the end of what it shall read: behind it come other bytes, or
/// zeros. The caller asks `isWithin` once, after the last number.
struct BitReader {
    private let start: UnsafeRawPointer
    private let available: Int
    /// The next bit.
    private var position: Int
    private let end: Int

    /// Reads the bits of `range`, places in `bytes`, of which there is one at least.
    init?(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
        guard let start = bytes.baseAddress else { return nil }
        self.start = start
        available = bytes.count
        position = range.lowerBound * 8
        end = range.upperBound * 8
    }

    /// Whether all numbers lay in the range.
    var isWithin: Bool { position <= end }

    /// The byte after the last one begun.
    var nextByte: Int { (position + 7) / 8 }

    /// The next bits, at least 57, without moving on.
    @inline(__always)
    var window: UInt64 {
        let first = position &>> 3
        let shift = UInt64(truncatingIfNeeded: position & 7)
        if first &+ 8 <= available {
            return UInt64(littleEndian: start.loadUnaligned(fromByteOffset: first, as: UInt64.self)) &>> shift
        }
        return lastBytes(from: first) &>> shift
    }

    @inline(never)
    private func lastBytes(from first: Int) -> UInt64 {
        var number: UInt64 = 0
        var place = first
        while place < available {
            number |= UInt64(start.load(fromByteOffset: place, as: UInt8.self)) << UInt64(8 * (place - first))
            place += 1
        }
        return number
    }

    @inline(__always)
    mutating func skip(_ bits: Int) { position &+= bits }

    /// The next number of `width` bits, 0 to 56.
    @inline(__always)
    mutating func nextShort(_ width: Int) -> UInt64 {
        let number = window & ((1 &<< UInt64(truncatingIfNeeded: width)) &- 1)
        position &+= width
        return number
    }

    /// The next number of `width` bits, 0 to 64.
    @inline(__always)
    mutating func next(_ width: Int) -> UInt64 {
        if width <= 56 { return nextShort(width) }
        let low = nextShort(32)
        return low | nextShort(width &- 32) &<< 32
    }

    /// The next Rice code; nil for one that is longer than it needs to be.
    @inline(__always)
    mutating func nextRice(_ parameter: Int) -> UInt64? {
        let window = window
        let quotient = (~window).trailingZeroBitCount
        if quotient < Rice.escape {
            let low =
                window &>> UInt64(truncatingIfNeeded: quotient &+ 1)
                & ((1 &<< UInt64(truncatingIfNeeded: parameter)) &- 1)
            position &+= quotient &+ 1 &+ parameter
            return UInt64(truncatingIfNeeded: quotient) &<< UInt64(truncatingIfNeeded: parameter) | low
        }
        position &+= Rice.escape
        let number = next(64)
        return number &>> UInt64(truncatingIfNeeded: parameter) < UInt64(Rice.escape) ? nil : number
    }

    /// Whether the unused bits of the last byte begun are zero, as a writer leaves them.
    var paddingIsZero: Bool { window & (1 << UInt64(nextByte * 8 - position) - 1) == 0 }
}
