import Scenarios
import Statistics

/// What the runs of one group say of a criterion.
struct Estimate: Hashable, Sendable {
    var estimate: Double?
    var lower: Double?
    var upper: Double?
    /// Values behind the estimate.
    var n: Int
    /// Runs without a value.
    var missing: Int
    var verdict: Verdict?
    var moreRuns: Int?

    /// Judges bounds. Infinite ones say nothing, and become nil.
    ///
    /// - Throws: what `moreRuns` throws, which is asked only when the bounds leave the requirement open.
    init(
        _ bounds: Bounds, n: Int, missing: Int, requirement: Requirement,
        moreRuns: () throws(StatisticsError) -> Int?
    ) throws(StatisticsError) {
        estimate = bounds.estimate.finite
        lower = bounds.lower.finite
        upper = bounds.upper.finite
        self.n = n
        self.missing = missing
        switch bounds.decision(on: requirement) {
        case .met: (verdict, self.moreRuns) = (.pass, 0)
        case .refuted: (verdict, self.moreRuns) = (.fail, 0)
        case .undecided:
            verdict = .inconclusive
            // 0 would say that the values decide if only they were known better: then runs are not what is lacking.
            self.moreRuns = try moreRuns().flatMap { $0 > 0 ? $0 : nil }
        }
    }

    /// A description: no bounds, no verdict.
    init(describing estimate: Double?, n: Int) {
        self.estimate = estimate.finite
        self.n = n
        missing = 0
    }
}

extension Optional where Wrapped == Double {
    fileprivate var finite: Double? { flatMap { $0.isFinite ? $0 : nil } }
}

extension Requirement {
    init(_ criterion: Scenarios.Criterion) {
        switch criterion.comparator {
        case .atLeast: self = .atLeast(criterion.threshold.value)
        case .atMost: self = .atMost(criterion.threshold.value)
        }
    }
}

extension Statistics.Confidence {
    init(_ confidence: Scenarios.Criterion.Confidence) throws(StatisticsError) {
        try self.init(confidence.level, confidence.bound == .oneSided ? .oneSided : .twoSided)
    }
}

/// The estimates over one value a run; values that are known only to a range widen the bounds.
struct RunValues {
    let observations: [Observation]

    var known: [Double] { observations.compactMap(\.value) }
    var missing: Int { observations.count - known.count }

    /// Order statistics (NIST/SEMATECH 7.2.6). A quantile grows with every value, so the lower bound is that of the low
    /// ends, and the upper bound that of the high ones.
    func quantile(
        _ q: Double, _ requirement: Requirement, at confidence: Confidence
    ) throws(StatisticsError) -> Estimate {
        let lows = try SortedSample(observations.map(\.low))
        let highs = try SortedSample(observations.map(\.high))
        let bounds = Bounds(
            estimate: try SortedSample(known).quantile(q), lower: try lows.quantileBounds(q, at: confidence).lower,
            upper: try highs.quantileBounds(q, at: confidence).upper, at: confidence)
        return try Estimate(bounds, n: known.count, missing: missing, requirement: requirement) {
            () throws(StatisticsError) in
            let adverse: SortedSample =
                switch requirement {
                case .atLeast: lows
                case .atMost: highs
                }
            return try adverse.moreRuns(for: requirement, quantile: q, at: confidence)
        }
    }

    /// Student's t. Where values are known only to ±δᵢ, the mean moves by at most Σδᵢ/n, and the standard deviation, a
    /// norm of the centred values over √(n − 1), by at most √(Σδᵢ² / (n − 1)). With a value that may be anything,
    /// so may the mean.
    func mean(_ requirement: Requirement, at confidence: Confidence) throws(StatisticsError) -> Estimate {
        let moments = Moments(known)
        let isBounded = observations.allSatisfy { $0.low.isFinite && $0.high.isFinite }
        let estimate = moments.nonFinite == 0 && moments.count > 0 ? moments.mean : nil
        guard isBounded else {
            let unknown = Bounds(estimate: estimate, lower: nil, upper: nil, at: confidence)
            return try Estimate(unknown, n: known.count, missing: missing, requirement: requirement) { nil }
        }
        var bounds = moments.meanBounds(at: confidence)
        if let lower = bounds.lower, let upper = bounds.upper, !observations.allSatisfy(\.isExact) {
            let slack = try slack(at: confidence)
            bounds = Bounds(estimate: estimate, lower: lower - slack, upper: upper + slack, at: confidence)
        }
        return try Estimate(bounds, n: known.count, missing: missing, requirement: requirement) {
            () throws(StatisticsError) in try moments.moreRuns(for: requirement, at: confidence)
        }
    }

    private func slack(at confidence: Confidence) throws(StatisticsError) -> Double {
        let n = Double(observations.count)
        let errors = observations.map { observation in
            observation.value.map { Swift.max($0 - observation.low, observation.high - $0) } ?? .infinity
        }
        let t = try StudentTDistribution(degreesOfFreedom: n - 1).quantile(survival: confidence.tail)
        let spread = (errors.reduce(0) { $0 + $1 * $1 } / (n - 1)).squareRoot()
        return errors.reduce(0, +) / n + t / n.squareRoot() * spread
    }
}
