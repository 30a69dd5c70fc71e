#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Events over an exposure: a time, a distance, a number of cycles; whatever the rate is per.
///
/// Events are taken to occur independently and at a constant rate λ, so that their number is Poisson with mean λ T.
package struct EventRate: Hashable, Sendable {
    package let events: Int
    /// T, in any unit; rates are per that unit.
    package let exposure: Double

    /// - Throws: ``StatisticsError/Code/invalidParameter`` for a negative number of events, for an exposure that is not
    ///   finite or negative, and for events without exposure.
    package init(events: Int, exposure: Double) throws(StatisticsError) {
        guard events >= 0 else { throw .invalid("events", events, must: "0 or more") }
        guard exposure >= 0, exposure.isFinite else {
            throw .invalid("exposure", exposure, must: "a finite number, 0 or more")
        }
        guard exposure > 0 || events == 0 else {
            throw .invalid("exposure", exposure, must: "above 0 where events were seen")
        }
        self.events = events
        self.exposure = exposure
    }

    /// events / exposure; nil without exposure.
    package var estimate: Double? { exposure == 0 ? nil : Double(events) / exposure }

    /// The bounds on the rate: χ²(2k)'s lower quantile over 2 T, and χ²(2k + 2)'s upper quantile over 2 T.
    ///
    /// Garwood, "Fiducial limits for the Poisson distribution", Biometrika 28 (1936): never cover less than they say.
    /// The lower bound is 0 without events; without exposure there is no upper bound.
    package func bounds(at confidence: Confidence) -> Bounds {
        let tail = confidence.tail
        return Bounds(
            estimate: estimate,
            lower: exposure == 0 ? 0 : EventRate.fewestExpected(seeing: events, tail: tail) / exposure,
            upper: exposure == 0 ? nil : EventRate.mostExpected(seeing: events, tail: tail) / exposure,
            at: confidence)
    }

    /// The mean at which k or more events have the probability `tail`: the quantile of the gamma distribution, shape k.
    static func fewestExpected(seeing events: Int, tail: Double) -> Double {
        events == 0 ? 0 : IncompleteGamma.inverse(Double(events), TailTarget(lower: tail))
    }

    /// The mean at which k or fewer events have the probability `tail`: the upper quantile for shape k + 1.
    static func mostExpected(seeing events: Int, tail: Double) -> Double {
        events == 0 ? -log(tail) : IncompleteGamma.inverse(Double(events) + 1, TailTarget(upper: tail))
    }
}
