#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

extension EventRate {
    /// How much further exposure decides a requirement on the rate if events keep coming at the observed rate.
    ///
    /// At a total exposure T, ⌈λ̂ T⌉ events are counted where events speak against the decision, ⌊λ̂ T⌋ where they
    /// speak for it: the plan never counts on luck. Without any exposure yet, no event is taken to occur.
    ///
    /// - Returns: the smallest such exposure, in the unit of ``exposure``; 0 if it is decided already; nil if none up to
    ///   the limit, nor any with up to a million events, would do, as when the rate equals the threshold.
    /// - Throws: ``StatisticsError/Code/invalidParameter`` for a threshold that is negative or not finite, or a negative
    ///   limit.
    package func moreExposure(
        for requirement: Requirement, at confidence: Confidence, limit: Double = .infinity
    ) throws(StatisticsError) -> Double? {
        guard limit >= 0 else { throw .invalid("limit", limit, must: "0 or more") }
        guard let plan = try RatePlan(self, requirement, confidence) else { return nil }
        if plan.isDecided { return 0 }
        guard let more = plan.firstExposure(), more <= limit else { return nil }
        return more
    }

    /// How many further runs of a given exposure decide a requirement, under the assumptions of
    /// ``moreExposure(for:at:limit:)``.
    ///
    /// What one run adds, `exposurePerRun`, is as a rule ``exposure`` over the number of runs so far.
    ///
    /// - Returns: 0 if it is decided already; nil if no number up to the limit would do.
    /// - Throws: ``StatisticsError/Code/invalidParameter`` for a threshold that is negative or not finite, an exposure
    ///   per run that is not above 0, or a negative limit.
    package func moreRuns(
        for requirement: Requirement, exposurePerRun: Double, at confidence: Confidence, limit: Int = planningHorizon
    ) throws(StatisticsError) -> Int? {
        try requirePositive(exposurePerRun, "exposure per run")
        guard limit >= 0 else { throw .invalid("limit", limit, must: "0 or more") }
        guard let plan = try RatePlan(self, requirement, confidence) else { return nil }
        if plan.isDecided { return 0 }
        guard let more = plan.firstExposure() else { return nil }
        // Whole runs may overshoot the exposure at which the next event is counted.
        var runs = (more / exposurePerRun).rounded(.up)
        while runs <= Double(limit) {
            let total = exposure + runs * exposurePerRun
            if plan.decides(total) { return Int(runs) }
            let next = ((plan.nextCandidate(after: total) - exposure) / exposurePerRun).rounded(.up)
            runs = max(runs + 1, next)
        }
        return nil
    }

    /// The exposure that, without a single event, proves a rate of at most θ: −ln(1 − level) / θ.
    ///
    /// - Returns: nil for a rate of 0, which no exposure proves.
    /// - Throws: ``StatisticsError/Code/invalidParameter`` for a rate that is negative or not finite.
    package static func eventFreeExposure(
        proving rate: Double, at confidence: Confidence
    ) throws(StatisticsError) -> Double? {
        guard rate >= 0, rate.isFinite else { throw .invalid("rate", rate, must: "a finite number, 0 or more") }
        return rate == 0 ? nil : -log(confidence.tail) / rate
    }
}

/// The search for the smallest exposure at which a bound has passed the threshold.
private struct RatePlan {
    let observed: EventRate
    let requirement: Requirement
    let confidence: Confidence
    /// Whether the upper bound must fall to the threshold (else the lower one must rise to it).
    let isUpperBound: Bool
    let rate: Double

    /// nil where no further exposure decides and none has decided.
    init?(
        _ observed: EventRate, _ requirement: Requirement, _ confidence: Confidence
    ) throws(StatisticsError) {
        let threshold = requirement.threshold
        guard threshold >= 0, threshold.isFinite else {
            throw .invalid("threshold", threshold, must: "a finite number, 0 or more")
        }
        self.observed = observed
        self.requirement = requirement
        self.confidence = confidence
        rate = observed.estimate ?? 0
        isUpperBound = rate < threshold
        if !isDecided, rate == threshold { return nil }
        // Without any exposure there is no rate to refute "at least" with.
        if !isDecided, observed.exposure == 0, case .atLeast = requirement { return nil }
    }

    var isDecided: Bool { observed.bounds(at: confidence).decision(on: requirement) != .undecided }

    /// The smallest further exposure.
    func firstExposure() -> Double? {
        let total: Double
        if isUpperBound, rate == 0 {
            total = exposure(bounding: 0)
        } else if isUpperBound {
            // k events are counted up to k / λ̂, and enough of an exposure is exposure(bounding: k).
            guard let k = firstEvents(where: { exposure(bounding: $0) <= Double($0) / rate }) else { return nil }
            total = exposure(bounding: k)
        } else {
            // k events are counted from k / λ̂ on, and too much of an exposure is what lies past exposure(bounding: k).
            guard let k = firstEvents(where: { Double($0) / rate <= exposure(bounding: $0) }) else { return nil }
            total = Double(k) / rate
        }
        // A tie may fail by rounding; then a hair more exposure, or one more event, decides.
        var more = max(total - observed.exposure, 0)
        for _ in 0..<64 where !decides(observed.exposure + more) {
            more = max((observed.exposure + more) * (1 + 0x1p-50) - observed.exposure, more.nextUp)
        }
        if decides(observed.exposure + more) { return more }
        let next = nextCandidate(after: observed.exposure + more)
        return decides(next) ? next - observed.exposure : nil
    }

    private func firstEvents(where holds: (Int) -> Bool) -> Int? {
        let (last, overflow) = observed.events.addingReportingOverflow(planningHorizon)
        guard !overflow else { return nil }
        return firstCount(in: (observed.events + 1)...last, where: holds)
    }

    /// The exposure at which the bound of k events is the threshold.
    private func exposure(bounding events: Int) -> Double {
        let expected =
            isUpperBound
            ? EventRate.mostExpected(seeing: events, tail: confidence.tail)
            : EventRate.fewestExpected(seeing: events, tail: confidence.tail)
        return expected / requirement.threshold
    }

    /// Events at a total exposure, rounded against the decision. What is whole but for rounding is whole.
    private func events(at total: Double) -> Double {
        let real = rate * total
        let nearest = real.rounded()
        if abs(real - nearest) <= nearest * 0x1p-48 { return nearest }
        return real.rounded(isUpperBound ? .up : .down)
    }

    func decides(_ total: Double) -> Bool {
        let count = events(at: total)
        guard count < 0x1p53, let future = try? EventRate(events: Int(count), exposure: total) else { return false }
        return future.bounds(at: confidence).decision(on: requirement) != .undecided
    }

    /// The next exposure at which the decision may fall: where this number of events is bounded, or the next one seen.
    func nextCandidate(after total: Double) -> Double {
        let count = events(at: total)
        guard count < 0x1p53 else { return .infinity }
        return isUpperBound ? exposure(bounding: Int(count)) : (count + 1) / rate
    }
}
