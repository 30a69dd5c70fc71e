#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Numbers the buckets of a sketch: two values of one bucket differ by a factor of at most γ = (1 + α) / (1 − α).
///
/// The exponent of a double is its logarithm between powers of two; inside, log₂(1 + s) is replaced by the cubic
/// P(s) = 6/35 s³ − 3/5 s² + 10/7 s (Masson, Rim & Lee, PVLDB 12 (2019), 2.2; the constants are those of DataDog's
/// `CubicallyInterpolatedMapping`). Since P′(s) (1 + s) ≥ 10/7 on 0…1, with equality at s = 0 and 2/3, a step of
/// 10/7 ln γ in the cubic logarithm is at most ln γ in the true one: the guarantee holds with 1 % more buckets than
/// a logarithm would need, at a fraction of its cost. The step is made 1e-8 shorter to leave room for rounding.
struct LogarithmicMapping: Hashable, Sendable {
    /// α, the largest relative error of a bucket's representative.
    let relativeError: Double
    private let bucketsPerUnit: Double

    static let allowedErrors = 1e-4...0.5

    init(relativeError: Double) {
        self.relativeError = relativeError
        let logGamma = log1p(relativeError) - log1p(-relativeError)
        bucketsPerUnit = 0.7 / logGamma * (1 + 1e-8)
    }

    /// The bucket of a positive normal number.
    @inline(__always)
    func index(of magnitude: Double) -> Int {
        let bits = magnitude.bitPattern
        let exponent = Int(truncatingIfNeeded: bits >> 52) &- 1023
        let s = Double(bitPattern: bits & 0x000F_FFFF_FFFF_FFFF | 0x3FF0_0000_0000_0000) - 1
        let logarithm = Double(exponent) + LogarithmicMapping.cubic(s)
        let position = logarithm * bucketsPerUnit
        // Truncation and a correction: rounding down is a call where the processor has no instruction for it.
        let truncated = Int(position)
        return position < Double(truncated) ? truncated &- 1 : truncated
    }

    /// The smallest magnitude of a bucket, to 1e-12 relative; +∞ beyond the range of a double.
    func lowerEdge(of index: Int) -> Double {
        let logarithm = Double(index) / bucketsPerUnit
        let exponent = logarithm.rounded(.down)
        let goal = logarithm - exponent
        var s = goal
        for _ in 0..<6 {
            let slope = (18.0 / 35 * s - 6.0 / 5) * s + 10.0 / 7
            s -= (LogarithmicMapping.cubic(s) - goal) / slope
        }
        return Double(sign: .plus, exponent: Int(exponent), significand: 1 + s)
    }

    /// The value with the same relative distance, at most α, from both edges: their harmonic mean.
    func representative(of index: Int) -> Double {
        let low = lowerEdge(of: index)
        let high = lowerEdge(of: index + 1)
        return high.isFinite ? low * (2 / (1 + low / high)) : low * (1 + relativeError)
    }

    @inline(__always)
    private static func cubic(_ s: Double) -> Double { ((6.0 / 35 * s - 3.0 / 5) * s + 10.0 / 7) * s }
}
