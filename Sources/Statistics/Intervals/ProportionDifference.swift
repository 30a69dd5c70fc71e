#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The difference between the success rates of two independent series of trials, such as two versions of a product.
package struct ProportionDifference: Hashable, Sendable {
    package let baseline: Proportion
    package let candidate: Proportion

    package init(from baseline: Proportion, to candidate: Proportion) {
        self.baseline = baseline
        self.candidate = candidate
    }

    /// The candidate's rate less the baseline's; nil unless both have trials.
    package var estimate: Double? {
        guard let before = baseline.estimate, let after = candidate.estimate else { return nil }
        return after - before
    }

    /// The bounds on the difference by Newcombe's hybrid score method.
    ///
    /// Newcombe, "Interval estimation for the difference between independent proportions", Statistics in Medicine 17
    /// (1998), method 10, without continuity correction: with Wilson's bounds l, u on each rate, the lower bound lies
    /// √((p₂ − l₂)² + (u₁ − p₁)²) below the difference, and the upper one √((u₂ − p₂)² + (p₁ − l₁)²) above. Never
    /// outside −1…1, and of width above zero even where both rates are 0 or 1. Covers what it says on average, not for
    /// every pair of rates. Unless both have trials, the bounds are −1 and 1.
    package func bounds(at confidence: Confidence) -> Bounds {
        guard let estimate else { return Bounds(estimate: nil, lower: -1, upper: 1, at: confidence) }
        let z = NormalDistribution.standardQuantile(TailTarget(upper: confidence.tail))
        let reach = reach(further: 0, z: z)
        return Bounds(
            estimate: estimate, lower: max(estimate - reach.below, -1), upper: min(estimate + reach.above, 1),
            at: confidence)
    }

    /// How many further runs of each version decide a requirement on the difference, if both keep to their observed
    /// rates. Counts are carried over as they are, not rounded: with two rates there is no one side on which rounding
    /// is cautious.
    ///
    /// - Returns: 0 if it is decided already; nil if no number up to the limit would do, or unless both have trials.
    /// - Throws: ``StatisticsError/Code/invalidParameter`` for a threshold outside −1…1 or a negative limit.
    package func moreRuns(
        for requirement: Requirement, at confidence: Confidence, limit: Int = planningHorizon
    ) throws(StatisticsError) -> Int? {
        let threshold = requirement.threshold
        guard threshold >= -1, threshold <= 1 else { throw .invalid("threshold", threshold, must: "between -1 and 1") }
        guard limit >= 0 else { throw .invalid("limit", limit, must: "0 or more") }
        if bounds(at: confidence).decision(on: requirement) != .undecided { return 0 }
        guard let estimate, estimate != threshold, limit > 0 else { return nil }
        let z = NormalDistribution.standardQuantile(TailTarget(upper: confidence.tail))
        // At a given rate Wilson's bounds close in as trials are added, so both distances fall.
        return firstCount(in: 1...limit) { further in
            let reach = reach(further: Double(further), z: z)
            let future = Bounds(
                estimate: estimate, lower: estimate - reach.below, upper: estimate + reach.above, at: confidence)
            return future.decision(on: requirement) != .undecided
        }
    }

    /// How far the bounds lie from the difference after further trials of each at the observed rates.
    private func reach(further: Double, z: Double) -> (below: Double, above: Double) {
        let before = Arms(baseline, further: further, z: z)
        let after = Arms(candidate, further: further, z: z)
        return (hypot(after.below, before.above), hypot(after.above, before.below))
    }

    /// The distances of Wilson's bounds from a rate.
    private struct Arms {
        let below: Double
        let above: Double

        init(_ proportion: Proportion, further: Double, z: Double) {
            let rate = Double(proportion.successes) / Double(proportion.trials)
            let missing = Double(proportion.trials - proportion.successes) / Double(proportion.trials)
            let trials = Double(proportion.trials) + further
            below = rate - wilsonLower(rate * trials, of: trials, z: z)
            above = missing - wilsonLower(missing * trials, of: trials, z: z)
        }
    }
}
