extension Moments {
    /// The probability that a number of values meets a requirement on the mean, if its true distance from the threshold is
    /// so many standard deviations, above 0 on the good side.
    ///
    /// The bound meets the threshold if (x̄ − θ) √n / s ≥ t(n − 1), and the left side is noncentral t with noncentrality
    /// √n × effect: exact for normal values.
    ///
    /// - Throws: ``StatisticsError/Code/invalidParameter`` for negative runs or an effect that is not finite.
    package static func power(
        ofRuns runs: Int, effect: Double, at confidence: Confidence
    ) throws(StatisticsError) -> Double {
        guard runs >= 0 else { throw .invalid("runs", runs, must: "0 or more") }
        guard effect.isFinite else { throw .invalid("effect", effect, must: "a finite number of standard deviations") }
        guard runs >= 2 else { return 0 }
        let degrees = Double(runs - 1)
        let critical = StudentTDistribution(unchecked: degrees).quantile(TailTarget(upper: confidence.tail))
        return NoncentralTDistribution(unchecked: degrees, noncentrality: effect * Double(runs).squareRoot())
            .survival(critical)
    }

    /// The fewest values that meet a requirement on the mean with at least the given probability, if its true distance
    /// from the threshold is so many standard deviations.
    ///
    /// - Returns: nil if no number up to the limit would do, as where the effect is not above 0.
    /// - Throws: ``StatisticsError/Code/invalidParameter`` for an effect that is not finite, a power that is not strictly
    ///   between 0 and 1, or a negative limit.
    package static func runs(
        effect: Double, power: Double, at confidence: Confidence, limit: Int = planningHorizon
    ) throws(StatisticsError) -> Int? {
        guard effect.isFinite else { throw .invalid("effect", effect, must: "a finite number of standard deviations") }
        try requirePower(power)
        guard limit >= 0 else { throw .invalid("limit", limit, must: "0 or more") }
        guard effect > 0, limit >= 2 else { return nil }
        return firstCount(in: 2...limit) { runs in
            let reached = try? Moments.power(ofRuns: runs, effect: effect, at: confidence)
            return (reached ?? 0) >= power
        }
    }
}
