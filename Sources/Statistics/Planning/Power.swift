#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

extension Proportion {
    /// The probability that a number of runs meets a requirement, by Clopper–Pearson, if the true rate is as given.
    ///
    /// Exact: the bound is met from a smallest number of successes on, and their number is binomial.
    ///
    /// - Throws: ``StatisticsError/Code/invalidParameter`` for negative runs, or a threshold or rate outside 0…1.
    package static func power(
        ofRuns runs: Int, meeting requirement: Requirement, ifRateIs rate: Double, at confidence: Confidence
    ) throws(StatisticsError) -> Double {
        let goal = try PowerGoal(requirement, rate, confidence)
        guard runs >= 0 else { throw .invalid("runs", runs, must: "0 or more") }
        if goal.threshold <= 0 { return 1 }
        guard let adverse = goal.mostAdverse(of: runs) else { return 0 }
        return try BinomialDistribution(trials: runs, probability: goal.adverseRate).cumulative(adverse)
    }

    /// The fewest runs that meet a requirement with at least the given probability, by Clopper–Pearson, if the true rate
    /// is as given.
    ///
    /// As successes are whole, power falls a little whenever a run is added that allows no further failure; the
    /// answer is the first number of runs that has it.
    ///
    /// - Returns: nil if no number up to the limit would do, as where the rate is not better than the threshold.
    /// - Throws: ``StatisticsError/Code/invalidParameter`` for a threshold or rate outside 0…1, a power that is not strictly
    ///   between 0 and 1, or a negative limit.
    package static func runs(
        meeting requirement: Requirement, ifRateIs rate: Double, power: Double, at confidence: Confidence,
        limit: Int = planningHorizon
    ) throws(StatisticsError) -> Int? {
        let goal = try PowerGoal(requirement, rate, confidence)
        try requirePower(power)
        guard limit >= 0 else { throw .invalid("limit", limit, must: "0 or more") }
        if goal.threshold <= 0 { return 0 }
        guard goal.threshold < 1, 1 - goal.adverseRate > goal.threshold else { return nil }
        // With f failures allowed, the fewest runs that allow them are best. Real-valued runs are never more than whole
        // ones, so where their power first suffices, no smaller f can do.
        let relaxed = firstCount(in: 0...limit) { failures in
            let real = goal.leastTotal(allowing: failures)
            guard real <= Double(limit) else { return true }
            let point = IncompleteBeta.Point(x: goal.adverseRate, y: 1 - goal.adverseRate)
            let miss = IncompleteBeta.tails(Double(failures) + 1, real - Double(failures), point).lower
            return 1 - miss >= power
        }
        guard var failures = relaxed else { return nil }
        while true {
            let runs = goal.leastTotal(allowing: failures).rounded(.up)
            guard runs <= Double(limit) else { return nil }
            // The real root may be a whole number but for rounding.
            for candidate in max(Int(runs) - 1, failures + 1)...(Int(runs) + 1) where candidate <= limit {
                guard let allowed = goal.mostAdverse(of: candidate), allowed >= failures else { continue }
                let binomial = try BinomialDistribution(trials: candidate, probability: goal.adverseRate)
                if binomial.cumulative(allowed) >= power { return candidate }
            }
            failures += 1
        }
    }
}

/// "At most θ" about successes turned into "at least 1 − θ" about failures.
private struct PowerGoal {
    let threshold: Double
    /// The true probability of the outcome that speaks against.
    let adverseRate: Double
    let tail: Double

    init(_ requirement: Requirement, _ rate: Double, _ confidence: Confidence) throws(StatisticsError) {
        try requireProbability(requirement.threshold, "threshold")
        try requireProbability(rate, "rate")
        switch requirement {
        case .atLeast(let threshold): (self.threshold, adverseRate) = (threshold, 1 - rate)
        case .atMost(let threshold): (self.threshold, adverseRate) = (1 - threshold, rate)
        }
        tail = confidence.tail
    }

    /// How likely so few adverse outcomes are at the threshold; the bound meets it if that is at most the tail.
    private func chance(of adverse: Int, in runs: Double) -> Double {
        let point = IncompleteBeta.Point(x: threshold, y: 1 - threshold)
        return IncompleteBeta.tails(runs - Double(adverse), Double(adverse) + 1, point).lower
    }

    private func meets(_ adverse: Int, of runs: Int) -> Bool {
        adverse < runs && chance(of: adverse, in: Double(runs)) <= tail
    }

    /// The most adverse outcomes that still meet the requirement; nil if not even none does.
    func mostAdverse(of runs: Int) -> Int? {
        guard threshold < 1, meets(0, of: runs) else { return nil }
        return firstCount(in: 0...runs, where: { !meets($0 + 1, of: runs) })
    }

    /// The real number of runs at which so many adverse outcomes just meet the requirement.
    func leastTotal(allowing adverse: Int) -> Double {
        if adverse == 0 { return log(tail) / log(threshold) }
        let least = Double(adverse)
        var low = least
        var high = 2 * least + 2
        while chance(of: adverse, in: high) > tail { (low, high) = (high, 2 * high) }
        for _ in 0..<200 where high - low > 1e-13 * high {
            let middle = 0.5 * (low + high)
            if chance(of: adverse, in: middle) > tail { low = middle } else { high = middle }
        }
        return high
    }
}

/// Refuses a power that is not strictly between 0 and 1.
func requirePower(_ power: Double) throws(StatisticsError) {
    guard power > 0, power < 1 else { throw .invalid("power", power, must: "above 0 and below 1, such as 0.8") }
}
