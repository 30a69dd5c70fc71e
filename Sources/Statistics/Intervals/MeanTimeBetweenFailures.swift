/// The mean time between failures, from failures over a time that was fixed beforehand (time-truncated).
///
/// Times between failures are taken to be exponential, one rate for all. NIST/SEMATECH e-Handbook 8.4.5.1: with r
/// failures in T hours, the lower bound is 2 T over χ²(2r + 2)'s upper quantile, the upper bound 2 T over χ²(2r)'s lower
/// quantile. These are the bounds of ``EventRate``, turned over. A repaired unit contributes its operating time; units
/// side by side contribute the sum of theirs.
package struct MeanTimeBetweenFailures: Hashable, Sendable {
    /// Failures per unit of time.
    package let rate: EventRate

    package var failures: Int { rate.events }
    /// Operating time in any unit.
    package var time: Double { rate.exposure }

    /// - Throws: ``StatisticsError/Code/invalidParameter`` for negative failures, a time that is negative or not finite,
    ///   and failures without time.
    package init(failures: Int, time: Double) throws(StatisticsError) {
        guard failures >= 0 else { throw .invalid("failures", failures, must: "0 or more") }
        guard time >= 0, time.isFinite else { throw .invalid("time", time, must: "a finite number, 0 or more") }
        guard time > 0 || failures == 0 else { throw .invalid("time", time, must: "above 0 where failures were seen") }
        rate = try EventRate(events: failures, exposure: time)
    }

    /// time / failures; nil without a failure.
    package var estimate: Double? { failures == 0 ? nil : time / Double(failures) }

    /// Without a failure there is no upper bound, and the lower one is T / −ln(1 − level); without time it is 0.
    package func bounds(at confidence: Confidence) -> Bounds {
        let tail = confidence.tail
        return Bounds(
            estimate: estimate,
            lower: time / EventRate.mostExpected(seeing: failures, tail: tail),
            upper: failures == 0 ? nil : time / EventRate.fewestExpected(seeing: failures, tail: tail),
            at: confidence)
    }

    /// How much further operating time decides a requirement if failures keep coming at the observed rate; see
    /// ``EventRate/moreExposure(for:at:limit:)``. Without a failure so far, none is taken to occur.
    ///
    /// - Returns: 0 if it is decided already; nil if no time up to the limit would do.
    /// - Throws: ``StatisticsError/Code/invalidParameter`` for a threshold that is not a finite number above 0, or a
    ///   negative limit.
    package func moreTime(
        for requirement: Requirement, at confidence: Confidence, limit: Double = .infinity
    ) throws(StatisticsError) -> Double? {
        let mirrored = try mirror(requirement)
        if bounds(at: confidence).decision(on: requirement) != .undecided { return 0 }
        return try rate.moreExposure(for: mirrored, at: confidence, limit: limit)
    }

    /// How many further runs of a given operating time decide a requirement; see ``moreTime(for:at:limit:)``.
    ///
    /// - Throws: ``StatisticsError/Code/invalidParameter`` for a threshold or time per run that is not a finite number
    ///   above 0, or a negative limit.
    package func moreRuns(
        for requirement: Requirement, timePerRun: Double, at confidence: Confidence, limit: Int = planningHorizon
    ) throws(StatisticsError) -> Int? {
        try requirePositive(timePerRun, "time per run")
        let mirrored = try mirror(requirement)
        if bounds(at: confidence).decision(on: requirement) != .undecided { return 0 }
        return try rate.moreRuns(for: mirrored, exposurePerRun: timePerRun, at: confidence, limit: limit)
    }

    /// The operating time that, without a failure, proves a mean time of at least `threshold`: threshold × −ln(1 − level);
    /// 2.996 times the threshold at 0.95, 2.303 times at 0.90.
    ///
    /// - Throws: ``StatisticsError/Code/invalidParameter`` for a threshold that is not a finite number above 0.
    package static func failureFreeTime(
        proving threshold: Double, at confidence: Confidence
    ) throws(StatisticsError) -> Double {
        try requirePositive(threshold, "threshold")
        return threshold * EventRate.mostExpected(seeing: 0, tail: confidence.tail)
    }

    /// A long time between failures is a low rate.
    private func mirror(_ requirement: Requirement) throws(StatisticsError) -> Requirement {
        try requirePositive(requirement.threshold, "threshold")
        return switch requirement {
        case .atLeast(let threshold): .atMost(1 / threshold)
        case .atMost(let threshold): .atLeast(1 / threshold)
        }
    }
}
