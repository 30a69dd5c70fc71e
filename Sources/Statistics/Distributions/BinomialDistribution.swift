#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The number of successes in a fixed number of independent trials of equal probability.
///
/// P(X ≤ k) = I_{1−p}(n − k, k + 1) (Abramowitz & Stegun 26.5.24).
package struct BinomialDistribution: Sendable, Hashable {
    package let trials: Int
    package let probability: Double

    /// - Throws: ``StatisticsError/Code/invalidParameter`` for negative trials or a probability outside 0…1.
    package init(trials: Int, probability: Double) throws(StatisticsError) {
        guard trials >= 0 else { throw .invalid("trials", trials, must: "0 or more") }
        try requireProbability(probability, "probability")
        self.trials = trials
        self.probability = probability
    }

    /// P(X = k), in the saddle-point form of Loader, "Fast and accurate computation of binomial probabilities" (2000).
    package func mass(_ k: Int) -> Double {
        guard k >= 0, k <= trials else { return 0 }
        let n = Double(trials)
        if probability == 0 { return k == 0 ? 1 : 0 }
        if probability == 1 { return k == trials ? 1 : 0 }
        if k == 0 { return exp(n * log1p(-probability)) }
        if k == trials { return exp(n * log(probability)) }
        let a = Double(k)
        let b = Double(trials - k)
        // xᵃ yᵇ / B(a, b) = C(n, k) xᵃ yᵇ · a b / n.
        let excess = IncompleteBeta.excess(a, b, point)
        return exp(IncompleteBeta.logPower(a, b, point, excess: excess)) * (n / a / b)
    }

    /// P(X ≤ k).
    package func cumulative(_ k: Int) -> Double { tails(k).lower }

    /// P(X > k), accurate in the far tail.
    package func survival(_ k: Int) -> Double { tails(k).upper }

    /// The smallest k with P(X ≤ k) ≥ probability; a tie that fails by rounding (1e-13 relative) counts as met.
    ///
    /// - Throws: ``StatisticsError/Code/invalidParameter`` for a probability outside 0…1.
    package func quantile(_ level: Double) throws(StatisticsError) -> Int {
        try requireProbability(level, "probability")
        if level == 0 { return 0 }
        let target = TailTarget(lower: level)
        return firstRank(near: target) { tails in
            target.isLower ? tails.lower >= level * (1 - 1e-13) : tails.upper <= target.upper * (1 + 1e-13)
        }
    }

    /// The smallest k in 0…n whose tails satisfy a condition that stays true once it is; n if none does.
    func firstRank(near target: TailTarget, where holds: (Tails) -> Bool) -> Int {
        let n = Double(trials)
        let deviation = (n * probability * (1 - probability)).squareRoot()
        let z = min(max(NormalDistribution.standardQuantile(target), -40), 40)
        var high = Int(min(max(n * probability + z * deviation, 0), n).rounded())
        var low = -1
        var stride = 1
        if holds(tails(high)) {
            while high - stride >= 0, holds(tails(high - stride)) {
                high -= stride
                stride *= 2
            }
            low = max(low, high - stride)
        } else {
            while high < trials, !holds(tails(high)) {
                low = high
                high = min(trials, high + stride)
                stride *= 2
            }
        }
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if holds(tails(middle)) { high = middle } else { low = middle }
        }
        return high
    }

    func tails(_ k: Int) -> Tails {
        if k < 0 { return .none }
        if k >= trials { return .all }
        let upper = IncompleteBeta.tails(Double(k) + 1, Double(trials - k), point)
        return Tails(swapping: upper)
    }

    private var point: IncompleteBeta.Point { IncompleteBeta.Point(x: probability, y: 1 - probability) }
}
