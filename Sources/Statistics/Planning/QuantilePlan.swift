extension SortedSample {
    /// How many further values decide a requirement on the q-quantile if they fall below and above the threshold in
    /// the observed shares.
    ///
    /// An order statistic bounds the quantile at the right side of the threshold exactly if the share of values on that
    /// side is proven, by Clopper–Pearson, to be large enough; so this is ``Proportion/moreRuns(for:_:at:limit:)``
    /// about that share.
    ///
    /// - Returns: 0 if it is decided already; nil if no number up to the limit would do.
    /// - Throws: ``StatisticsError/Code/invalidParameter`` unless the quantile is strictly between 0 and 1.
    package func moreRuns(
        for requirement: Requirement, quantile q: Double, at confidence: Confidence, limit: Int = planningHorizon
    ) throws(StatisticsError) -> Int? {
        if try quantileBounds(q, at: confidence).decision(on: requirement) != .undecided { return 0 }
        switch requirement {
        case .atMost(let threshold):
            let share = try Proportion(successes: count(atMost: threshold), trials: count)
            return try share.moreRuns(for: .atLeast(q), at: confidence, limit: limit)
        case .atLeast(let threshold):
            let share = try Proportion(successes: count(below: threshold), trials: count)
            return try share.moreRuns(for: .atMost(q), at: confidence, limit: limit)
        }
    }
}
