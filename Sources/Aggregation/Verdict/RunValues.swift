import Statistics

/// The estimates over one value a run; values that are known only to a range widen the bounds, and so do those that a sensor rounds.
struct RunValues {
    let observations: [Observation]
    let known: [Double]
    /// The step of the values as the definition has it.
    private let step: Double?
    private let rounding: Rounding

    /// `step`: in which the values are recorded, 0 for exact ones; nil where the definition does not say.
    init(observations: [Observation], step: Double? = nil) {
        self.observations = observations
        self.step = step
        known = observations.compactMap(\.value)
        rounding = Rounding(of: known, step: step)
    }

    var missing: Int { observations.count - known.count }

    /// Order statistics (NIST/SEMATECH 7.2.6). A quantile grows with every value, so the lower bound is that of the low
    /// ends, and the upper bound that of the high ones; both move out by half a step where the definition states it. It needs no spread:
    /// what it says of values that are all equal is what so many draws say.
    func quantile(
        _ q: Double, _ question: Question
    ) throws(StatisticsError) -> Estimate {
        let (requirement, confidence) = (question.requirement, question.confidence)
        let half = 0.5 * (step ?? 0)
        let lows = try SortedSample(observations.map { $0.low - half })
        let highs = try SortedSample(observations.map { $0.high + half })
        let bounds = Bounds(
            estimate: try SortedSample(known).quantile(q), lower: try lows.quantileBounds(q, at: confidence).lower,
            upper: try highs.quantileBounds(q, at: confidence).upper, at: confidence)
        var estimate = try Estimate(bounds, n: known.count, missing: missing, requirement: requirement) {
            () throws(StatisticsError) in
            let adverse: SortedSample =
                switch requirement {
                case .atLeast: lows
                case .atMost: highs
                }
            return try adverse.moreRuns(for: requirement, quantile: q, at: confidence)
        }
        if half > 0 { estimate.resolution = step }
        return estimate
    }

    /// Student's t. Where values are known only to ±δᵢ, the mean moves by at most Σδᵢ/n, and the standard deviation, a
    /// norm of the centred values over √(n − 1), by at most √(Σδᵢ² / (n − 1)). With a value that may be anything,
    /// so may the mean; of values that are all equal, and a step that nobody states, nothing is known.
    func mean(_ question: Question) throws(StatisticsError) -> Estimate {
        let (requirement, confidence) = (question.requirement, question.confidence)
        let moments = Moments(known)
        let estimate = moments.nonFinite == 0 && moments.count > 0 ? moments.mean : nil
        guard isBounded else {
            let unknown = Bounds(estimate: estimate, lower: nil, upper: nil, at: confidence)
            return try Estimate(unknown, n: known.count, missing: missing, requirement: requirement) { nil }
        }
        guard rounding != .unknown else { return try allEqual(estimate, question) }
        var bounds = moments.meanBounds(at: confidence)
        var slack = 0.0
        if let lower = bounds.lower, let upper = bounds.upper, errors.contains(where: { $0 > 0 }) {
            slack = try self.slack(at: confidence)
            bounds = Bounds(estimate: estimate, lower: lower - slack, upper: upper + slack, at: confidence)
        }
        return try rounded(
            Estimate(bounds, n: known.count, missing: missing, requirement: requirement) {
                () throws(StatisticsError) in
                guard let further = requirement.allowing(slack, beside: moments.mean) else { return nil }
                return try moments.moreRuns(for: further, at: confidence)
            })
    }

    /// Values without spread do not show what they are worth.
    private func allEqual(_ estimate: Double?, _ question: Question) throws(StatisticsError) -> Estimate {
        let none = Bounds(estimate: estimate, lower: nil, upper: nil, at: question.confidence)
        var open = try Estimate(none, n: known.count, missing: missing, requirement: question.requirement) { nil }
        open.obstacle = step == 0 ? .exactValues : .equalValues
        return open
    }

    private func rounded(_ estimate: Estimate) -> Estimate {
        var estimate = estimate
        if case .coarse(let step) = rounding { estimate.resolution = step }
        return estimate
    }

    /// Of so many values on, the measured coverage of the bootstrap comes near to what it says; see the page of `Statistics`.
    private static let fewestResampled = 30

    /// Efron's BCa bootstrap of the mean. A mean, of resampled values too, moves by no more than the largest δᵢ.
    func bootstrappedMean(_ question: Question) throws(StatisticsError) -> Estimate {
        guard known.count >= Self.fewestResampled else {
            let estimate = known.isEmpty ? nil : Moments(known).mean
            let none = Bounds(estimate: estimate, lower: nil, upper: nil, at: question.confidence)
            var open = try Estimate(none, n: known.count, missing: missing, requirement: question.requirement) {
                Self.fewestResampled - known.count
            }
            open.note = "a bootstrap of fewer than \(Self.fewestResampled) runs misses more often than it says"
            open.obstacle = .fewRuns
            return open
        }
        let bootstrap = try Bootstrap()
        return try estimate(question) { confidence throws(StatisticsError) in
            let bounds = bootstrap.meanBounds(of: known, at: confidence)
            return (bounds, errors.max() ?? 0)
        }
    }

    /// The limit that a share of all runs keeps, or how far from `around` that share lies, values taken to be normal.
    ///
    /// Unknown ±δᵢ move the mean and the standard deviation as they do for ``mean(_:)``, and a limit by as much as the two with the
    /// largest factor that is between them.
    func tolerance(
        share: Double, around: Double?, _ question: Question
    ) throws(StatisticsError) -> Estimate {
        let tolerance = try ToleranceBounds(Moments(known), coverage: share)
        let plan: (Bounds, Double) throws(StatisticsError) -> Int? = { bounds, slack throws(StatisticsError) in
            guard around == nil, let estimate = bounds.estimate else {
                return try bounds.moreRuns(for: question.requirement, after: known.count)
            }
            guard let further = question.requirement.allowing(slack, beside: estimate) else { return nil }
            return try tolerance.moreRuns(for: further, at: question.confidence)
        }
        return try estimate(question, plan: plan) { confidence throws(StatisticsError) in
            let bounds =
                if let around {
                    tolerance.deviationBounds(from: around, at: confidence)
                } else {
                    tolerance.bounds(for: question.requirement, at: confidence)
                }
            guard errors.contains(where: { $0 > 0 }), known.count > 1 else { return (bounds, 0) }
            let factor =
                around == nil
                ? try ToleranceFactor.oneSided(count: known.count, coverage: share, at: confidence)
                : try ToleranceFactor.twoSided(count: known.count, coverage: share, confidence: 1 - confidence.tail)
            return (bounds, meanError + factor * spreadError)
        }
    }

    /// An estimate whose bounds move out by a slack; without bounds where a value may be anything.
    private func estimate(
        _ question: Question, plan: ((Bounds, _ slack: Double) throws(StatisticsError) -> Int?)? = nil,
        _ bounds: (Confidence) throws(StatisticsError) -> (Bounds, slack: Double)
    ) throws(StatisticsError) -> Estimate {
        let (exact, slack) = try bounds(question.confidence)
        guard isBounded else {
            return try Estimate(
                exact.unknown(question.confidence), n: known.count, missing: missing,
                requirement: question.requirement
            ) { nil }
        }
        guard rounding != .unknown else { return try allEqual(exact.estimate, question) }
        let widened = Bounds(
            estimate: exact.estimate, lower: exact.lower.map { $0 - slack }, upper: exact.upper.map { $0 + slack },
            at: question.confidence)
        return try rounded(
            Estimate(widened, n: known.count, missing: missing, requirement: question.requirement) {
                () throws(StatisticsError) in
                if let plan { return try plan(widened, slack) }
                return try widened.moreRuns(for: question.requirement, after: known.count)
            })
    }

    private var isBounded: Bool { observations.allSatisfy { $0.low.isFinite && $0.high.isFinite } }

    /// δᵢ, half a step included; infinite for a value that is not known.
    private var errors: [Double] {
        let half = rounding.halfStep ?? 0
        return observations.map { observation in
            observation.value.map { Swift.max($0 - observation.low, observation.high - $0) + half } ?? .infinity
        }
    }

    /// By how much the mean may be wrong at most.
    private var meanError: Double { errors.reduce(0, +) / Double(observations.count) }

    /// By how much the standard deviation may be wrong at most; two values or more.
    private var spreadError: Double {
        (errors.reduce(0) { $0 + $1 * $1 } / Double(observations.count - 1)).squareRoot()
    }

    private func slack(at confidence: Confidence) throws(StatisticsError) -> Double {
        let n = Double(observations.count)
        let t = try StudentTDistribution(degreesOfFreedom: n - 1).quantile(survival: confidence.tail)
        return meanError + t / n.squareRoot() * spreadError
    }
}
