#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Successes among independent trials.
package struct Proportion: Hashable, Sendable {
    package let successes: Int
    package let trials: Int

    /// - Throws: ``StatisticsError/Code/invalidParameter`` unless 0 ≤ successes ≤ trials.
    package init(successes: Int, trials: Int) throws(StatisticsError) {
        guard trials >= 0 else { throw .invalid("trials", trials, must: "0 or more") }
        guard successes >= 0, successes <= trials else {
            throw .invalid("successes", successes, must: "between 0 and the number of trials, \(trials)")
        }
        self.successes = successes
        self.trials = trials
    }

    /// successes / trials; nil without trials.
    package var estimate: Double? { trials == 0 ? nil : Double(successes) / Double(trials) }

    /// How an interval for a proportion is made.
    package enum Method: String, Hashable, Sendable, CaseIterable {
        /// Clopper & Pearson, Biometrika 26 (1934): never covers less than it says. For verdicts.
        case clopperPearson = "clopper-pearson"
        /// Wilson, JASA 22 (1927), the score interval: covers what it says on average, and is shorter.
        case wilson
    }

    /// The bounds on the probability of success. Without trials they are 0 and 1.
    package func bounds(_ method: Method = .clopperPearson, at confidence: Confidence) -> Bounds {
        let (lower, upper) = method.ends(
            successes: Double(successes), failures: Double(trials - successes), tail: confidence.tail)
        return Bounds(estimate: estimate, lower: lower, upper: upper, at: confidence)
    }
}

extension Proportion.Method {
    /// The two bounds for counts that need not be whole.
    func ends(successes: Double, failures: Double, tail: Double) -> (lower: Double, upper: Double) {
        switch self {
        case .clopperPearson:
            return (
                clopperPearsonPoint(successes: successes, failures: failures, tail: tail).x,
                clopperPearsonPoint(successes: failures, failures: successes, tail: tail).y
            )
        case .wilson:
            let z = NormalDistribution.standardQuantile(TailTarget(upper: tail))
            let trials = successes + failures
            return (wilsonLower(successes, of: trials, z: z), 1 - wilsonLower(failures, of: trials, z: z))
        }
    }
}

/// The p at which k or more successes have the probability `tail`, with its complement: Beta(k, n − k + 1)'s quantile, for
/// real-valued counts too.
func clopperPearsonPoint(successes: Double, failures: Double, tail: Double) -> IncompleteBeta.Point {
    if successes <= 0 { return IncompleteBeta.Point(x: 0, y: 1) }
    if failures <= 0 {
        let exponent = log(tail) / successes
        return IncompleteBeta.Point(x: exp(exponent), y: -expm1(exponent))
    }
    return IncompleteBeta.inverse(successes, failures + 1, TailTarget(lower: tail))
}

/// The lower end of the score interval, for real-valued counts: the smaller root of (p̂ − p)² = z² p (1 − p) / n,
/// taken as product of the roots over the larger one, which does not cancel. For z < 0 (confidence below one half) the
/// larger root.
func wilsonLower(_ successes: Double, of trials: Double, z: Double) -> Double {
    guard trials > 0 else { return 0 }
    let square = z * z
    let middle = successes + 0.5 * square
    let spread = abs(z) * (successes * (trials - successes) / trials + 0.25 * square).squareRoot()
    if z < 0 { return min((middle + spread) / (trials + square), 1) }
    if successes <= 0 { return 0 }
    return successes * (successes / trials) / (middle + spread)
}
