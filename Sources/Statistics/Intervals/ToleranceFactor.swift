#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The factors k of normal tolerance limits x̄ ± k s.
package enum ToleranceFactor {
    /// The factor of a one-sided limit: the noncentral t quantile with n − 1 degrees of freedom and noncentrality z √n,
    /// over √n. NIST/SEMATECH e-Handbook 7.2.6.3; exact.
    ///
    /// - Parameters:
    ///   - count: n, at least 2.
    ///   - coverage: the share of values to lie on one side, strictly between 0 and 1.
    ///   - confidence: of the limit; of each one by itself if one-sided.
    /// - Returns: k.
    /// - Throws: ``StatisticsError/Code/invalidParameter`` outside these ranges.
    package static func oneSided(
        count: Int, coverage: Double, at confidence: Confidence
    ) throws(StatisticsError) -> Double {
        try requireCount(count)
        try requireCoverage(coverage)
        return oneSided(count: count, coverage: coverage, target: TailTarget(upper: confidence.tail))
    }

    /// The factor of limits between which the coverage lies, both together at the level.
    ///
    /// Exact, by integration over the sample mean: with r(m) the half-width of an interval about m that holds the
    /// coverage of a standard normal distribution, the limits fail with probability
    /// 2 √(n / 2π) ∫₀^∞ P(χ²(n − 1) < (n − 1) r(m)² / k²) e^(−n m² / 2) dm (ISO 16269-6:2014, annex; Odeh, Communications
    /// in Statistics B 7 (1978)). The search starts from Howe's approximation, JASA 64 (1969).
    ///
    /// - Parameters:
    ///   - count: n, at least 2.
    ///   - coverage: the share of values to lie between the limits, strictly between 0 and 1.
    ///   - level: the confidence, strictly between 0 and 1.
    /// - Returns: k.
    /// - Throws: ``StatisticsError/Code/invalidParameter`` outside these ranges.
    package static func twoSided(
        count: Int, coverage: Double, confidence level: Double
    ) throws(StatisticsError) -> Double {
        try requireCount(count)
        try requireCoverage(coverage)
        return twoSided(count: count, coverage: coverage, level: try Confidence(level).level)
    }

    static func requireCoverage(_ coverage: Double) throws(StatisticsError) {
        guard coverage > 0, coverage < 1 else { throw .invalid("coverage", coverage, must: "above 0 and below 1") }
    }

    private static func requireCount(_ count: Int) throws(StatisticsError) {
        guard count >= 2 else { throw .invalid("count", count, must: "2 or more; one value tells nothing of spread") }
    }

    static func oneSided(count: Int, coverage: Double, target: TailTarget) -> Double {
        let root = Double(count).squareRoot()
        let z = NormalDistribution.standardQuantile(TailTarget(lower: coverage))
        return NoncentralTDistribution(unchecked: Double(count - 1), noncentrality: z * root).quantile(target) / root
    }

    static func twoSided(count: Int, coverage: Double, level: Double) -> Double {
        let n = Double(count)
        let half = 0.5 * (n - 1)
        let z = NormalDistribution.standardQuantile(
            TailTarget(lower: 0.5 + 0.5 * coverage, upper: 0.5 * (1 - coverage)))
        let goal = log(1 - level)
        let least = IncompleteGamma.inverse(half, TailTarget(lower: 1 - level, upper: level))
        let howe = log(z * (half / least * (1 + 1 / n)).squareRoot())
        let coarse = Nodes(count: n, coverage: coverage, perDeviation: 3)
        let root = fallingRoot(near: howe, of: { coarse.logMiss(half: half, factor: exp($0)) - goal })
        let fine = Nodes(count: n, coverage: coverage, perDeviation: 6)
        return exp(fallingRoot(near: root, of: { fine.logMiss(half: half, factor: exp($0)) - goal }))
    }

    /// Points of the trapezoidal rule over the sample mean; the integrand is even, analytic, and falls like a Gaussian.
    private struct Nodes {
        let squares: [Double]
        let weights: [Double]

        init(count n: Double, coverage: Double, perDeviation: Int) {
            let points = 0...(13 * perDeviation)
            let means = points.map { Double($0) / Double(perDeviation) / n.squareRoot() }
            squares = means.map { mean in
                let r = halfWidth(around: mean, coverage: coverage)
                return r * r
            }
            let scale = 2 / (2 * Double.pi).squareRoot() / Double(perDeviation)
            weights = means.map { mean in (mean == 0 ? 0.5 : 1) * scale * exp(-0.5 * n * mean * mean) }
        }

        func logMiss(half: Double, factor k: Double) -> Double {
            var sum = 0.0
            for (square, weight) in zip(squares, weights) {
                sum += weight * IncompleteGamma.tails(half, half * square / (k * k)).lower
            }
            return log(sum)
        }
    }

    /// r with P(|Z + m| > r) = 1 − coverage: Newton's method on the logarithm, within a bracket.
    private static func halfWidth(around m: Double, coverage: Double) -> Double {
        let outside = 1 - coverage
        func tail(_ r: Double) -> Double {
            NormalDistribution.standardTail(r + m) + NormalDistribution.standardTail(r - m)
        }
        var low = max(0, m + NormalDistribution.standardQuantile(TailTarget(upper: outside)))
        var high = m + NormalDistribution.standardQuantile(TailTarget(upper: 0.5 * outside))
        var r = m == 0 ? high : 0.5 * (low + high)
        for _ in 0..<100 {
            let here = tail(r)
            if here > outside { low = r } else { high = r }
            let slope = NormalDistribution.standardDensity(r + m) + NormalDistribution.standardDensity(r - m)
            var next = r + log(here / outside) * here / slope
            if !(next >= low && next <= high) { next = 0.5 * (low + high) }
            if abs(next - r) <= 1e-16 * r { return next }
            r = next
        }
        return r
    }
}
