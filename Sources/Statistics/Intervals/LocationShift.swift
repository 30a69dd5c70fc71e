/// By how much one distribution lies to the right of another of the same shape, whatever that shape is.
///
/// Hodges & Lehmann, Annals of Mathematical Statistics 34 (1963): the estimate is the median of all differences between a
/// candidate's and a baseline's value; the bounds are the order statistics of these differences that the Mann–Whitney
/// test does not reject (Hollander, Wolfe & Chicken, "Nonparametric Statistical Methods", 4.3).
///
/// To 2500 pairs, 50 values against 50 (``MannWhitneyDistribution/exactLimit``), and wherever one side has fewer than ten, the ranks are those
/// of the exact null distribution, and the bounds hold at least at the level. Beyond, they come of its normal approximation with continuity
/// correction and one term of Edgeworth's series, whose probabilities are within 1e-4 of the exact ones: a rank that misses with
/// 0.0501 may be taken for one that misses with 0.05. No variance is taken off for ties, so that they only make the bounds
/// wider: with ties the estimate and the bounds are conservative. Values that a sensor rounds may all be off by half a step
/// each, and the shift by half a step of either: ``Rounding``.
package struct LocationShift: Hashable, Sendable {
    package let baseline: SortedSample
    package let candidate: SortedSample

    package init(from baseline: SortedSample, to candidate: SortedSample) {
        self.baseline = baseline
        self.candidate = candidate
    }

    /// The median of all differences; nil unless both have values, or where it lies between opposite infinities.
    package var estimate: Double? {
        let pairs = baseline.count * candidate.count
        guard pairs > 0 else { return nil }
        let upper = difference(ofRank: pairs / 2 + 1)
        if pairs % 2 == 1 { return upper }
        let middle = 0.5 * difference(ofRank: pairs / 2) + 0.5 * upper
        return middle.isNaN ? nil : middle
    }

    /// The bounds on the shift; nil where there are too few values for this confidence, and at an infinite difference.
    package func bounds(at confidence: Confidence) -> Bounds {
        let pairs = baseline.count * candidate.count
        guard let law = try? MannWhitneyDistribution(first: baseline.count, second: candidate.count) else {
            return Bounds(estimate: nil, lower: nil, upper: nil, at: confidence)
        }
        // The r-th smallest difference is above the shift exactly if fewer than r pairs, shifted back, lie below.
        let rank = law.lastRank(tail: confidence.tail) + 1
        guard rank >= 1, rank <= pairs else {
            return Bounds(estimate: estimate, lower: nil, upper: nil, at: confidence)
        }
        let lower = difference(ofRank: rank)
        let upper = difference(ofRank: pairs + 1 - rank)
        return Bounds(
            estimate: estimate, lower: lower.isFinite ? lower : nil, upper: upper.isFinite ? upper : nil, at: confidence
        )
    }

    /// The difference of a rank (from 1, ascending) among all pairs, found by bisection over the doubles themselves with
    /// O(n + m) comparisons a step; the table of all differences is never made.
    private func difference(ofRank rank: Int) -> Double {
        // Zero first: the distance between the infinities is no Int.
        let isNegative = count(atMost: -.leastNonzeroMagnitude) >= rank
        var low = isNegative ? Self.order(-.infinity) - 1 : Self.order(-.leastNonzeroMagnitude)
        var high = isNegative ? Self.order(-.leastNonzeroMagnitude) : Self.order(.infinity)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if count(atMost: Self.double(middle)) >= rank { high = middle } else { low = middle }
        }
        return Self.double(high)
    }

    /// How many differences are at most d. Between equal infinities there is no difference; it counts as 0.
    private func count(atMost d: Double) -> Int {
        var total = 0
        var reach = 0
        let before = baseline.values
        // Going through the candidates upwards, ever more of the baseline is too far below.
        for value in candidate.values {
            while reach < before.count, Self.difference(value, before[reach]) > d { reach += 1 }
            total += before.count - reach
        }
        return total
    }

    private static func difference(_ after: Double, _ before: Double) -> Double {
        after == before ? 0 : after - before
    }

    /// Doubles in ascending order as consecutive integers.
    private static func order(_ value: Double) -> Int {
        let bits = Int(bitPattern: UInt(value.bitPattern))
        return bits >= 0 ? bits : Int.min - bits
    }

    private static func double(_ order: Int) -> Double {
        Double(bitPattern: UInt64(bitPattern: Int64(order >= 0 ? order : Int.min - order)))
    }
}
