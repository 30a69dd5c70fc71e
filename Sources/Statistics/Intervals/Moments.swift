/// Count, mean, spread and extremes of a stream of values, in constant space.
///
/// Welford, Technometrics 4 (1962), for one value at a time; Chan, Golub & LeVeque (1979) for merging. The same values
/// in the same order, merged in the same tree, give the same bits. Values that are not finite are counted in
/// ``nonFinite`` and otherwise left out.
package struct Moments: Hashable, Sendable {
    /// How many finite values were taken in.
    package private(set) var count = 0
    /// How many NaN and infinite values were refused.
    package private(set) var nonFinite = 0
    /// 0 without values.
    package private(set) var mean = 0.0
    /// Σ (x − mean)², ≥ 0; +∞ if it lies beyond the range of a double.
    package private(set) var sumOfSquaredDeviations = 0.0
    private var lowest = Double.infinity
    private var highest = -Double.infinity

    package init() {}

    package init(_ values: some Sequence<Double>) {
        for value in values { insert(value) }
    }

    package var minimum: Double? { count == 0 ? nil : lowest }
    package var maximum: Double? { count == 0 ? nil : highest }

    /// The unbiased variance, Σ (x − mean)² / (n − 1); nil for fewer than two values.
    package var variance: Double? { count < 2 ? nil : sumOfSquaredDeviations / Double(count - 1) }

    /// The sample standard deviation; nil for fewer than two values.
    package var standardDeviation: Double? { variance?.squareRoot() }

    package mutating func insert(_ value: Double) {
        guard value.isFinite else {
            nonFinite += 1
            return
        }
        count += 1
        lowest = min(lowest, value)
        highest = max(highest, value)
        let n = Double(count)
        let delta = value - mean
        if delta.isFinite {
            mean += delta / n
            sumOfSquaredDeviations += delta * (value - mean)
        } else {
            mean += value / n - mean / n
            sumOfSquaredDeviations = .infinity
        }
    }

    package mutating func merge(_ other: Moments) {
        nonFinite += other.nonFinite
        guard other.count > 0 else { return }
        guard count > 0 else {
            let refused = nonFinite
            self = other
            nonFinite = refused
            return
        }
        let n = Double(count)
        let m = Double(other.count)
        let delta = other.mean - mean
        if delta.isFinite {
            sumOfSquaredDeviations += other.sumOfSquaredDeviations + delta * delta * (n * (m / (n + m)))
            mean += delta * (m / (n + m))
        } else {
            sumOfSquaredDeviations = .infinity
            mean = mean * (n / (n + m)) + other.mean * (m / (n + m))
        }
        count += other.count
        lowest = min(lowest, other.lowest)
        highest = max(highest, other.highest)
    }

    /// The mean with bounds by Student's t, mean ± t(n − 1) s / √n. Bounds are nil for fewer than two values, and
    /// where the spread lies beyond the range of a double.
    package func meanBounds(at confidence: Confidence) -> Bounds {
        guard count > 0 else { return Bounds(estimate: nil, lower: nil, upper: nil, at: confidence) }
        guard let deviation = standardDeviation, deviation.isFinite else {
            return Bounds(estimate: mean, lower: nil, upper: nil, at: confidence)
        }
        let reach = Moments.reach(count: count, deviation: deviation, tail: confidence.tail)
        return Bounds(estimate: mean, lower: mean - reach, upper: mean + reach, at: confidence)
    }

    /// t(n − 1) s / √n, the distance of a bound from the mean.
    static func reach(count: Int, deviation: Double, tail: Double) -> Double {
        let n = Double(count)
        let t = StudentTDistribution(unchecked: n - 1).quantile(TailTarget(upper: tail))
        return t * (deviation / n.squareRoot())
    }
}
