#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The beta distribution on 0…1, density ∝ xᵃ⁻¹ (1 − x)ᵇ⁻¹.
package struct BetaDistribution: ContinuousDistribution {
    package let a: Double
    package let b: Double

    /// - Throws: ``StatisticsError/Code/invalidParameter`` unless both shapes are finite and above 0.
    package init(a: Double, b: Double) throws(StatisticsError) {
        try requirePositive(a, "a")
        try requirePositive(b, "b")
        self.a = a
        self.b = b
    }

    package func cumulative(_ x: Double) -> Double { x.isNaN ? x : tails(x).lower }

    package func survival(_ x: Double) -> Double { x.isNaN ? x : tails(x).upper }

    package func density(_ x: Double) -> Double {
        guard x >= 0, x <= 1 else { return x.isNaN ? x : 0 }
        if x == 0 { return a < 1 ? .infinity : a > 1 ? 0 : b }
        if x == 1 { return b < 1 ? .infinity : b > 1 ? 0 : a }
        let point = IncompleteBeta.Point(x: x, y: 1 - x)
        let excess = IncompleteBeta.excess(a, b, point)
        return exp(IncompleteBeta.logPower(a, b, point, excess: excess) - log(x) - log1p(-x))
    }

    package func quantile(_ probability: Double) throws(StatisticsError) -> Double {
        try requireProbability(probability, "probability")
        return IncompleteBeta.inverse(a, b, TailTarget(lower: probability)).x
    }

    package func quantile(survival: Double) throws(StatisticsError) -> Double {
        try requireProbability(survival, "survival")
        return IncompleteBeta.inverse(a, b, TailTarget(upper: survival)).x
    }

    private func tails(_ x: Double) -> Tails { IncompleteBeta.tails(a, b, IncompleteBeta.Point(x: x, y: 1 - x)) }
}
