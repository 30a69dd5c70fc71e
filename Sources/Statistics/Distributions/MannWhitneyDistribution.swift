/// The number of pairs (x, y), x from one of two samples and y from the other, with x < y, when all values come from one
/// continuous distribution.
///
/// Mann & Whitney, Annals of Mathematical Statistics 18 (1947). With n and m values the recurrence
/// P(n, m; u) = n / (n + m) P(n − 1, m; u − m) + m / (n + m) P(n, m − 1; u) adds positive terms only. Beyond
/// ``exactLimit`` the normal approximation with continuity correction and mean n m / 2, variance
/// n m (n + m + 1) / 12 takes over; its error is then below 1e-4.
package struct MannWhitneyDistribution: Sendable {
    package let first: Int
    package let second: Int
    /// P(U = u) for u up to half of n m, by symmetry all there is to know; empty where the approximation serves.
    private let masses: [Double]

    /// The product of both counts up to which probabilities are exact.
    package static let exactLimit = 900

    /// - Throws: ``StatisticsError/Code/invalidParameter`` unless both counts are at least 1.
    package init(first: Int, second: Int) throws(StatisticsError) {
        guard first >= 1 else { throw .invalid("first", first, must: "1 or more") }
        guard second >= 1 else { throw .invalid("second", second, must: "1 or more") }
        self.first = first
        self.second = second
        let (pairs, overflow) = first.multipliedReportingOverflow(by: second)
        masses = overflow || pairs > Self.exactLimit ? [] : Self.masses(min(first, second), max(first, second))
    }

    /// P(U ≤ u).
    package func cumulative(_ u: Int) -> Double {
        let pairs = first * second
        if u < 0 { return 0 }
        if u >= pairs { return 1 }
        if masses.isEmpty {
            let n = Double(first)
            let m = Double(second)
            let deviation = (n * m * (n + m + 1) / 12).squareRoot()
            return NormalDistribution.standardTail((0.5 * n * m - Double(u) - 0.5) / deviation)
        }
        if 2 * u >= pairs { return 1 - cumulative(pairs - u - 1) }
        return min(masses[...u].reduce(0, +), 1)
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
