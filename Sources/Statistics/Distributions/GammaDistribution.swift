#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The gamma distribution, density ∝ xᵃ⁻¹ e^(−x/scale), a the shape.
package struct GammaDistribution: ContinuousDistribution {
    package let shape: Double
    package let scale: Double

    /// - Throws: ``StatisticsError/Code/invalidParameter`` unless shape and scale are finite and above 0.
    package init(shape: Double, scale: Double = 1) throws(StatisticsError) {
        try requirePositive(shape, "shape")
        try requirePositive(scale, "scale")
        self.shape = shape
        self.scale = scale
    }

    package func cumulative(_ x: Double) -> Double { x.isNaN ? x : IncompleteGamma.tails(shape, x / scale).lower }

    package func survival(_ x: Double) -> Double { x.isNaN ? x : IncompleteGamma.tails(shape, x / scale).upper }

    package func density(_ x: Double) -> Double {
        guard x >= 0, x < .infinity else { return x.isNaN ? x : 0 }
        if x == 0 { return shape < 1 ? .infinity : shape > 1 ? 0 : 1 / scale }
        return exp(IncompleteGamma.logPower(shape, x / scale) - log(x))
    }

    package func quantile(_ probability: Double) throws(StatisticsError) -> Double {
        try requireProbability(probability, "probability")
        return scale * IncompleteGamma.inverse(shape, TailTarget(lower: probability))
    }

    package func quantile(survival: Double) throws(StatisticsError) -> Double {
        try requireProbability(survival, "survival")
        return scale * IncompleteGamma.inverse(shape, TailTarget(upper: survival))
    }
}

/// The χ² distribution; degrees of freedom may be fractional.
package struct ChiSquaredDistribution: ContinuousDistribution {
    package let degreesOfFreedom: Double
    private let gamma: GammaDistribution

    /// - Throws: ``StatisticsError/Code/invalidParameter`` unless the degrees of freedom are finite and above 0.
    package init(degreesOfFreedom: Double) throws(StatisticsError) {
        try requirePositive(degreesOfFreedom, "degrees of freedom")
        self.degreesOfFreedom = degreesOfFreedom
        gamma = try GammaDistribution(shape: 0.5 * degreesOfFreedom, scale: 2)
    }

    package func cumulative(_ x: Double) -> Double { gamma.cumulative(x) }
    package func survival(_ x: Double) -> Double { gamma.survival(x) }
    package func density(_ x: Double) -> Double { gamma.density(x) }
    package func quantile(_ probability: Double) throws(StatisticsError) -> Double { try gamma.quantile(probability) }
    package func quantile(survival: Double) throws(StatisticsError) -> Double { try gamma.quantile(survival: survival) }
}
