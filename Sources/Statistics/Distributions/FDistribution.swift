#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The F distribution (ratio of two mean squares); degrees of freedom may be fractional.
///
/// P(F ≤ f) = I_x(d₁/2, d₂/2) with x = d₁ f / (d₁ f + d₂) (Abramowitz & Stegun 26.6.2).
package struct FDistribution: ContinuousDistribution {
    package let numeratorDegrees: Double
    package let denominatorDegrees: Double

    /// - Throws: ``StatisticsError/Code/invalidParameter`` unless both degrees of freedom are finite and above 0.
    package init(numeratorDegrees: Double, denominatorDegrees: Double) throws(StatisticsError) {
        try requirePositive(numeratorDegrees, "numerator degrees")
        try requirePositive(denominatorDegrees, "denominator degrees")
        self.numeratorDegrees = numeratorDegrees
        self.denominatorDegrees = denominatorDegrees
    }

    package func cumulative(_ x: Double) -> Double { x.isNaN ? x : tails(x).lower }

    package func survival(_ x: Double) -> Double { x.isNaN ? x : tails(x).upper }

    package func density(_ x: Double) -> Double {
        guard x >= 0, x < .infinity else { return x.isNaN ? x : 0 }
        if x == 0 { return numeratorDegrees < 2 ? .infinity : numeratorDegrees > 2 ? 0 : 1 }
        let point = point(x)
        let excess = IncompleteBeta.excess(a, b, point)
        return exp(IncompleteBeta.logPower(a, b, point, excess: excess) - log(x))
    }

    package func quantile(_ probability: Double) throws(StatisticsError) -> Double {
        try requireProbability(probability, "probability")
        return quantile(TailTarget(lower: probability))
    }

    package func quantile(survival: Double) throws(StatisticsError) -> Double {
        try requireProbability(survival, "survival")
        return quantile(TailTarget(upper: survival))
    }

    private var a: Double { 0.5 * numeratorDegrees }
    private var b: Double { 0.5 * denominatorDegrees }

    private func quantile(_ target: TailTarget) -> Double {
        let point = IncompleteBeta.inverse(a, b, target)
        return denominatorDegrees / numeratorDegrees * (point.x / point.y)
    }

    private func tails(_ f: Double) -> Tails {
        if f <= 0 { return .none }
        if f == .infinity { return .all }
        return IncompleteBeta.tails(a, b, point(f))
    }

    private func point(_ f: Double) -> IncompleteBeta.Point {
        let odds = numeratorDegrees / denominatorDegrees * f
        return odds.isFinite
            ? IncompleteBeta.Point(x: odds / (1 + odds), y: 1 / (1 + odds))
            : IncompleteBeta.Point(x: 1, y: denominatorDegrees / numeratorDegrees / f)
    }
}
