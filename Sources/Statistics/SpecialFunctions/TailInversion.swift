#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// What an inversion needs to know at one point, in a coordinate u in which the density is log-concave.
struct TailSlope {
    let tails: Tails
    /// ln of the density with respect to u.
    let logDensity: Double
    /// d(ln density)/du.
    let logDensitySlope: Double
}

/// Finds the u at which a tail takes a given value.
///
/// If a density is log-concave, so are both of its tails (Bagnoli & Bergstrom 2005), and Newton's method on
/// ln(tail) converges from everywhere. Halley's correction makes it cubic; a bracket guards against rounding.
///
/// - Parameters:
///   - target: the probability to meet.
///   - start: first guess of u.
///   - range: the coordinate's ends; a root beyond one yields that end.
///   - evaluate: tails and density at u. `nudge` is a small displacement to add to u, kept apart because the last
///     corrections are far below the resolution of u itself.
/// - Returns: u and the last small displacement.
func invertTail(
    _ target: TailTarget, from start: Double, in range: ClosedRange<Double>,
    evaluate: (_ u: Double, _ nudge: Double) -> TailSlope
) -> (u: Double, nudge: Double) {
    let goal = target.logSmaller
    var low = range.lowerBound
    var high = range.upperBound
    var u = min(max(start, low), high)
    var nudge = 0.0
    var previous = Double.infinity
    for _ in 0..<200 {
        let here = evaluate(u, nudge)
        let logTail = target.isLower ? here.tails.logLower : here.tails.logUpper
        let gap = logTail - goal
        if gap == 0 { break }
        let rootIsHigher = target.isLower == (gap < 0)
        if rootIsHigher { low = max(low, u) } else { high = min(high, u) }
        let slope = (target.isLower ? 1 : -1) * exp(here.logDensity - logTail)
        var step = -gap / slope
        let curvature = 1 + 0.5 * step * (here.logDensitySlope - slope)
        step /= min(max(curvature, 0.5), 2)
        if !step.isFinite || u + step < low || u + step > high {
            let middle = 0.5 * (low + high)
            if middle == u || abs(high - low) <= abs(u) * 0x1p-50 {
                // The bracket is as narrow as u can be; what is left is rounding noise or the end of the range.
                if step.isFinite && abs(step) < 1e-9 { nudge += step }
                break
            }
            step = middle - u
        }
        if abs(step) < 1e-3 {
            nudge += step
            low = range.lowerBound
            high = range.upperBound
            if abs(step) < 1e-15 || abs(step) >= 0.5 * previous { break }
        } else {
            u += nudge + step
            nudge = 0
        }
        previous = abs(step)
    }
    return (u, nudge)
}
