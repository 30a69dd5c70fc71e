#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The normal distribution.
package struct NormalDistribution: ContinuousDistribution {
    package let mean: Double
    package let standardDeviation: Double

    /// Mean 0, standard deviation 1.
    package static let standard = NormalDistribution(uncheckedMean: 0, standardDeviation: 1)

    /// - Throws: ``StatisticsError/Code/invalidParameter`` unless the mean is finite and the deviation is above 0.
    package init(mean: Double, standardDeviation: Double) throws(StatisticsError) {
        guard mean.isFinite else { throw .invalid("mean", mean, must: "a finite number") }
        try requirePositive(standardDeviation, "standard deviation")
        self.init(uncheckedMean: mean, standardDeviation: standardDeviation)
    }

    private init(uncheckedMean mean: Double, standardDeviation: Double) {
        self.mean = mean
        self.standardDeviation = standardDeviation
    }

    package func cumulative(_ x: Double) -> Double { Self.standardTail((mean - x) / standardDeviation) }

    package func survival(_ x: Double) -> Double { Self.standardTail((x - mean) / standardDeviation) }

    package func density(_ x: Double) -> Double {
        let z = (x - mean) / standardDeviation
        return Self.standardDensity(z) / standardDeviation
    }

    package func quantile(_ probability: Double) throws(StatisticsError) -> Double {
        try requireProbability(probability, "probability")
        return mean + standardDeviation * Self.standardQuantile(TailTarget(lower: probability))
    }

    package func quantile(survival: Double) throws(StatisticsError) -> Double {
        try requireProbability(survival, "survival")
        return mean + standardDeviation * Self.standardQuantile(TailTarget(upper: survival))
    }

    /// P(Z > z).
    static func standardTail(_ z: Double) -> Double { 0.5 * erfc(z * 0.5.squareRoot()) }

    static func standardDensity(_ z: Double) -> Double { exp(-0.5 * z * z) / (2 * Double.pi).squareRoot() }

    /// Wichura, "Algorithm AS 241: The percentage points of the normal distribution", Applied Statistics 37 (1988),
    /// routine PPND16, with one step of Halley's method in the tails.
    static func standardQuantile(_ target: TailTarget) -> Double {
        let offset = target.lower - 0.5
        if abs(offset) <= 0.425 { return offset * centralRatio(0.180625 - offset * offset) }
        let tail = min(target.lower, target.upper)
        guard tail > 0 else { return target.isLower ? -.infinity : .infinity }
        let r = (-log(tail)).squareRoot()
        var z = r <= 5 ? middleRatio(r - 1.6) : farRatio(r - 5)
        let error = (standardTail(z) - tail) / standardDensity(z)
        if error.isFinite { z += error / (1 - 0.5 * z * error) }
        return target.isLower ? -z : z
    }

    private static func centralRatio(_ r: Double) -> Double {
        var upper = 2509.0809287301226727
        upper = upper * r + 33430.575583588128105
        upper = upper * r + 67265.770927008700853
        upper = upper * r + 45921.953931549871457
        upper = upper * r + 13731.693765509461125
        upper = upper * r + 1971.5909503065514427
        upper = upper * r + 133.14166789178437745
        upper = upper * r + 3.387132872796366608
        var lower = 5226.495278852545925
        lower = lower * r + 28729.085735721942674
        lower = lower * r + 39307.89580009271061
        lower = lower * r + 21213.794301586595867
        lower = lower * r + 5394.1960214247511077
        lower = lower * r + 687.1870074920579083
        lower = lower * r + 42.313330701600911252
        return upper / (lower * r + 1)
    }

    private static func middleRatio(_ r: Double) -> Double {
        var upper = 7.7454501427834140764e-4
        upper = upper * r + 0.0227238449892691845833
        upper = upper * r + 0.24178072517745061177
        upper = upper * r + 1.27045825245236838258
        upper = upper * r + 3.64784832476320460504
        upper = upper * r + 5.7694972214606914055
        upper = upper * r + 4.6303378461565452959
        upper = upper * r + 1.42343711074968357734
        var lower = 1.05075007164441684324e-9
        lower = lower * r + 5.475938084995344946e-4
        lower = lower * r + 0.0151986665636164571966
        lower = lower * r + 0.14810397642748007459
        lower = lower * r + 0.68976733498510000455
        lower = lower * r + 1.6763848301838038494
        lower = lower * r + 2.05319162663775882187
        return upper / (lower * r + 1)
    }

    private static func farRatio(_ r: Double) -> Double {
        var upper = 2.01033439929228813265e-7
        upper = upper * r + 2.71155556874348757815e-5
        upper = upper * r + 0.0012426609473880784386
        upper = upper * r + 0.026532189526576123093
        upper = upper * r + 0.29656057182850489123
        upper = upper * r + 1.7848265399172913358
        upper = upper * r + 5.4637849111641143699
        upper = upper * r + 6.6579046435011037772
        var lower = 2.04426310338993978564e-15
        lower = lower * r + 1.4215117583164458887e-7
        lower = lower * r + 1.8463183175100546818e-5
        lower = lower * r + 7.868691311456132591e-4
        lower = lower * r + 0.0148753612908506148525
        lower = lower * r + 0.13692988092273580531
        lower = lower * r + 0.59983220655588793769
        return upper / (lower * r + 1)
    }
}
