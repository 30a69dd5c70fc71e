extension EventRate {
    /// The probability that an exposure meets a requirement on the rate, by Garwood's bounds, if the true rate is as given.
    ///
    /// - Throws: ``StatisticsError/Code/invalidParameter`` for an exposure, threshold or rate that is negative or not
    ///   finite.
    package static func power(
        ofExposure exposure: Double, meeting requirement: Requirement, ifRateIs rate: Double, at confidence: Confidence
    ) throws(StatisticsError) -> Double {
        try requireRates(requirement, rate)
        guard exposure >= 0, exposure.isFinite else {
            throw .invalid("exposure", exposure, must: "a finite number, 0 or more")
        }
        let events = try PoissonDistribution(mean: rate * exposure)
        let atThreshold = try PoissonDistribution(mean: requirement.threshold * exposure)
        switch requirement {
        case .atMost:
            // So many events or fewer are too unlikely at the threshold.
            guard atThreshold.cumulative(0) <= confidence.tail else { return 0 }
            let most = firstCount(in: 0...Int.max - 1) { atThreshold.cumulative($0 + 1) > confidence.tail } ?? 0
            return events.cumulative(most)
        case .atLeast(let threshold):
            if threshold == 0 { return 1 }
            guard exposure > 0 else { return 0 }
            let fewest = firstCount(in: 0...Int.max - 1) { atThreshold.survival($0 - 1) <= confidence.tail } ?? 0
            return events.survival(fewest - 1)
        }
    }

    /// The smallest exposure that meets a requirement on the rate with at least the given probability, if the true rate is
    /// as given.
    ///
    /// - Returns: nil if none up to the limit, nor any with up to a million events, would do, as where the rate is not
    ///   better than the threshold.
    /// - Throws: ``StatisticsError/Code/invalidParameter`` for a threshold or rate that is negative or not finite, or a
    ///   power that is not strictly between 0 and 1.
    package static func exposure(
        meeting requirement: Requirement, ifRateIs rate: Double, power: Double, at confidence: Confidence,
        limit: Double = .infinity
    ) throws(StatisticsError) -> Double? {
        try requireRates(requirement, rate)
        try requirePower(power)
        let tail = confidence.tail
        let exposure: Double?
        switch requirement {
        case .atMost(let threshold):
            guard rate < threshold else { return nil }
            // The smallest exposure that allows k events is the best one that does.
            let allowed = firstCount(in: 0...planningHorizon) { events in
                let least = mostExpected(seeing: events, tail: tail) / threshold
                return reaches(power, events, mean: rate * least) { $0.cumulative(events) }
            }
            exposure = allowed.map { mostExpected(seeing: $0, tail: tail) / threshold }
        case .atLeast(let threshold):
            if threshold == 0 { return 0 }
            guard rate > threshold else { return nil }
            // k events suffice up to a largest exposure; there they are most likely. The smallest exposure with that
            // power is where k are just likely enough.
            let needed = firstCount(in: 1...planningHorizon) { events in
                let most = fewestExpected(seeing: events, tail: tail) / threshold
                return reaches(power, events, mean: rate * most) { $0.survival(events - 1) }
            }
            exposure = needed.map {
                IncompleteGamma.inverse(Double($0), TailTarget(lower: power)) / rate
            }
        }
        guard let exposure, exposure <= limit else { return nil }
        return exposure
    }

    private static func reaches(
        _ power: Double, _ events: Int, mean: Double, _ probability: (PoissonDistribution) -> Double
    ) -> Bool {
        guard let poisson = try? PoissonDistribution(mean: mean) else { return false }
        return probability(poisson) >= power
    }

    private static func requireRates(_ requirement: Requirement, _ rate: Double) throws(StatisticsError) {
        let threshold = requirement.threshold
        guard threshold >= 0, threshold.isFinite else {
            throw .invalid("threshold", threshold, must: "a finite number, 0 or more")
        }
        guard rate >= 0, rate.isFinite else { throw .invalid("rate", rate, must: "a finite number, 0 or more") }
    }
}

extension MeanTimeBetweenFailures {
    /// The smallest operating time that proves a mean time of at least `threshold` with the given probability, if the true
    /// mean time is as given; see ``EventRate/exposure(meeting:ifRateIs:power:at:limit:)``.
    ///
    /// - Returns: nil if none up to the limit would do, as where the truth is not better than the threshold.
    /// - Throws: ``StatisticsError/Code/invalidParameter`` for a threshold or true mean time that is not a finite number
    ///   above 0, or a power that is not strictly between 0 and 1.
    package static func time(
        proving threshold: Double, ifMeanIs truth: Double, power: Double, at confidence: Confidence,
        limit: Double = .infinity
    ) throws(StatisticsError) -> Double? {
        try requirePositive(threshold, "threshold")
        try requirePositive(truth, "mean")
        return try EventRate.exposure(
            meeting: .atMost(1 / threshold), ifRateIs: 1 / truth, power: power, at: confidence, limit: limit)
    }
}
