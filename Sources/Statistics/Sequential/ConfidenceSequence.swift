#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Bounds on a success rate that may be looked at after every run: with the stated confidence they hold at all looks
/// together, so that stopping when they please is no offence.
///
/// The beta-binomial mixture martingale (Robbins, Annals of Mathematical Statistics 41 (1970); Howard, Ramdas, McAuliffe &
/// Sekhon, Annals of Statistics 49 (2021)): with k of n, M(p) = B(k + ½, n − k + ½) / (B(½, ½) pᵏ (1 − p)ⁿ⁻ᵏ) is, at the
/// true rate, a martingale of mean 1, and by Ville's inequality ever reaches 1/α with probability at most α. The
/// bounds enclose all p with M(p) < 1/α. They are wider than those of ``Proportion`` for the one n at which
/// those hold: by half, as a rule.
package struct ConfidenceSequence: Hashable, Sendable {
    package let proportion: Proportion

    package init(_ proportion: Proportion) { self.proportion = proportion }

    /// The bounds after the runs so far. Both hold together at the level even if one-sided.
    package func bounds(at confidence: Confidence) -> Bounds {
        let goal = -log1p(-confidence.level)
        return Bounds(
            estimate: proportion.estimate,
            lower: Self.lower(Double(proportion.successes), of: Double(proportion.trials), goal: goal).x,
            upper: Self.lower(
                Double(proportion.trials - proportion.successes), of: Double(proportion.trials), goal: goal
            ).y,
            at: confidence)
    }

    /// How many further runs decide a requirement if they keep to the observed rate, the outcome that speaks against the
    /// decision rounded up; without any run yet, if all are good.
    ///
    /// - Returns: 0 if it is decided already; nil if no number up to the limit would do.
    /// - Throws: ``StatisticsError/Code/invalidParameter`` for a threshold outside 0…1 or a negative limit.
    package func moreRuns(
        for requirement: Requirement, at confidence: Confidence, limit: Int = planningHorizon
    ) throws(StatisticsError) -> Int? {
        let threshold = requirement.threshold
        try requireProbability(threshold, "threshold")
        guard limit >= 0 else { throw .invalid("limit", limit, must: "0 or more") }
        if bounds(at: confidence).decision(on: requirement) != .undecided { return 0 }
        let trials = proportion.trials
        let isLowerBound: Bool =
            switch requirement {
            case .atLeast: (proportion.estimate ?? 1) > threshold
            case .atMost: (proportion.estimate ?? 0) > threshold
            }
        let (last, overflow) = trials.addingReportingOverflow(limit)
        guard proportion.estimate != threshold, limit > 0, !overflow else { return nil }
        let favourable = isLowerBound ? proportion.successes : trials - proportion.successes
        let rate = trials == 0 ? 1 : Double(favourable) / Double(trials)
        let goal = -log1p(-confidence.level)
        let aim = isLowerBound ? threshold : 1 - threshold
        // Real-valued counts decide first; from there on the rounded ones are tried.
        let relaxed = firstCount(in: (trials + 1)...last) { total in
            let n = Double(total)
            return Self.logMartingale(rate * n, of: n, p: aim, q: 1 - aim) >= goal && rate > aim
        }
        guard let relaxed else { return nil }
        for total in relaxed...last {
            let n = Double(total)
            let real = (1 - rate) * n
            let nearest = real.rounded()
            let adverse = abs(real - nearest) < 1e-9 * n ? nearest : real.rounded(.up)
            let successes = Int(isLowerBound ? n - adverse : adverse)
            let future = ConfidenceSequence(try Proportion(successes: successes, trials: total))
            if future.bounds(at: confidence).decision(on: requirement) != .undecided { return total - trials }
        }
        return nil
    }

    /// ln M(p), convex in ln(p / q), with its least value at the observed rate.
    static func logMartingale(_ successes: Double, of trials: Double, p: Double, q: Double) -> Double {
        let failures = trials - successes
        var value = logBeta(successes + 0.5, failures + 0.5) - logBeta(0.5, 0.5)
        if successes > 0 { value -= successes * log(p) }
        if failures > 0 { value -= failures * log(q) }
        return value
    }

    /// The smallest p with M(p) ≤ 1/α, with its complement.
    private static func lower(_ successes: Double, of trials: Double, goal: Double) -> IncompleteBeta.Point {
        if successes == 0 { return IncompleteBeta.Point(x: 0, y: 1) }
        let failures = trials - successes
        let observed = failures == 0 ? 40 : log(successes / failures)
        func excess(_ logit: Double) -> Double {
            let point = IncompleteBeta.Point(logit: logit)
            return logMartingale(successes, of: trials, p: point.x, q: point.y) - goal
        }
        // Above the root down to the observed rate ln M falls steadily.
        var low = observed - 1
        while excess(low) < 0, low > -700 { low -= 2 * (observed - low) }
        var high = observed
        for _ in 0..<200 {
            let middle = 0.5 * (low + high)
            if middle == low || middle == high { break }
            if excess(middle) > 0 { low = middle } else { high = middle }
        }
        return IncompleteBeta.Point(logit: low)
    }
}
