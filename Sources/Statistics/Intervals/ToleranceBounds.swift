/// What a share of all future values keeps to, proven from the mean and the spread of normal ones.
///
/// "At least 95 % of runs lie above 12, with confidence 0.9" is a statement about the 5 % quantile μ − z σ. Its lower
/// confidence bound is x̄ − k s, where k √n is the quantile of the noncentral t distribution with n − 1 degrees of freedom
/// and noncentrality z √n (NIST/SEMATECH e-Handbook 7.2.6.3; ISO 16269-6:2014). Values that are not normal make these
/// bounds wrong however many there are; ``SortedSample/quantileBounds(_:at:)`` assumes nothing, and needs more values.
package struct ToleranceBounds: Hashable, Sendable {
    package let moments: Moments
    /// The share of values the bounds speak of, strictly between 0 and 1.
    package let coverage: Double

    /// - Throws: ``StatisticsError/Code/invalidParameter`` unless the coverage is strictly between 0 and 1.
    package init(_ moments: Moments, coverage: Double) throws(StatisticsError) {
        try ToleranceFactor.requireCoverage(coverage)
        self.moments = moments
        self.coverage = coverage
    }

    /// The tolerance limits, with the mean as the estimate.
    ///
    /// One-sided: at least the coverage lies above `lower`, and at least the coverage lies below `upper`, each at the level
    /// by itself. Two-sided: at least the coverage lies between the two, by the exact two-sided factor. Nil for fewer than
    /// two values, and where the spread lies beyond the range of a double.
    package func limits(at confidence: Confidence) -> Bounds {
        guard let deviation = spread else { return Bounds(estimate: mean, lower: nil, upper: nil, at: confidence) }
        let factor =
            switch confidence.sides {
            case .oneSided:
                ToleranceFactor.oneSided(
                    count: moments.count, coverage: coverage, target: TailTarget(upper: confidence.tail))
            case .twoSided:
                ToleranceFactor.twoSided(count: moments.count, coverage: coverage, level: confidence.level)
            }
        return Bounds(
            estimate: moments.mean, lower: moments.mean - factor * deviation, upper: moments.mean + factor * deviation,
            at: confidence)
    }

    /// The bounds on the quantile that a requirement on the covered share is about: for "at least" the (1 − coverage)
    /// quantile, for "at most" the coverage quantile.
    ///
    /// ``Bounds/decision(on:)`` with the same requirement is then the verdict: met if at least the coverage of values is
    /// proven to keep to the threshold, refuted if less is proven to.
    package func bounds(for requirement: Requirement, at confidence: Confidence) -> Bounds {
        let sign: Double =
            switch requirement {
            case .atLeast: -1
            case .atMost: 1
            }
        let z = NormalDistribution.standardQuantile(TailTarget(lower: coverage))
        guard let deviation = spread else { return Bounds(estimate: nil, lower: nil, upper: nil, at: confidence) }
        let tail = confidence.tail
        let wide = ToleranceFactor.oneSided(count: moments.count, coverage: coverage, target: TailTarget(upper: tail))
        let narrow = ToleranceFactor.oneSided(count: moments.count, coverage: coverage, target: TailTarget(lower: tail))
        let outer = moments.mean + sign * wide * deviation
        let inner = moments.mean + sign * narrow * deviation
        return Bounds(
            estimate: moments.mean + sign * z * deviation, lower: min(outer, inner), upper: max(outer, inner),
            at: confidence)
    }

    /// Whether at least the coverage of values lies on the requirement's side of its threshold.
    package func decision(on requirement: Requirement, at confidence: Confidence) -> Decision {
        bounds(for: requirement, at: confidence).decision(on: requirement)
    }

    /// How many further values decide a requirement on the covered share if mean and deviation stay as observed.
    ///
    /// - Returns: 0 if it is decided already; nil if no number up to the limit would do, or with fewer than two values,
    ///   which tell nothing about the spread.
    /// - Throws: ``StatisticsError/Code/invalidParameter`` for a threshold that is not finite or a negative limit.
    package func moreRuns(
        for requirement: Requirement, at confidence: Confidence, limit: Int = planningHorizon
    ) throws(StatisticsError) -> Int? {
        let threshold = requirement.threshold
        guard threshold.isFinite else { throw .invalid("threshold", threshold, must: "a finite number") }
        guard limit >= 0 else { throw .invalid("limit", limit, must: "0 or more") }
        if decision(on: requirement, at: confidence) != .undecided { return 0 }
        guard let deviation = spread, deviation > 0 else { return nil }
        let (last, overflow) = moments.count.addingReportingOverflow(limit)
        guard !overflow, last > moments.count else { return nil }
        let z = NormalDistribution.standardQuantile(TailTarget(lower: coverage))
        let distance: Double =
            switch requirement {
            case .atLeast: (moments.mean - threshold) / deviation
            case .atMost: (threshold - moments.mean) / deviation
            }
        guard distance != z else { return nil }
        // The factor has passed the observed distance exactly if the tail at that distance is small enough.
        let total = firstCount(in: (moments.count + 1)...last) { count in
            let root = Double(count).squareRoot()
            let t = NoncentralTDistribution(unchecked: Double(count - 1), noncentrality: z * root)
            let tail = distance > z ? t.survival(distance * root) : t.cumulative(distance * root)
            return tail <= confidence.tail
        }
        return total.map { $0 - moments.count }
    }

    private var mean: Double? { moments.count == 0 ? nil : moments.mean }

    private var spread: Double? {
        guard let deviation = moments.standardDeviation, deviation.isFinite else { return nil }
        return deviation
    }
}
