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
    /// What was counted, where events are.
    var events: Int?
    /// Over which time, seconds.
    var exposure: Double?
    var verdict: Verdict?
    var moreRuns: Int?
    /// What a reader must know of it.
    var note: String?
    /// The step of the values, half of which the bounds allow for.
    var resolution: Double?
    /// Why nothing is decided where bounds alone would not say.
    var obstacle: Summary.Obstacle?

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

    /// Bounds beside a decision that was taken by other means.
    init(_ bounds: Bounds, n: Int, missing: Int, decision: Decision, moreRuns: Int?) {
        estimate = bounds.estimate.finite
        lower = bounds.lower.finite
        upper = bounds.upper.finite
        self.n = n
        self.missing = missing
        switch decision {
        case .met: (verdict, self.moreRuns) = (.pass, 0)
        case .refuted: (verdict, self.moreRuns) = (.fail, 0)
        case .undecided: (verdict, self.moreRuns) = (.inconclusive, moreRuns.flatMap { $0 > 0 ? $0 : nil })
        }
    }

    /// What is left of it where nothing can be decided, and why: what was observed.
    func left(openBy obstacle: Summary.Obstacle) -> Estimate {
        var open = self
        (open.lower, open.upper, open.moreRuns, open.note) = (nil, nil, nil, nil)
        open.verdict = .inconclusive
        open.obstacle = obstacle
        return open
    }

    /// A description: no bounds, no verdict.
    init(describing estimate: Double?, n: Int) {
        self.estimate = estimate.finite
        self.n = n
        missing = 0
    }
}

extension Requirement {
    /// The requirement that bounds without a slack must meet or refute so that bounds with it do; nil where the slack is wider than what
    /// lies between the estimate and the threshold, so that no number of runs would do.
    func allowing(_ slack: Double, beside estimate: Double) -> Requirement? {
        let moved = threshold + (estimate < threshold ? -slack : slack)
        guard slack == 0 || (estimate < threshold) == (estimate < moved), estimate != moved else { return nil }
        switch self {
        case .atLeast: return .atLeast(moved)
        case .atMost: return .atMost(moved)
        }
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
