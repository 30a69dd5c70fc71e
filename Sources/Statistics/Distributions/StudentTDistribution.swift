#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Student's t distribution; degrees of freedom may be fractional.
///
/// P(|T| > t) = I_x(ν/2, ½) with x = ν / (ν + t²) (Abramowitz & Stegun 26.7.1).
package struct StudentTDistribution: ContinuousDistribution {
    package let degreesOfFreedom: Double

    /// - Throws: ``StatisticsError/Code/invalidParameter`` unless the degrees of freedom are finite and above 0.
    package init(degreesOfFreedom: Double) throws(StatisticsError) {
        try requirePositive(degreesOfFreedom, "degrees of freedom")
        self.init(unchecked: degreesOfFreedom)
    }

    init(unchecked degreesOfFreedom: Double) { self.degreesOfFreedom = degreesOfFreedom }

    package func cumulative(_ x: Double) -> Double { upperTail(-x) }

    package func survival(_ x: Double) -> Double { upperTail(x) }

    package func density(_ x: Double) -> Double {
        if x.isNaN { return x }
        let t = abs(x)
        if t == .infinity { return 0 }
        let logPeak = -logBeta(half, 0.5) - 0.5 * log(degreesOfFreedom)
        return exp(logPeak - (half + 0.5) * logOnePlusSquare(t))
    }

    package func quantile(_ probability: Double) throws(StatisticsError) -> Double {
        try requireProbability(probability, "probability")
        return quantile(TailTarget(lower: probability))
    }

    package func quantile(survival: Double) throws(StatisticsError) -> Double {
        try requireProbability(survival, "survival")
        return quantile(TailTarget(upper: survival))
    }

    func quantile(_ target: TailTarget) -> Double {
        let tail = min(target.lower, target.upper)
        let sign: Double = target.isLower ? -1 : 1
        if tail == 0 { return sign * .infinity }
        // The distance of the larger tail from one half has more digits than that of the smaller.
        let inner = target.isLower ? 1 - 2 * target.lower : 1 - 2 * target.upper
        if inner == 0 { return 0 }
        let logFar = IncompleteBeta.logPowerQuantile(half, 0.5, logTail: log(tail) + log(2))
        // x is so small that the leading term is exact, and its square root may be where x itself is not a number.
        if logFar < -80 { return sign * exp(0.5 * (log(degreesOfFreedom) - logFar)) }
        let point = IncompleteBeta.inverse(half, 0.5, TailTarget(lower: 2 * tail, upper: inner))
        return sign * (degreesOfFreedom * (point.y / point.x)).squareRoot()
    }

    private var half: Double { 0.5 * degreesOfFreedom }

    private func upperTail(_ x: Double) -> Double {
        if x.isNaN { return x }
        let t = abs(x)
        let logTwoTails: Double
        let ratio = t / degreesOfFreedom * t
        if ratio > 1e40 {
            let logX = log(degreesOfFreedom) - 2 * log(t)
            logTwoTails = half * logX - log(half) - logBeta(half, 0.5)
        } else {
            let point = IncompleteBeta.Point(x: 1 / (1 + ratio), y: ratio / (1 + ratio))
            logTwoTails = IncompleteBeta.tails(half, 0.5, point).logLower
        }
        let tail = exp(logTwoTails - log(2))
        return x < 0 ? 1 - tail : tail
    }

    /// ln(1 + t² / ν) without overflow.
    private func logOnePlusSquare(_ t: Double) -> Double {
        let ratio = t / degreesOfFreedom * t
        return ratio.isFinite ? log1p(ratio) : 2 * log(t) - log(degreesOfFreedom)
    }
}
