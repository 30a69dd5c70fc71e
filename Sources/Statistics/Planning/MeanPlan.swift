extension Moments {
    /// How many further values decide a requirement on the mean if mean and standard deviation stay as observed.
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
        if meanBounds(at: confidence).decision(on: requirement) != .undecided { return 0 }
        guard let deviation = standardDeviation, deviation.isFinite, mean != threshold else { return nil }
        let (last, overflow) = count.addingReportingOverflow(limit)
        guard !overflow, last > count else { return nil }
        let total = firstCount(in: (count + 1)...last) { total in
            let reach = Moments.reach(count: total, deviation: deviation, tail: confidence.tail)
            let future = Bounds(estimate: mean, lower: mean - reach, upper: mean + reach, at: confidence)
            return future.decision(on: requirement) != .undecided
        }
        return total.map { $0 - count }
    }
}
