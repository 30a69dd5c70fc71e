/// The share of time a system is up, from cycles of one time up and one time down each.
///
/// An alternating renewal process with exponential times: mean up and mean down times are U and D, and the availability is
/// A = U / (U + D). Over n full cycles 2 ΣU / U and 2 ΣD / D are χ² with 2n degrees of freedom each, so that the
/// observed odds ΣU / ΣD over the true odds U / D are F(2n, 2n): an exact pivot (Thompson, "Lower confidence limits and a
/// test of hypotheses for system availability", IEEE Transactions on Reliability R-15 (1966); Trivedi, "Probability and
/// Statistics with Reliability, Queuing, and Computer Science Applications", 2nd ed. (2001), chapter 10).
package struct Availability: Hashable, Sendable {
    /// n: each cycle is a time up, ended by a failure, and the time down that followed, ended by the repair.
    package let cycles: Int
    /// ΣU, in any unit.
    package let up: Double
    /// ΣD, in the same unit.
    package let down: Double
    /// Whether the time of observation was fixed beforehand, so that it ends within a time up or down, which is counted.
    ///
    /// Then neither sum is χ² with 2n degrees of freedom: as of a Poisson process over a fixed time (NIST/SEMATECH 8.4.5.1), it
    /// lies between 2n and 2n + 2. Each bound takes those that make it wider.
    package let isTruncated: Bool

    /// - Throws: ``StatisticsError/Code/invalidParameter`` for negative cycles, for times that are negative or not finite,
    ///   and for cycles that took no time at all.
    package init(cycles: Int, up: Double, down: Double, isTruncated: Bool = false) throws(StatisticsError) {
        guard cycles >= 0 else { throw .invalid("cycles", cycles, must: "0 or more") }
        guard up >= 0, up.isFinite else { throw .invalid("up", up, must: "a finite number, 0 or more") }
        guard down >= 0, down.isFinite else { throw .invalid("down", down, must: "a finite number, 0 or more") }
        guard cycles == 0 || up > 0 || down > 0 else {
            throw .invalid("up", up, must: "above 0, or the time down, where cycles were seen")
        }
        self.cycles = cycles
        self.up = up
        self.down = down
        self.isTruncated = isTruncated
    }

    /// up / (up + down); nil without any time.
    package var estimate: Double? { up == 0 && down == 0 ? nil : Availability.share(up, down) }

    /// The bounds on the availability. Without a full cycle they are 0 and 1.
    ///
    /// Where no time down was measured at all there is no lower bound, and where none up was, no upper one: a
    /// continuous time is never 0, so the clock was too coarse to bound it.
    package func bounds(at confidence: Confidence) -> Bounds {
        guard cycles > 0 else { return Bounds(estimate: estimate, lower: 0, upper: 1, at: confidence) }
        return bounds(over: cycles, at: confidence)
    }

    /// How many further cycles decide a requirement if mean times up and down stay as observed.
    ///
    /// - Returns: 0 if it is decided already; nil if no number up to the limit would do, as when the availability equals
    ///   the threshold, or before the first cycle.
    /// - Throws: ``StatisticsError/Code/invalidParameter`` for a threshold outside 0…1 or a negative limit.
    package func moreCycles(
        for requirement: Requirement, at confidence: Confidence, limit: Int = planningHorizon
    ) throws(StatisticsError) -> Int? {
        try requireProbability(requirement.threshold, "threshold")
        guard limit >= 0 else { throw .invalid("limit", limit, must: "0 or more") }
        if bounds(at: confidence).decision(on: requirement) != .undecided { return 0 }
        guard cycles > 0, estimate != requirement.threshold else { return nil }
        let (last, overflow) = cycles.addingReportingOverflow(limit)
        guard !overflow, last > cycles else { return nil }
        // The F quantiles close in on 1 as the degrees of freedom rise.
        let total = firstCount(in: (cycles + 1)...last) {
            bounds(over: $0, at: confidence).decision(on: requirement) != .undecided
        }
        return total.map { $0 - cycles }
    }

    /// The bounds if the observed sums' ratio had been seen over so many cycles.
    private func bounds(over cycles: Int, at confidence: Confidence) -> Bounds {
        let shape = Double(cycles)
        let more = isTruncated ? shape + 1 : shape
        // The ratio of two gamma variables, as y / x of a beta quantile; F(2n, 2n) where both have the shape n.
        let point = IncompleteBeta.inverse(shape, more, TailTarget(lower: confidence.tail))
        let spread = point.y / point.x
        return Bounds(
            estimate: estimate,
            lower: down == 0 ? nil : Availability.share(up, down * spread),
            upper: up == 0 ? nil : Availability.share(up * spread, down),
            at: confidence)
    }

    /// up / (up + down), where the sum may pass the largest double.
    private static func share(_ up: Double, _ down: Double) -> Double {
        if down == .infinity { return 0 }
        if up == .infinity { return 1 }
        return up >= down ? 1 / (1 + down / up) : (up / down) / (1 + up / down)
    }
}
