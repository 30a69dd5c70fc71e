/// A generator whose numbers depend on its seed alone, on every machine and in every version of this software.
///
/// SplitMix64 (Steele, Lea & Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014): a 64-bit counter by
/// the golden ratio, mixed by variant 13 of Stafford. Resampling must be recomputable by an outsider, so no use is
/// made of the standard library's conversions, which may change.
package struct SplitMix64: RandomNumberGenerator, Hashable, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }

    /// A number in 0 ..< count: the upper half of the product with count (Lemire 2019, without rejection; the bias is
    /// below count / 2^64).
    mutating func index(below count: Int) -> Int {
        Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(count)).high)
    }

    /// A standard normal number: the quantile of one of 2^53 probabilities strictly between 0 and 1.
    mutating func normal() -> Double {
        NormalDistribution.standardQuantile(TailTarget(lower: (Double(next() >> 11) + 0.5) * 0x1p-53))
    }
}
