#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Bounds on a statistic of independent observations from what it becomes in samples redrawn from them.
///
/// The BCa interval: Efron, "Better bootstrap confidence intervals", JASA 82 (1987), bias-corrected by the share of
/// redrawn values below the estimate, accelerated by the skewness of the jackknife. Second-order accurate: the error of
/// its coverage falls as 1/n, where that of Student's t for skewed values falls as 1/√n. It is an approximation, and an
/// optimistic one for a handful of observations; see ``Statistics`` for measured coverage.
///
/// The samples are drawn by ``SplitMix64`` from the seed, so the same observations in the same order, resamples and
/// seed give the same bits.
package struct Bootstrap: Hashable, Sendable {
    /// B, at least 100.
    package let resamples: Int
    package let seed: UInt64

    /// At a level of 0.95 so many leave a Monte Carlo error of about 0.002 in the level of a bound.
    package static let defaultResamples = 9_999
    package static let defaultSeed: UInt64 = 0x1987

    /// - Throws: ``StatisticsError/Code/invalidParameter`` for fewer than 100 resamples.
    package init(
        resamples: Int = defaultResamples, seed: UInt64 = defaultSeed
    ) throws(StatisticsError) {
        guard resamples >= 100 else { throw .invalid("resamples", resamples, must: "100 or more") }
        self.resamples = resamples
        self.seed = seed
    }

    /// The mean with BCa bounds.
    ///
    /// Values that are not finite are left out, as by ``Moments``. Bounds are nil for fewer than two values, and where the
    /// resamples are too few for the confidence; if all values are equal, so are the bounds.
    package func meanBounds(of values: [Double], at confidence: Confidence) -> Bounds {
        let values = values.filter(\.isFinite)
        return bounds(count: values.count, at: confidence) { indices in
            let scale = 1 / Double(indices.count)
            // The scale first: the sum may pass the largest double where the mean does not.
            return indices.reduce(0) { $0 + values[$1] * scale }
        }
    }

    /// Any statistic with BCa bounds.
    ///
    /// - Parameters:
    ///   - count: the number of observations.
    ///   - confidence: of the bounds.
    ///   - statistic: its value for a sample, given by the observations' numbers, 0 ..< count, with repetitions. It is
    ///     called with `count` of them, and with one less for the jackknife; for one observation with that one only.
    /// - Returns: nil bounds for fewer than two observations, where the statistic is not finite in some sample, and where
    ///   the resamples are too few for the confidence.
    package func bounds(count: Int, at confidence: Confidence, of statistic: ([Int]) -> Double) -> Bounds {
        guard count > 0 else { return Bounds(estimate: nil, lower: nil, upper: nil, at: confidence) }
        let estimate = statistic(Array(0..<count))
        let none = Bounds(estimate: estimate, lower: nil, upper: nil, at: confidence)
        guard count > 1, estimate.isFinite else { return none }
        let drawn = draw(count: count, statistic)
        guard let least = drawn.first, let most = drawn.last, least.isFinite, most.isFinite else { return none }
        if least == most, least == estimate {
            return Bounds(estimate: estimate, lower: estimate, upper: estimate, at: confidence)
        }
        // Values equal to the estimate count half: with few observations they are not rare.
        let below = drawn.count { $0 < estimate }
        let equal = drawn.count { $0 == estimate }
        let share = (Double(below) + 0.5 * Double(equal)) / Double(resamples)
        guard share > 0, share < 1, let acceleration = acceleration(count: count, statistic) else { return none }
        let bias = NormalDistribution.standardQuantile(TailTarget(lower: share))
        func bound(_ z: Double) -> Double? {
            let shifted = bias + z
            let scale = 1 - acceleration * shifted
            guard scale > 0 else { return nil }
            let level = NormalDistribution.standardTail(-(bias + shifted / scale))
            return quantile(level, of: drawn, isLower: z < 0)
        }
        let z = NormalDistribution.standardQuantile(TailTarget(upper: confidence.tail))
        return Bounds(estimate: estimate, lower: bound(-z), upper: bound(z), at: confidence)
    }

    /// The statistic of every resample, ascending.
    private func draw(count: Int, _ statistic: ([Int]) -> Double) -> [Double] {
        var generator = SplitMix64(seed: seed)
        var indices = [Int](repeating: 0, count: count)
        var drawn: [Double] = []
        drawn.reserveCapacity(resamples)
        for _ in 0..<resamples {
            for position in 0..<count { indices[position] = generator.index(below: count) }
            let value = statistic(indices)
            drawn.append(value.isNaN ? .infinity : value)
        }
        drawn.sort()
        return drawn
    }

    /// â = Σ d³ / (6 (Σ d²)^(3/2)), d the mean of the leave-one-out values less each of them (Efron & Tibshirani, "An
    /// Introduction to the Bootstrap", 14.15).
    private func acceleration(count: Int, _ statistic: ([Int]) -> Double) -> Double? {
        var kept = Array(1..<count)
        var values: [Double] = []
        for left in 0..<count {
            values.append(statistic(kept))
            if left < count - 1 { kept[left] = left }
        }
        let moments = Moments(values)
        guard moments.nonFinite == 0 else { return nil }
        let largest = values.map { abs($0 - moments.mean) }.max() ?? 0
        // All leave-one-out values alike: a statistic without skewness here.
        guard largest > 0, largest.isFinite else { return largest == 0 ? 0 : nil }
        var (cubes, squares) = (0.0, 0.0)
        for value in values {
            let d = (moments.mean - value) / largest
            squares += d * d
            cubes += d * d * d
        }
        return cubes / (6 * squares * squares.squareRoot())
    }

    /// The order statistic of rank ⌊level (B + 1)⌋ for a lower bound, mirrored for an upper one; nil past either end.
    private func quantile(_ level: Double, of drawn: [Double], isLower: Bool) -> Double? {
        let places = Double(resamples + 1)
        let rank = isLower ? Int(level * places + 1e-9) : resamples + 1 - Int((1 - level) * places + 1e-9)
        return rank >= 1 && rank <= resamples ? drawn[rank - 1] : nil
    }
}
