extension ToleranceBounds {
    /// How far from `centre` the covered share of values lies at most: the d at which P(|X − centre| ≤ d) is the coverage.
    ///
    /// The upper bound is the larger distance of the two-sided tolerance limits from the centre: what lies between them
    /// lies within it. For the lower bound, d is at least as far as the coverage quantile lies above the centre, and
    /// as the (1 − coverage) quantile lies below it; each of the two gets half of what the bound may miss. Both bounds
    /// hold at least at the level. Nil for fewer than two values, and where the spread is beyond the range of a double.
    package func deviationBounds(from centre: Double, at confidence: Confidence) -> Bounds {
        guard moments.count > 1, let spread = moments.standardDeviation, spread.isFinite else {
            return Bounds(estimate: nil, lower: nil, upper: nil, at: confidence)
        }
        let shift = abs(moments.mean - centre)
        let level = 1 - confidence.tail
        let outer = ToleranceFactor.twoSided(count: moments.count, coverage: coverage, level: level)
        let inner = ToleranceFactor.oneSided(
            count: moments.count, coverage: coverage, target: TailTarget(lower: 0.5 * confidence.tail))
        return Bounds(
            estimate: Self.reach(coverage, shift: shift, spread: spread), lower: max(shift + inner * spread, 0),
            upper: shift + outer * spread, at: confidence)
    }

    /// The d at which a normal distribution, its mean `shift` off the centre, has the coverage within ±d of it.
    private static func reach(_ coverage: Double, shift: Double, spread: Double) -> Double {
        if spread == 0 { return shift }
        func missed(_ d: Double) -> Double {
            NormalDistribution.standardTail((d - shift) / spread)
                + NormalDistribution.standardTail((d + shift) / spread)
        }
        var (low, high) = (0.0, shift + 40 * spread)
        for _ in 0..<200 {
            let middle = 0.5 * (low + high)
            if middle == low || middle == high { break }
            if missed(middle) > 1 - coverage { low = middle } else { high = middle }
        }
        return high
    }
}
