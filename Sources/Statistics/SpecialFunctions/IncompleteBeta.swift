#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The regularised incomplete beta function I_x(a, b) and its inverse.
///
/// After Didonato & Morris, "Algorithm 708: Significant digit computation of the incomplete beta function
/// ratios", ACM TOMS 18 (1992): the power term in the form of their `brcomp`, the continued fraction of their `bfrac`.
/// The fraction needs O(√max(a, b)) steps at the mean, so their asymptotic expansion for large shapes is not needed.
enum IncompleteBeta {
    /// A point of the unit interval given by both its distances, each to full relative accuracy.
    struct Point {
        let x: Double
        let y: Double

        init(x: Double, y: Double) {
            self.x = x
            self.y = y
        }

        /// From u = ln(x / y), displaced by a small nudge.
        init(logit u: Double, nudge: Double = 0) {
            let x = 1 / (1 + exp(-u))
            let y = 1 / (1 + exp(u))
            let grown = x * exp(nudge)
            self.init(x: grown / (y + grown), y: y / (y + grown))
        }
    }

    /// λ = (a + b) x − a, the distance from the mean, of which everything else is made; free of cancellation.
    static func excess(_ a: Double, _ b: Double, _ point: Point) -> Double {
        let sum = a + b
        let bigger = max(a, b)
        let lost = min(a, b) - (sum - bigger)
        return point.x <= 0.5
            ? (-a).addingProduct(sum, point.x) + lost * point.x
            : b.addingProduct(-sum, point.y) - lost * point.y
    }

    /// ln[xᵃ yᵇ / B(a, b)]: the density with respect to ln(x / y).
    static func logPower(_ a: Double, _ b: Double, _ point: Point, excess: Double) -> Double {
        let sum = a + b
        let deviance =
            a * logExcess(excess / a, ratio: point.x * (sum / a))
            + b * logExcess(-excess / b, ratio: point.y * (sum / b))
        let remainders = stirlingRemainder(sum) - stirlingRemainder(a) - stirlingRemainder(b)
        return 0.5 * log(a / (2 * Double.pi) * (b / sum)) + remainders - deviance
    }

    static func tails(_ a: Double, _ b: Double, _ point: Point) -> Tails {
        if point.x <= 0 { return .none }
        if point.y <= 0 { return .all }
        let excess = excess(a, b, point)
        return tails(a, b, point, excess: excess, logPower: logPower(a, b, point, excess: excess))
    }

    private static func tails(_ a: Double, _ b: Double, _ point: Point, excess: Double, logPower: Double) -> Tails {
        excess <= 0
            ? Tails(logLower: logPower - log(fraction(a, b, point.x, deficit: -excess)))
            : Tails(logUpper: logPower - log(fraction(b, a, point.y, deficit: excess)))
    }

    /// The denominator f in I_x(a, b) = xᵃ yᵇ / (B(a, b) f) for x at or below the mean (TOMS 708, `bfrac`),
    /// by the modified Lentz method (Thompson & Barnett 1986).
    private static func fraction(_ a: Double, _ b: Double, _ x: Double, deficit: Double) -> Double {
        let sum = a + b
        var value = a * (deficit + 1) / (a + 1)
        var c = value
        var d = 0.0
        var m = 1.0
        while m < 5e6 {
            let odd = a + 2 * m - 1
            let scaled = x / odd
            let numerator = (a + m - 1) * (sum + m - 1) * m * (b - m) * scaled * scaled
            let denominator = m + m * (b - m) * scaled + (a + m) * (deficit + 1 + m * (2 - x)) / (odd + 2)
            d = 1 / (denominator + numerator * d)
            c = denominator + numerator / c
            let factor = c * d
            value *= factor
            if abs(factor - 1) <= 0x1p-53 { break }
            m += 1
        }
        return value
    }

    /// The point at which the tails take the target values. A distance below the smallest normal number is given as 0.
    static func inverse(_ a: Double, _ b: Double, _ target: TailTarget) -> Point {
        if target.lower <= 0 { return Point(x: 0, y: 1) }
        if target.upper <= 0 { return Point(x: 1, y: 0) }
        // In u = ln(x / y) the density xᵃ yᵇ / B is log-concave for all shapes.
        let root = invertTail(target, from: firstGuess(a, b, target), in: -708...708) { u, nudge in
            let point = Point(logit: u, nudge: nudge)
            let excess = excess(a, b, point)
            let logPower = logPower(a, b, point, excess: excess)
            return TailSlope(
                tails: tails(a, b, point, excess: excess, logPower: logPower),
                logDensity: logPower, logDensitySlope: -excess)
        }
        if root.u <= -708 { return Point(x: 0, y: 1) }
        if root.u >= 708 { return Point(x: 1, y: 0) }
        return Point(logit: root.u, nudge: root.nudge)
    }

    /// For shapes above one, ln(x / y) is nearly normal; otherwise the leading power of the nearer tail decides.
    private static func firstGuess(_ a: Double, _ b: Double, _ target: TailTarget) -> Double {
        let center = log(a / b)
        if min(a, b) >= 1 {
            return center + NormalDistribution.standardQuantile(target) * (1 / a + 1 / b).squareRoot()
        }
        return target.isLower
            ? min(logPowerQuantile(a, b, logTail: target.logSmaller), center)
            : max(-logPowerQuantile(b, a, logTail: target.logSmaller), center)
    }

    /// ln x from the leading term I_x(a, b) ≈ xᵃ / (a B(a, b)); relative error O(x).
    static func logPowerQuantile(_ a: Double, _ b: Double, logTail: Double) -> Double {
        (logTail + log(a) + logBeta(a, b)) / a
    }
}
