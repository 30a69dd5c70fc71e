#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The noncentral t distribution: (Z + δ) / √(χ²/ν), Z standard normal and χ² independent of it with ν degrees of
/// freedom.
///
/// P(T ≤ t) = ∫ Φ(t s − δ) f(s) ds over the density f of s = √(χ²/ν), and P(T > t) the same with Φ(δ − t s)
/// (Johnson, Kotz & Balakrishnan, "Continuous Univariate Distributions" 2, 31.2). The smaller is integrated as it stands, in
/// u = ln s, by `LogIntegral`: where the series of AS 243 (Lenth, Applied Statistics 38 (1989)) needs ever more
/// terms and underflows past δ = 37.62, this costs about the same for every noncentrality, and loses nothing in
/// either tail. Agrees with references of 20 digits to 1e-11 relative for ν from 0.5 to a million and δ to a thousand.
package struct NoncentralTDistribution: ContinuousDistribution {
    package let degreesOfFreedom: Double
    /// δ.
    package let noncentrality: Double

    /// - Throws: ``StatisticsError/Code/invalidParameter`` unless the degrees of freedom are finite and above 0 and the
    ///   noncentrality is finite.
    package init(degreesOfFreedom: Double, noncentrality: Double) throws(StatisticsError) {
        try requirePositive(degreesOfFreedom, "degrees of freedom")
        guard noncentrality.isFinite else { throw .invalid("noncentrality", noncentrality, must: "a finite number") }
        self.init(unchecked: degreesOfFreedom, noncentrality: noncentrality)
    }

    init(unchecked degreesOfFreedom: Double, noncentrality: Double) {
        self.degreesOfFreedom = degreesOfFreedom
        self.noncentrality = noncentrality
    }

    package func cumulative(_ x: Double) -> Double { x.isNaN ? x : tails(x).lower }

    package func survival(_ x: Double) -> Double { x.isNaN ? x : tails(x).upper }

    package func density(_ x: Double) -> Double {
        if x.isNaN { return x }
        return x.isInfinite ? 0 : exp(logDensity(x))
    }

    package func quantile(_ probability: Double) throws(StatisticsError) -> Double {
        try requireProbability(probability, "probability")
        return quantile(TailTarget(lower: probability))
    }

    package func quantile(survival: Double) throws(StatisticsError) -> Double {
        try requireProbability(survival, "survival")
        return quantile(TailTarget(upper: survival))
    }

    /// ±∞ beyond about 1e100, which takes fewer than about three degrees of freedom.
    func quantile(_ target: TailTarget) -> Double {
        if target.lower <= 0 { return -.infinity }
        if target.upper <= 0 { return .infinity }
        let end = asinh(Self.farthest)
        // asinh t keeps what is small apart and what is large in range.
        let root = invertTail(target, from: asinh(firstGuess(target)), in: -end...end) { u, nudge in
            let t = sinh(u + nudge)
            let tails = tails(t)
            let logDensity = logDensity(t) + log(cosh(u))
            let logTail = target.isLower ? tails.logLower : tails.logUpper
            // With the tail's own slope for the density's, the correction to Newton's step is none.
            let slope = (target.isLower ? 1 : -1) * exp(logDensity - logTail)
            return TailSlope(tails: tails, logDensity: logDensity, logDensitySlope: slope)
        }
        let u = root.u + root.nudge
        return abs(u) > end - 0.01 ? u * .infinity : sinh(u)
    }

    /// Inverts Φ((t (1 − 1/4ν) − δ) / √(1 + t²/2ν)) (Abramowitz & Stegun 26.7.10) where that has a root.
    private func firstGuess(_ target: TailTarget) -> Double {
        let z = NormalDistribution.standardQuantile(target)
        let shrink = 1 - 0.25 / degreesOfFreedom
        let square = shrink * shrink - 0.5 * z * z / degreesOfFreedom
        guard degreesOfFreedom > 1, square > 0.05 else { return noncentrality + z }
        let root = (shrink * shrink + 0.5 * (noncentrality * noncentrality - z * z) / degreesOfFreedom).squareRoot()
        let guess = (noncentrality * shrink + z * root) / square
        return guess.isFinite ? guess : noncentrality + z
    }

    private static let farthest = 1e100

    /// The tail beyond t as seen from the noncentrality is integrated. Of the other one's integrand it is a small part, cut
    /// off by an edge that its trapezoids would pass over; it is the complement.
    private func tails(_ t: Double) -> Tails {
        if t > noncentrality { return Tails(logUpper: logUpper(t)) }
        let mirror = NoncentralTDistribution(unchecked: degreesOfFreedom, noncentrality: -noncentrality)
        return Tails(logLower: mirror.logUpper(-t))
    }

    /// ln P(T > t), for t not below the noncentrality.
    private func logUpper(_ t: Double) -> Double {
        if t == .infinity { return -.infinity }
        // There the tail is a power of t, to the last digit.
        if t > Self.farthest { return logUpper(Self.farthest) - degreesOfFreedom * log(t / Self.farthest) }
        return logConstant
            + LogIntegral(
                peakIn: -300...50,
                slope: { u in
                    spreadSlope(u) - NormalTail.hazard(excess(t, u)) * t * exp(u)
                },
                exponent: { u in spread(u) + NormalTail.logarithm(of: excess(t, u)) }
            ).value
    }

    /// ln of the density, ∫ s φ(t s − δ) f(s) ds.
    private func logDensity(_ t: Double) -> Double {
        if abs(t) > Self.farthest {
            return logDensity(t < 0 ? -Self.farthest : Self.farthest)
                - (degreesOfFreedom + 1) * log(abs(t) / Self.farthest)
        }
        return logConstant - NormalTail.logRootTwoPi
            + LogIntegral(
                peakIn: -300...50,
                slope: { u in
                    1 + spreadSlope(u) - excess(t, u) * t * exp(u)
                },
                exponent: { u in
                    let x = excess(t, u)
                    return u + spread(u) - 0.5 * x * x
                }
            ).value
    }

    /// t eᵘ − δ. For u near 0 in a form that does not round t eᵘ first.
    private func excess(_ t: Double, _ u: Double) -> Double {
        abs(u) < 0.5 ? (t - noncentrality) + t * expm1(u) : t * exp(u) - noncentrality
    }

    /// ln of the density of u, but for its constant: −ν/2 (e²ᵘ − 1 − 2u).
    private func spread(_ u: Double) -> Double { -0.5 * degreesOfFreedom * (expm1(2 * u) - 2 * u) }

    private func spreadSlope(_ u: Double) -> Double { -degreesOfFreedom * expm1(2 * u) }

    /// ln[2 (ν/2)^(ν/2) e^(−ν/2) / Γ(ν/2)].
    private var logConstant: Double {
        let half = 0.5 * degreesOfFreedom
        return log(2) + 0.5 * log(half / (2 * Double.pi)) - stirlingRemainder(half)
    }
}
