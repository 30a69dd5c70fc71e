extension Sketch {
    /// The value of rank ⌊1 + q (n − 1)⌋, within the guarantee; exact at q = 0 and q = 1. nil without values.
    ///
    /// - Throws: ``StatisticsError/Code/invalidParameter`` for a quantile outside 0…1.
    package func quantile(_ q: Double) throws(StatisticsError) -> Double? {
        try requireProbability(q, "quantile")
        guard count > 0 else { return nil }
        return bucket(ofRank: min(count, 1 + Int(q * Double(count - 1)))).estimate
    }

    /// An interval that holds the value of a rank (from 1, ascending) for certain, collapsed or not.
    ///
    /// - Returns: nil for a rank outside 1…count.
    package func enclosure(ofRank rank: Int) -> ClosedRange<Double>? {
        guard rank >= 1, rank <= count else { return nil }
        let bucket = bucket(ofRank: rank)
        return bucket.low...bucket.high
    }

    /// The q-quantile with bounds by order statistics (``QuantileRanks``), moved outwards by the sketch's own error,
    /// so that they hold at the confidence stated. The estimate is that of ``quantile(_:)``.
    ///
    /// - Throws: ``StatisticsError/Code/invalidParameter`` unless the quantile is strictly between 0 and 1.
    package func quantileBounds(_ q: Double, at confidence: Confidence) throws(StatisticsError) -> Bounds {
        let ranks = try QuantileRanks(count: count, quantile: q, at: confidence)
        return Bounds(
            estimate: try quantile(q),
            lower: ranks.lower.map { bucket(ofRank: $0).low },
            upper: ranks.upper.map { bucket(ofRank: $0).high },
            at: confidence)
    }

    private struct Bucket {
        let low: Double
        let estimate: Double
        let high: Double
    }

    /// The bucket of the value with a rank in 1…count, cut to the extremes. Collapsing never moves a value past
    /// another.
    private func bucket(ofRank rank: Int) -> Bucket {
        if rank == 1 { return Bucket(low: lowest, estimate: lowest, high: lowest) }
        if rank == count { return Bucket(low: highest, estimate: highest, high: highest) }
        // Negative values come first, the largest magnitude leading.
        let negatives = negative.count
        if rank <= negatives, let (index, isOpen) = negative.bucket(ofRank: negatives - rank + 1) {
            let mirrored = magnitudes(index, isOpen: isOpen)
            return cut(Bucket(low: -mirrored.high, estimate: -mirrored.estimate, high: -mirrored.low))
        }
        if rank > negatives + zeros, let (index, isOpen) = positive.bucket(ofRank: rank - negatives - zeros) {
            return cut(magnitudes(index, isOpen: isOpen))
        }
        return Bucket(low: 0, estimate: 0, high: 0)
    }

    /// The edges, widened by what the computed ones may be off.
    private func magnitudes(_ index: Int, isOpen: Bool) -> Bucket {
        Bucket(
            low: isOpen ? 0 : mapping.lowerEdge(of: index) * (1 - 1e-12),
            estimate: mapping.representative(of: index),
            high: mapping.lowerEdge(of: index + 1) * (1 + 1e-12))
    }

    private func cut(_ bucket: Bucket) -> Bucket {
        Bucket(
            low: min(max(bucket.low, lowest), highest),
            estimate: min(max(bucket.estimate, lowest), highest),
            high: min(max(bucket.high, lowest), highest))
    }
}
