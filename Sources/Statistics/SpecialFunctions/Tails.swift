#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Both tails of a distribution at one point, as logarithms, so that neither underflows nor cancels.
struct Tails {
    let logLower: Double
    let logUpper: Double

    var lower: Double { exp(logLower) }
    var upper: Double { exp(logUpper) }

    static let none = Tails(logLower: -.infinity, logUpper: 0)
    static let all = Tails(logLower: 0, logUpper: -.infinity)

    private init(logLower: Double, logUpper: Double) {
        self.logLower = logLower
        self.logUpper = logUpper
    }

    /// From the lower tail, which was computed directly.
    init(logLower: Double) {
        let bounded = min(logLower, 0)
        self.init(logLower: bounded, logUpper: Tails.logComplement(bounded))
    }

    /// From the upper tail, which was computed directly.
    init(logUpper: Double) {
        let bounded = min(logUpper, 0)
        self.init(logLower: Tails.logComplement(bounded), logUpper: bounded)
    }

    /// The other way round: what was below is above.
    init(swapping other: Tails) {
        self.init(logLower: other.logUpper, logUpper: other.logLower)
    }

    /// ln(1 − eˣ) for x ≤ 0 (Mächler 2012, "Accurately computing log(1 − exp(−|a|))").
    private static func logComplement(_ x: Double) -> Double {
        x > -0.6931471805599453 ? log(-expm1(x)) : log1p(-exp(x))
    }
}

/// The probability to invert: both tails, of which the smaller one is met.
struct TailTarget {
    let lower: Double
    let upper: Double

    init(lower: Double) {
        self.lower = lower
        self.upper = 1 - lower
    }

    init(upper: Double) {
        self.lower = 1 - upper
        self.upper = upper
    }

    init(lower: Double, upper: Double) {
        self.lower = lower
        self.upper = upper
    }

    var isLower: Bool { lower <= upper }
    var logSmaller: Double { log(min(lower, upper)) }
}
