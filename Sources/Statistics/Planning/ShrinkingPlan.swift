extension Bounds {
    /// How many further observations decide a requirement, if the estimate stays and the distance of both bounds from it
    /// shrinks as 1/√n: the large-sample law of nearly every interval. For intervals that have no plan of their own: the
    /// bootstrap, ``LocationShift`` (observations of each series), ``Poses``.
    ///
    /// - Parameters:
    ///   - requirement: what is to be decided.
    ///   - count: n, how many observations these bounds rest on.
    ///   - limit: the most further observations to name.
    /// - Returns: 0 if it is decided already; nil if no number up to the limit would do, or without the bound it takes.
    /// - Throws: ``StatisticsError/Code/invalidParameter`` for a threshold that is not finite, or a negative count or
    ///   limit.
    package func moreRuns(
        for requirement: Requirement, after count: Int, limit: Int = planningHorizon
    ) throws(StatisticsError) -> Int? {
        let threshold = requirement.threshold
        guard threshold.isFinite else { throw .invalid("threshold", threshold, must: "a finite number") }
        guard count >= 0 else { throw .invalid("count", count, must: "0 or more") }
        guard limit >= 0 else { throw .invalid("limit", limit, must: "0 or more") }
        if decision(on: requirement) != .undecided { return 0 }
        guard let estimate, estimate != threshold, let bound = estimate > threshold ? lower : upper else { return nil }
        let ratio = (bound - estimate) / (threshold - estimate)
        let total = (Double(count) * ratio * ratio).rounded(.up)
        // A ratio of one is the threshold itself, which counts as good; what must pass it takes one more.
        guard total - Double(count) <= Double(limit) else { return nil }
        return max(1, Int(total) - count)
    }
}
