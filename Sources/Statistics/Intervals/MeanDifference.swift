/// The difference between the means of two independent series of values, whose spreads may differ.
///
/// For values that come in pairs, such as two versions on the same object, take ``Moments/init(differencesFrom:to:)``
/// and its mean instead: what both have in common then cancels.
package struct MeanDifference: Hashable, Sendable {
    package let baseline: Moments
    package let candidate: Moments

    package init(from baseline: Moments, to candidate: Moments) {
        self.baseline = baseline
        self.candidate = candidate
    }

    /// The candidate's mean less the baseline's; nil unless both have values.
    package var estimate: Double? {
        baseline.count == 0 || candidate.count == 0 ? nil : candidate.mean - baseline.mean
    }

    /// The bounds on the difference by Welch's t, with the degrees of freedom of Welch and Satterthwaite:
    /// ν = (v₁ + v₂)² / (v₁² / (n₁ − 1) + v₂² / (n₂ − 1)) with v = s² / n.
    ///
    /// Welch, Biometrika 34 (1947); Satterthwaite, Biometrics Bulletin 2 (1946). Approximate, as is every solution of the
    /// Behrens–Fisher problem. Nil unless both have two values. Where neither varies, both bounds are the difference, which
    /// proves nothing of values that a sensor rounds: see ``Rounding``.
    package func bounds(at confidence: Confidence) -> Bounds {
        guard let estimate, estimate.isFinite, let reach = reach(further: 0, tail: confidence.tail) else {
            return Bounds(estimate: estimate, lower: nil, upper: nil, at: confidence)
        }
        return Bounds(estimate: estimate, lower: estimate - reach, upper: estimate + reach, at: confidence)
    }

    /// The same, whatever each value was within half a step of what it is given as: `baseline` and `candidate` are half a step of the
    /// values of each, 0 where they are fine (``Rounding/halfStep``).
    ///
    /// Where either is above 0 the degrees of freedom are the fewest that the unrounded values can have, those of the shorter series.
    package func bounds(at confidence: Confidence, within baseline: Double, _ candidate: Double) -> Bounds {
        guard baseline > 0 || candidate > 0 else { return bounds(at: confidence) }
        guard let estimate, estimate.isFinite, let first = self.baseline.standardDeviation,
            let second = self.candidate.standardDeviation, first.isFinite, second.isFinite
        else { return Bounds(estimate: estimate, lower: nil, upper: nil, at: confidence) }
        let (n, m) = (self.baseline.count, self.candidate.count)
        let a = (first + Rounding.spreadError(baseline, count: n)) / Double(n).squareRoot()
        let b = (second + Rounding.spreadError(candidate, count: m)) / Double(m).squareRoot()
        let t = StudentTDistribution(unchecked: Double(min(n, m) - 1)).quantile(TailTarget(upper: confidence.tail))
        let reach = baseline + candidate + t * (a * a + b * b).squareRoot()
        return Bounds(estimate: estimate, lower: estimate - reach, upper: estimate + reach, at: confidence)
    }

    /// How many further values of each decide a requirement on the difference if means and deviations stay as observed.
    ///
    /// - Returns: 0 if it is decided already; nil if no number up to the limit would do, or unless both have two values.
    /// - Throws: ``StatisticsError/Code/invalidParameter`` for a threshold that is not finite or a negative limit.
    package func moreRuns(
        for requirement: Requirement, at confidence: Confidence, limit: Int = planningHorizon
    ) throws(StatisticsError) -> Int? {
        let threshold = requirement.threshold
        guard threshold.isFinite else { throw .invalid("threshold", threshold, must: "a finite number") }
        guard limit >= 0 else { throw .invalid("limit", limit, must: "0 or more") }
        let bounds = bounds(at: confidence)
        if bounds.decision(on: requirement) != .undecided { return 0 }
        guard let estimate, bounds.lower != nil, estimate != threshold, limit > 0 else { return nil }
        return firstCount(in: 1...limit) { further in
            guard let reach = reach(further: further, tail: confidence.tail) else { return false }
            let future = Bounds(estimate: estimate, lower: estimate - reach, upper: estimate + reach, at: confidence)
            return future.decision(on: requirement) != .undecided
        }
    }

    /// t(ν) √(v₁ + v₂) after further values of each.
    private func reach(further: Int, tail: Double) -> Double? {
        guard let first = baseline.standardDeviation, let second = candidate.standardDeviation, first.isFinite,
            second.isFinite
        else { return nil }
        let n = Double(baseline.count) + Double(further)
        let m = Double(candidate.count) + Double(further)
        // Standard errors instead of variances, and their ratio instead of their squares: no overflow.
        let a = first / n.squareRoot()
        let b = second / m.squareRoot()
        let larger = max(a, b)
        guard larger > 0 else { return 0 }
        let (u, v) = ((a / larger) * (a / larger), (b / larger) * (b / larger))
        let degrees = (u + v) * (u + v) / (u * u / (n - 1) + v * v / (m - 1))
        let t = StudentTDistribution(unchecked: degrees).quantile(TailTarget(upper: tail))
        return t * larger * (u + v).squareRoot()
    }
}

extension Moments {
    /// The moments of the differences of paired values, candidate less baseline. Their ``meanBounds(at:)`` are the paired
    /// t interval; a pair with a value that is not finite is counted in ``nonFinite`` and left out.
    ///
    /// - Throws: ``StatisticsError/Code/invalidParameter`` if there are not as many of the one as of the other.
    package init(differencesFrom baseline: [Double], to candidate: [Double]) throws(StatisticsError) {
        guard baseline.count == candidate.count else {
            throw .invalid("pairs", candidate.count, must: "as many as the baseline has, \(baseline.count)")
        }
        self.init(zip(baseline, candidate).lazy.map { $0.isFinite && $1.isFinite ? $1 - $0 : .nan })
    }
}
