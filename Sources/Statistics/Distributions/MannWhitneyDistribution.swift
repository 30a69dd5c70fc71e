#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The number of pairs (x, y), x from one of two samples and y from the other, with x < y, when all values come from one
/// continuous distribution.
///
/// Mann & Whitney, Annals of Mathematical Statistics 18 (1947). Exact to ``exactLimit`` pairs, by the recurrence
/// P(n, m; u) = n / (n + m) P(n − 1, m; u − m) + m / (n + m) P(n, m − 1; u), which adds positive terms only; and with fewer than ten
/// values on one side to a million pairs, by the coefficients of the Gaussian binomial. Beyond, the normal law with continuity
/// correction, mean n m / 2 and variance n m (n + m + 1) / 12, has the first term of Edgeworth's series (Fix & Hodges, Annals of
/// Mathematical Statistics 26 (1955)): the largest error of a probability is 8e-5 at 10 and 251 values, and 7e-6 at 50 and 51.
package struct MannWhitneyDistribution: Sendable {
    package let first: Int
    package let second: Int
    /// P(U = u) for u up to half of n m, by symmetry all there is to know; empty where the approximation serves.
    private let masses: [Double]

    /// The product of both counts up to which probabilities are exact, whatever each of them is.
    package static let exactLimit = 2500
    /// The same where one count is below ``fewValues``.
    private static let exactLimitOfFew = 1_000_000
    private static let fewValues = 10

    /// - Throws: ``StatisticsError/Code/invalidParameter`` unless both counts are at least 1.
    package init(first: Int, second: Int) throws(StatisticsError) {
        guard first >= 1 else { throw .invalid("first", first, must: "1 or more") }
        guard second >= 1 else { throw .invalid("second", second, must: "1 or more") }
        self.first = first
        self.second = second
        let (pairs, overflow) = first.multipliedReportingOverflow(by: second)
        let (fewer, more) = (min(first, second), max(first, second))
        if overflow {
            masses = []
        } else if fewer < Self.fewValues, pairs <= Self.exactLimitOfFew {
            masses = Self.coefficients(fewer, more)
        } else {
            masses = pairs <= Self.exactLimit ? Self.masses(fewer, more) : []
        }
    }

    /// P(U ≤ u).
    package func cumulative(_ u: Int) -> Double {
        let pairs = first * second
        if u < 0 { return 0 }
        if u >= pairs { return 1 }
        if masses.isEmpty {
            // One side, so that both tails are of one law to the bit.
            if 2 * u >= pairs { return 1 - approximate(pairs - u - 1) }
            return approximate(u)
        }
        if 2 * u >= pairs { return 1 - cumulative(pairs - u - 1) }
        return min(masses[...u].reduce(0, +), 1)
    }

    /// For u below half of the pairs.
    private func approximate(_ u: Int) -> Double {
        let n = Double(first)
        let m = Double(second)
        let deviation = (n * m * (n + m + 1) / 12).squareRoot()
        let z = (0.5 * n * m - Double(u) - 0.5) / deviation
        let kurtosis = (n * n + m * m + n * m + n + m) / (20 * n * m * (n + m + 1))
        let density = exp(-0.5 * z * z) / (2 * Double.pi).squareRoot()
        return min(max(NormalDistribution.standardTail(z) - kurtosis * density * (z * z * z - 3 * z), 0), 1)
    }

    /// The largest u with P(U ≤ u) ≤ tail; −1 if there is none.
    func lastRank(tail: Double) -> Int {
        var low = -1
        var high = first * second
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if cumulative(middle) <= tail { low = middle } else { high = middle }
        }
        return low
    }

    /// Π (1 − q^(m + i)) / (1 − q^i), i from 1 to n, over its value at q = 1. Whole numbers; beyond 2^53 each of the few subtractions costs
    /// a rounding.
    private static func coefficients(_ n: Int, _ m: Int) -> [Double] {
        let kept = n * m / 2 + 1
        var counts = [Double](repeating: 0, count: kept)
        counts[0] = 1
        var total = 1.0
        for i in 1...n {
            for u in stride(from: kept - 1, through: m + i, by: -1) { counts[u] -= counts[u - m - i] }
            for u in stride(from: i, to: kept, by: 1) { counts[u] += counts[u - i] }
            total *= Double(m + i) / Double(i)
        }
        return counts.map { $0 / total }
    }

    private static func masses(_ n: Int, _ m: Int) -> [Double] {
        let kept = n * m / 2 + 1
        // rows[j] is the distribution for i and j values, i rising.
        var rows = [[Double]](repeating: [1], count: m + 1)
        for i in 1...n {
            rows[0] = [1]
            for j in 1...m {
                let total = Double(i + j)
                let (fromFirst, fromSecond) = (Double(i) / total, Double(j) / total)
                let (without, before) = (rows[j], rows[j - 1])
                rows[j] = (0..<min(kept, i * j + 1)).map { u in
                    var mass = 0.0
                    if u >= j, u - j < without.count { mass += fromFirst * without[u - j] }
                    if u < before.count { mass += fromSecond * before[u] }
                    return mass
                }
            }
        }
        return rows[m]
    }
}
