#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The regularised incomplete gamma functions P(a, x) and Q(a, x) and their inverse.
///
/// The power series below the mean, Legendre's continued fraction above (DLMF 8.11.4 and 8.9.2; Didonato & Morris,
/// ACM TOMS 12 (1986)), with the power term in the deviance form, so that shapes of a million lose no digits.
enum IncompleteGamma {
    /// ln[xᵃ e⁻ˣ / Γ(a)]: the density with respect to ln x.
    static func logPower(_ a: Double, _ x: Double) -> Double {
        0.5 * log(a / (2 * Double.pi)) - stirlingRemainder(a) - a * logExcess((x - a) / a, ratio: x / a)
    }

    static func tails(_ a: Double, _ x: Double) -> Tails {
        if x <= 0 { return .none }
        if x == .infinity { return .all }
        return tails(a, x, logPower: logPower(a, x))
    }

    private static func tails(_ a: Double, _ x: Double, logPower: Double) -> Tails {
        x < max(a, 1)
            ? Tails(logLower: logPower + log(series(a, x)))
            : Tails(logUpper: logPower - log(fraction(a, x)))
    }

    /// Σ xⁿ / (a (a + 1) … (a + n)).
    private static func series(_ a: Double, _ x: Double) -> Double {
        var term = 1 / a
        var sum = term
        var divisor = a
        while term > sum * 0x1p-54 {
            divisor += 1
            term *= x / divisor
            sum += term
        }
        return sum
    }

    /// The denominator f in Q(a, x) = xᵃ e⁻ˣ / (Γ(a) f), by the modified Lentz method.
    private static func fraction(_ a: Double, _ x: Double) -> Double {
        var denominator = x - a + 1
        var value = denominator
        var c = value
        var d = 0.0
        var n = 1.0
        while n < 5e6 {
            let numerator = n * (a - n)
            denominator += 2
            d = 1 / (denominator + numerator * d)
            c = denominator + numerator / c
            let factor = c * d
            value *= factor
            if abs(factor - 1) <= 0x1p-53 { break }
            n += 1
        }
        return value
    }

    /// The x at which the tails take the target values; 0 where it lies below the smallest normal number.
    static func inverse(_ a: Double, _ target: TailTarget) -> Double {
        if target.lower <= 0 { return 0 }
        if target.upper <= 0 { return .infinity }
        // In u = ln x the density xᵃ e⁻ˣ / Γ(a) is log-concave for all shapes.
        let root = invertTail(target, from: firstGuess(a, target), in: -708...709) { u, nudge in
            let x = exp(u) * exp(nudge)
            let logPower = logPower(a, x)
            return TailSlope(
                tails: tails(a, x, logPower: logPower), logDensity: logPower, logDensitySlope: a - x)
        }
        return root.u <= -708 ? 0 : exp(root.u) * exp(root.nudge)
    }

    /// Wilson & Hilferty (1931) where it holds; the leading power xᵃ / Γ(a + 1) far below, and −ln q far above.
    private static func firstGuess(_ a: Double, _ target: TailTarget) -> Double {
        let ninth = 1 / (9 * a)
        let root = 1 - ninth + NormalDistribution.standardQuantile(target) * ninth.squareRoot()
        let cube = a * root * root * root
        if target.isLower {
            let logGamma = (a - 0.5) * log(a) - a + 0.5 * log(2 * Double.pi) + stirlingRemainder(a)
            let power = (target.logSmaller + log(a) + logGamma) / a
            return root > 0.3 && a > 1 ? log(cube) : power
        }
        return log(max(a < 1 ? -target.logSmaller : cube, 1e-3))
    }
}
