#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The ranks of the order statistics that bound a quantile, whatever the distribution of the values.
///
/// Of n independent values, the number at or below the true q-quantile is binomial(n, q). Hence the l-th smallest is a
/// lower bound with confidence P(B ≥ l), the u-th smallest an upper bound with confidence P(B < u) (Hahn & Meeker,
/// "Statistical Intervals", 5.2; NIST/SEMATECH e-Handbook 7.2.6). For distributions with ties both are conservative.
package struct QuantileRanks: Hashable, Sendable {
    /// The largest rank (from 1) that is a lower bound; nil if there are too few values for one.
    package let lower: Int?
    /// The smallest rank (from 1) that is an upper bound; nil if there are too few values for one.
    package let upper: Int?

    /// - Parameters:
    ///   - count: how many values there are.
    ///   - quantile: which quantile, strictly between 0 and 1.
    ///   - confidence: of the bounds.
    /// - Throws: ``StatisticsError/Code/invalidParameter`` for a negative count or a quantile outside 0…1.
    package init(count: Int, quantile: Double, at confidence: Confidence) throws(StatisticsError) {
        guard count >= 0 else { throw .invalid("count", count, must: "0 or more") }
        try requireQuantile(quantile)
        let binomial = try BinomialDistribution(trials: count, probability: quantile)
        let tail = confidence.tail
        guard count > 0 else {
            lower = nil
            upper = nil
            return
        }
        // The first j with P(B ≤ j) > tail is the largest l with P(B ≤ l − 1) ≤ tail.
        let l = binomial.firstRank(near: TailTarget(lower: tail)) { $0.lower > tail }
        lower = l >= 1 ? l : nil
        // The first j with P(B > j) ≤ tail, as a rank one higher.
        let u = binomial.firstRank(near: TailTarget(upper: tail)) { $0.upper <= tail } + 1
        upper = u <= count ? u : nil
    }

    /// The fewest values for which a lower bound, and for which an upper bound exists.
    ///
    /// An upper bound on the q-quantile needs 1 − qⁿ ≥ confidence, a lower bound 1 − (1 − q)ⁿ ≥ confidence.
    ///
    /// - Throws: ``StatisticsError/Code/invalidParameter`` for a quantile outside 0…1.
    package static func fewestValues(
        quantile: Double, at confidence: Confidence
    ) throws(StatisticsError) -> (lower: Int, upper: Int) {
        try requireQuantile(quantile)
        let tail = log(confidence.tail)
        return (firstCount(tail / log1p(-quantile)), firstCount(tail / log(quantile)))
    }

    private static func firstCount(_ real: Double) -> Int {
        let count = real.rounded(.up)
        return count < 0x1p62 ? max(1, Int(count)) : .max
    }
}

/// Refuses an order of quantile that is not strictly between 0 and 1.
func requireQuantile(_ quantile: Double) throws(StatisticsError) {
    guard quantile > 0, quantile < 1 else { throw .invalid("quantile", quantile, must: "above 0 and below 1") }
}
