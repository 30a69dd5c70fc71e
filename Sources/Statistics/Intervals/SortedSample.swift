/// Values in ascending order, ready for order statistics. Infinite values are allowed (a run that never ended takes
/// +∞).
package struct SortedSample: Hashable, Sendable {
    /// Ascending, without NaN.
    package let values: [Double]

    /// Sorts the values.
    ///
    /// - Throws: ``StatisticsError/Code/unorderedValue`` if one is NaN.
    package init(_ values: some Sequence<Double>) throws(StatisticsError) {
        let values = Array(values)
        if let index = values.firstIndex(where: \.isNaN) {
            throw StatisticsError(
                .unorderedValue, "the value is not a number and has no rank; leave it out and count it",
                at: "value \(index)")
        }
        self.values = values.sorted()
    }

    package var count: Int { values.count }

    /// The sample quantile of definition 7 of Hyndman & Fan, The American Statistician 50 (1996): linear between the
    /// order statistics around 1 + (n − 1) q, the default of R and NumPy. nil without values.
    ///
    /// - Throws: ``StatisticsError/Code/invalidParameter`` for a quantile outside 0…1.
    package func quantile(_ q: Double) throws(StatisticsError) -> Double? {
        try requireProbability(q, "quantile")
        guard !values.isEmpty else { return nil }
        let position = Double(values.count - 1) * q
        let index = Int(position)
        let fraction = position - Double(index)
        let below = values[index]
        guard fraction > 0, index + 1 < values.count else { return below }
        let above = values[index + 1]
        if below == above { return below }
        // A convex sum does not overflow where the difference would; between opposite infinities there is no middle.
        let between = below * (1 - fraction) + above * fraction
        return between.isNaN ? (fraction < 0.5 ? below : above) : min(max(between, below), above)
    }

    /// The q-quantile with bounds by order statistics (``QuantileRanks``); nil where there are too few values.
    ///
    /// - Throws: ``StatisticsError/Code/invalidParameter`` unless the quantile is strictly between 0 and 1.
    package func quantileBounds(_ q: Double, at confidence: Confidence) throws(StatisticsError) -> Bounds {
        let ranks = try QuantileRanks(count: values.count, quantile: q, at: confidence)
        return Bounds(
            estimate: try quantile(q),
            lower: ranks.lower.map { values[$0 - 1] },
            upper: ranks.upper.map { values[$0 - 1] },
            at: confidence)
    }

    /// How many values are at most a threshold, by bisection.
    package func count(atMost threshold: Double) -> Int { partition { $0 <= threshold } }

    /// How many values are below a threshold, by bisection.
    package func count(below threshold: Double) -> Int { partition { $0 < threshold } }

    private func partition(_ isLow: (Double) -> Bool) -> Int {
        var low = 0
        var high = values.count
        while low < high {
            let middle = low + (high - low) / 2
            if isLow(values[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
