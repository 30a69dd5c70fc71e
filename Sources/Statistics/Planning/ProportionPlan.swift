#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

extension Proportion {
    /// How many further runs decide a requirement if they keep to the observed rate.
    ///
    /// After m more runs, n + m in all, the outcome that speaks against the decision is taken to have occurred
    /// ⌈(n + m) × its observed rate⌉ times: the plan never counts on luck. The answer is the smallest m at which the
    /// bounds then decide, met if the rate lies on the good side of the threshold, refuted if on the bad side. Without
    /// any run yet, all runs are taken to be good.
    ///
    /// - Returns: 0 if it is decided already; nil if no m up to the limit would do, as when the rate equals the
    ///   threshold.
    /// - Throws: ``StatisticsError/Code/invalidParameter`` for a threshold outside 0…1 or a negative limit.
    package func moreRuns(
        for requirement: Requirement, _ method: Method = .clopperPearson, at confidence: Confidence,
        limit: Int = planningHorizon
    ) throws(StatisticsError) -> Int? {
        try requireProbability(requirement.threshold, "threshold")
        guard limit >= 0 else { throw .invalid("limit", limit, must: "0 or more") }
        if bounds(method, at: confidence).decision(on: requirement) != .undecided { return 0 }
        // "At most θ" about successes is "at least 1 − θ" about failures.
        let isLowerBound: Bool
        switch requirement {
        case .atLeast(let threshold): isLowerBound = (estimate ?? 1) > threshold
        case .atMost(let threshold): isLowerBound = (estimate ?? 0) > threshold
        }
        guard estimate != requirement.threshold else { return nil }
        let plan = ProportionPlan(
            trials: trials, adverse: trials == 0 ? 0 : isLowerBound ? trials - successes : successes,
            threshold: requirement.threshold, isLowerBound: isLowerBound, method: method, tail: confidence.tail)
        var total = plan.firstTotal(limit: trials.addingReportingOverflow(limit).partialValue)
        // The plan decides by tail probabilities, the bounds by quantiles; on a tie they differ by rounding.
        while let candidate = total {
            let adverse = plan.adverse(of: candidate)
            let future = try Proportion(
                successes: isLowerBound ? candidate - adverse : adverse, trials: candidate)
            if future.bounds(method, at: confidence).decision(on: requirement) != .undecided {
                return candidate - trials
            }
            total = candidate < trials + limit ? candidate + 1 : nil
        }
        return nil
    }

    /// The fewest runs that, all successful, prove a rate of at least θ: 29 for 0.90 and 59 for 0.95, at 0.95.
    ///
    /// - Returns: nil if the rate cannot be proven (1), or only by more runs than an integer holds.
    /// - Throws: ``StatisticsError/Code/invalidParameter`` for a rate outside 0…1.
    package static func flawlessRuns(
        proving rate: Double, at confidence: Confidence
    ) throws(StatisticsError) -> Int? {
        try requireProbability(rate, "rate")
        if rate == 0 { return 0 }
        // The lower bound of n of n is tail^(1/n).
        let logTail = log(confidence.tail)
        let real = (logTail / log(rate)).rounded(.up)
        guard rate < 1, real < 0x1p53 else { return nil }
        let runs = max(1, Int(real))
        // Where n is a whole number but for rounding, the bound itself decides.
        return (max(1, runs - 1)...runs + 1).first { exp(logTail / Double($0)) >= rate } ?? runs
    }
}

/// The search for the smallest number of trials at which a bound has passed the threshold.
private struct ProportionPlan {
    let trials: Int
    /// How many of the trials so far spoke against the decision.
    let adverse: Int
    let threshold: Double
    /// Whether the lower bound must rise to the threshold (else the upper one must fall to it).
    let isLowerBound: Bool
    let method: Proportion.Method
    let tail: Double

    /// ⌈total × adverse / trials⌉.
    func adverse(of total: Int) -> Int {
        guard adverse > 0 else { return 0 }
        let product = total.multipliedFullWidth(by: adverse)
        let (quotient, remainder) = trials.dividingFullWidth(product)
        return remainder == 0 ? quotient : quotient + 1
    }

    func firstTotal(limit: Int) -> Int? {
        guard limit > trials else { return nil }
        let range = (trials + 1)...limit
        if adverse == 0 { return firstCount(in: range) { decides(Double($0), adverse: 0) } }
        // With a real-valued adverse count, never above the rounded one, the bound closes in steadily: where this
        // relaxed search starts, no smaller total can decide. From there the rounded counts are walked in blocks
        // over which the rarer outcome stays the same; within a block the condition is monotone.
        let rate = Double(adverse) / Double(trials)
        guard var total = firstCount(in: range, where: { decides(Double($0), adverse: rate * Double($0)) }) else {
            return nil
        }
        if decides(total) { return total }
        while total < limit {
            if adverse <= trials - adverse {
                // More trials with the same number of adverse ones: the last of the block decides first.
                let last = min(limit, lastTotal(withAdverse: adverse(of: total)))
                if decides(last) { return firstCount(in: total...last, where: decides) }
                total = last + 1
            } else {
                // More trials with the same number of favourable ones: the first of the block decides first.
                total = firstTotal(withFavourable: total - adverse(of: total) + 1)
            }
            if total <= limit, decides(total) { return total }
        }
        return nil
    }

    /// ⌊adverse outcomes × trials / adverse⌋: the largest total with that many.
    private func lastTotal(withAdverse count: Int) -> Int {
        adverse.dividingFullWidth(count.multipliedFullWidth(by: trials)).quotient
    }

    /// The smallest total with that many favourable outcomes.
    private func firstTotal(withFavourable count: Int) -> Int {
        let favourable = trials - adverse
        let (quotient, remainder) = favourable.dividingFullWidth(count.multipliedFullWidth(by: trials))
        return remainder == 0 ? quotient : quotient + 1
    }

    private func decides(_ total: Int) -> Bool { decides(Double(total), adverse: Double(adverse(of: total))) }

    /// Whether the bound has passed the threshold. For Clopper–Pearson by the test that the interval inverts, which
    /// needs one tail probability where the bound itself needs a root.
    private func decides(_ total: Double, adverse: Double) -> Bool {
        let goal = isLowerBound ? (x: threshold, y: 1 - threshold) : (x: 1 - threshold, y: threshold)
        let favourable = total - adverse
        guard favourable > 0, goal.y > 0 else { return goal.x <= 0 }
        switch method {
        case .clopperPearson:
            let point = IncompleteBeta.Point(x: goal.x, y: goal.y)
            return IncompleteBeta.tails(favourable, adverse + 1, point).lower <= tail
        case .wilson:
            let z = NormalDistribution.standardQuantile(TailTarget(upper: tail))
            return wilsonLower(favourable, of: total, z: z) >= goal.x
        }
    }
}
