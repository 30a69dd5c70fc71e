/// A sum of doubles without rounding, so that it does not depend on their order.
///
/// A fixed-point number of 2208 bits in chunks that overlap by their upper halves, after Neal, "Fast exact summation
/// using small and large superaccumulators" (2015): an addition touches two chunks, carries are resolved now and then.
struct ExactSum: Sendable {
    /// Chunk i counts units of 2^(32 i − 1074). 68 chunks hold 2^56 times the largest double; the last holds the sign.
    static let chunkCount = 69
    var chunks = ExactSum.zeros
    /// Shared by all sums that nothing was added to.
    private static let zeros = [Int64](repeating: 0, count: ExactSum.chunkCount)
    /// Additions until a chunk might overflow, at least one: each adds below 2^53 to chunks that start below 2^33.
    private(set) var credit = ExactSum.fullCredit
    private static let fullCredit = 1000

    init() {}

    @inline(__always)
    mutating func add(_ value: Double) {
        chunks.withUnsafeMutableBufferPointer { ExactSum.add(value, to: $0) }
        spend(1)
    }

    /// Notes so many additions to ``chunks``.
    ///
    /// - Precondition: `count` is at most ``credit``.
    @inline(__always)
    mutating func spend(_ count: Int) {
        credit &-= count
        if credit == 0 { resolveCarries() }
    }

    /// Adds a finite value to chunks that have credit for it.
    @inline(__always)
    static func add(_ value: Double, to chunks: UnsafeMutableBufferPointer<Int64>) {
        let bits = value.bitPattern
        let biased = Int(truncatingIfNeeded: bits >> 52 & 0x7FF)
        let fraction = bits & 0x000F_FFFF_FFFF_FFFF
        let significand = biased == 0 ? fraction : fraction | 1 << 52
        let position = biased == 0 ? 0 : biased &- 1
        let shift = UInt64(position & 31)
        let low = Int64(truncatingIfNeeded: significand &<< shift & 0xFFFF_FFFF)
        let high = Int64(truncatingIfNeeded: significand &>> (32 &- shift))
        let sign = Int64(bitPattern: bits) >> 63
        let chunk = position >> 5
        chunks[chunk] &+= (low ^ sign) &- sign
        chunks[chunk &+ 1] &+= (high ^ sign) &- sign
    }

    mutating func merge(_ other: ExactSum) {
        // No chunk of a resolved sum is more than an addition would add.
        other.resolved.chunks.withUnsafeBufferPointer { others in
            chunks.withUnsafeMutableBufferPointer { chunks in
                for index in chunks.indices { chunks[index] &+= others[index] }
            }
        }
        spend(1)
    }

    /// Brings every chunk but the last into 0 ..< 2^32; this form is unique.
    private mutating func resolveCarries() {
        var carry: Int64 = 0
        for index in 0..<(ExactSum.chunkCount - 1) {
            let total = chunks[index] + carry
            chunks[index] = total & 0xFFFF_FFFF
            carry = total >> 32
        }
        chunks[ExactSum.chunkCount - 1] += carry
        credit = ExactSum.fullCredit
    }

    private var resolved: ExactSum {
        // Nothing was added since.
        if credit == ExactSum.fullCredit { return self }
        var copy = self
        copy.resolveCarries()
        return copy
    }

    /// Sign and magnitude; the digits have base 2^32, the lowest first, without zeros at either end.
    var digits: (isNegative: Bool, first: Int, magnitude: [UInt32]) {
        var sum = resolved
        let isNegative = sum.chunks[ExactSum.chunkCount - 1] < 0
        if isNegative {
            for index in sum.chunks.indices { sum.chunks[index].negate() }
            sum.resolveCarries()
        }
        guard let low = sum.chunks.firstIndex(where: { $0 != 0 }), let high = sum.chunks.lastIndex(where: { $0 != 0 })
        else { return (false, 0, []) }
        return (isNegative, low, sum.chunks[low...high].map { UInt32(truncatingIfNeeded: $0) })
    }

    /// - Returns: nil if the digits do not fit.
    init?(isNegative: Bool, first: Int, magnitude: [UInt32]) {
        guard first >= 0, first <= ExactSum.chunkCount - 1 - magnitude.count else { return nil }
        for (offset, digit) in magnitude.enumerated() {
            chunks[first + offset] = isNegative ? -Int64(digit) : Int64(digit)
        }
        resolveCarries()
    }

    /// The sum divided by 2^(32 · count), without what is then below the last digit.
    func droppingChunks(_ count: Int) -> ExactSum {
        let (isNegative, first, magnitude) = digits
        let kept = magnitude.dropFirst(max(0, count - first))
        return ExactSum(isNegative: isNegative, first: max(0, first - count), magnitude: Array(kept)) ?? ExactSum()
    }

    /// The sum rounded once, to nearest, ties to even; infinite beyond the range of a double.
    var value: Double {
        let (isNegative, first, magnitude) = digits
        guard let top = magnitude.last else { return 0 }
        func digit(_ fromTop: Int) -> UInt64 {
            fromTop < magnitude.count ? UInt64(magnitude[magnitude.count - 1 - fromTop]) : 0
        }
        let lead = UInt64(top.leadingZeroBitCount)
        let window = (UInt64(top) << 32 | digit(1)) << lead | (digit(2) << lead) >> 32
        let lost = (digit(2) << lead) & 0xFFFF_FFFF != 0 || magnitude.dropLast(3).contains { $0 != 0 }
        var significand = window >> 11
        let rest = window & 0x7FF
        if rest > 0x400 || rest == 0x400 && (lost || significand & 1 == 1) { significand += 1 }
        let exponent = 32 * (first + magnitude.count - 2) - 1074 - Int(lead) + 11
        let rounded = Double(sign: .plus, exponent: exponent, significand: Double(significand))
        return isNegative ? -rounded : rounded
    }
}

extension ExactSum: Equatable {
    static func == (a: ExactSum, b: ExactSum) -> Bool { a.resolved.chunks == b.resolved.chunks }
}
