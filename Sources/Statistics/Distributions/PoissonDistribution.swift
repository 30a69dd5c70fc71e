#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The number of events in a fixed exposure, when events occur independently at a constant rate.
///
/// P(X ≤ k) = Q(k + 1, mean), the upper incomplete gamma function (DLMF 8.4.10).
package struct PoissonDistribution: Sendable, Hashable {
    /// The expected number of events.
    package let mean: Double

    /// - Throws: ``StatisticsError/Code/invalidParameter`` unless the mean is finite and at least 0.
    package init(mean: Double) throws(StatisticsError) {
        guard mean >= 0, mean.isFinite else { throw .invalid("mean", mean, must: "a finite number, 0 or more") }
        self.mean = mean
    }

    /// P(X = k), in the saddle-point form of Loader, "Fast and accurate computation of binomial probabilities" (2000).
    package func mass(_ k: Int) -> Double {
        guard k >= 0 else { return 0 }
        if k == 0 { return exp(-mean) }
        if mean == 0 { return 0 }
        let events = Double(k)
        // meanᵏ e^−mean / k! = [meanᵏ e^−mean / Γ(k)] / k.
        return exp(IncompleteGamma.logPower(events, mean)) / events
    }

    /// P(X ≤ k).
    package func cumulative(_ k: Int) -> Double { tails(k).lower }

    /// P(X > k), accurate in the far tail.
    package func survival(_ k: Int) -> Double { tails(k).upper }

    /// The smallest k with P(X ≤ k) ≥ probability; a tie that fails by rounding (1e-13 relative) counts as met.
    ///
    /// - Throws: ``StatisticsError/Code/invalidParameter`` for a probability outside 0…1, or of 1, which no finite
    ///   number of events reaches unless the mean is 0.
    package func quantile(_ level: Double) throws(StatisticsError) -> Int {
        try requireProbability(level, "probability")
        if level == 0 || mean == 0 { return 0 }
        guard level < 1 else { throw .invalid("probability", level, must: "below 1: events have no largest number") }
        let holds = { (k: Int) in
            let tails = tails(k)
            return level <= 0.5
                ? tails.lower >= level * (1 - 1e-13) : tails.upper <= (1 - level) * (1 + 1e-13)
        }
        let z = NormalDistribution.standardQuantile(TailTarget(lower: level))
        let guess = Int(max(mean + z * mean.squareRoot(), 0))
        // Galloping from below needs a start at which the condition does not hold yet.
        var start = guess
        var stride = 1
        while start > 0, holds(start) {
            start = max(0, start - stride)
            stride *= 2
        }
        return firstCount(in: start...Int.max, where: holds) ?? Int.max
    }

    func tails(_ k: Int) -> Tails {
        if k < 0 { return .none }
        if mean == 0 { return .all }
        return Tails(swapping: IncompleteGamma.tails(Double(k) + 1, mean))
    }
}
