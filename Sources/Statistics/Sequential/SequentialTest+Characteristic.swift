#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

extension SequentialTest {
    /// What a test does at a given true rate.
    package struct Characteristic: Hashable, Sendable {
        /// The probability of ending with the requirement met: the operating characteristic.
        package let met: Double
        package let refuted: Double
        /// The probability of no decision within the limit.
        package let undecided: Double
        /// The average number of runs, of which none passes the limit.
        package let expectedRuns: Double
    }

    /// The exact operating characteristic and average sample number, by carrying the probability of every open pair of
    /// counts from run to run.
    ///
    /// - Parameters:
    ///   - rate: the true success rate.
    ///   - limit: after how many runs to stop counting; a truncation may come before. The cost is of order limit × the
    ///     number of open counts.
    /// - Returns: the characteristic; what has not ended by the limit is undecided.
    /// - Throws: ``StatisticsError/Code/invalidParameter`` for a rate outside 0…1 or a limit below 1.
    package func characteristic(at rate: Double, limit: Int = 10_000) throws(StatisticsError) -> Characteristic {
        try requireProbability(rate, "rate")
        guard limit >= 1 else { throw .invalid("limit", limit, must: "1 or more") }
        let last = min(limit, truncation.limit ?? limit)
        // The probability of being open after so many runs, by successes, from `first` on.
        var first = 0
        var open = [1.0]
        var (met, refuted, expected) = (0.0, 0.0, 0.0)
        for runs in 1...last {
            expected += open.reduce(0, +)
            var next = [Double](repeating: 0, count: open.count + 1)
            for (offset, mass) in open.enumerated() where mass > 0 {
                next[offset] += mass * (1 - rate)
                next[offset + 1] += mass * rate
            }
            for offset in next.indices {
                let successes = first + offset
                switch standing(successes: successes, failures: runs - successes) {
                case .met: met += next[offset]
                case .refuted: refuted += next[offset]
                case .undecided: continue
                }
                next[offset] = 0
            }
            guard let low = next.firstIndex(where: { $0 > 1e-300 }), let high = next.lastIndex(where: { $0 > 1e-300 })
            else {
                open = []
                break
            }
            open = Array(next[low...high])
            first += low
        }
        return Characteristic(met: met, refuted: refuted, undecided: open.reduce(0, +), expectedRuns: expected)
    }

    /// Wald's approximations to the operating characteristic and the average sample number of the test without truncation,
    /// which neglect by how much the sum overshoots a boundary.
    ///
    /// With h ≠ 0 the root of p e^(h a) + (1 − p) e^(h b) = 1, a and b the weights of success and failure, and boundaries
    /// A and B: P(refuted) = (e^(h A) − 1) / (e^(h A) − e^(h B)); E n = (P(refuted) B + P(met) A) / E z, or −A B / E z²
    /// where E z = 0 (Wald 1945, 3.4 and 4.1).
    ///
    /// - Throws: ``StatisticsError/Code/invalidParameter`` unless the rate is strictly between 0 and 1.
    package func approximateCharacteristic(at rate: Double) throws(StatisticsError) -> Characteristic {
        guard rate > 0, rate < 1 else { throw .invalid("rate", rate, must: "above 0 and below 1") }
        let (a, b) = (successWeight, failureWeight)
        let drift = rate * a + (1 - rate) * b
        let (upper, lower) = (upperBoundary, lowerBoundary)
        let square = rate * a * a + (1 - rate) * b * b
        let refuted: Double
        let expected: Double
        // Near the rate without drift both formulas are 0 / 0; there the limits serve.
        if drift * drift < 1e-14 * square {
            refuted = upper / (upper - lower)
            expected = -upper * lower / square
        } else {
            let h = exponent(rate, drift: drift)
            refuted = expm1(h * upper) / (expm1(h * upper) - expm1(h * lower))
            expected = (refuted * lower + (1 - refuted) * upper) / drift
        }
        return Characteristic(met: 1 - refuted, refuted: refuted, undecided: 0, expectedRuns: expected)
    }

    /// The root h ≠ 0: 1 at the unacceptable rate, −1 at the acceptable one, of the sign opposite to the drift.
    private func exponent(_ rate: Double, drift: Double) -> Double {
        func excess(_ h: Double) -> Double {
            rate * expm1(h * successWeight) + (1 - rate) * expm1(h * failureWeight)
        }
        // The sum is convex in h and 0 at 0; the other root lies where it has turned upwards again.
        var far = drift < 0 ? 1.0 : -1.0
        while excess(far) < 0 { far *= 2 }
        var near = far / 2
        while excess(near) > 0 { near /= 2 }
        for _ in 0..<200 {
            let middle = 0.5 * (near + far)
            if middle == near || middle == far { break }
            if excess(middle) < 0 { near = middle } else { far = middle }
        }
        return 0.5 * (near + far)
    }
}
