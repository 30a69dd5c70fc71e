#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The remainder of Stirling's formula, Δ(z) = ln Γ(z) − [(z − ½) ln z − z + ½ ln 2π], for z > 0.
///
/// From ten on: the asymptotic series (DLMF 5.11.1). Below: the recurrence
/// Δ(z) = Δ(z + 1) + (z + ½) ln(1 + 1/z) − 1, whose terms are small, so that the absolute error stays near
/// 1e-15. Writing densities with Δ instead of ln Γ is what keeps them accurate for shapes of a million:
/// the large parts of the gamma functions cancel on paper and not in floating point (Loader 2000).
func stirlingRemainder(_ z: Double) -> Double {
    var shifted = z
    var sum = 0.0
    while shifted < 10 {
        sum += (shifted + 0.5) * log1p(1 / shifted) - 1
        shifted += 1
    }
    let w = 1 / (shifted * shifted)
    var series = -3617.0 / 122400
    series = series * w + 1.0 / 156
    series = series * w - 691.0 / 360360
    series = series * w + 1.0 / 1188
    series = series * w - 1.0 / 1680
    series = series * w + 1.0 / 1260
    series = series * w - 1.0 / 360
    series = series * w + 1.0 / 12
    return sum + series / shifted
}

/// φ(t) = t − ln(1 + t) ≥ 0, without cancellation near zero (the function `rlog1` of TOMS 708).
///
/// With r = t / (2 + t): ln(1 + t) = 2 artanh r and t = r t + 2 r, hence φ = r t − 2 r³ (1/3 + r²/5 + r⁴/7 + …).
///
/// - Parameters:
///   - t: the relative excess, ≥ −1.
///   - ratio: 1 + t, as accurate as the caller has it; it matters when t is close to −1.
/// - Returns: φ(t).
func logExcess(_ t: Double, ratio: Double) -> Double {
    if t <= -0.4 { return t - log(ratio) }
    if t >= 0.6 { return t - log1p(t) }
    let r = t / (2 + t)
    let square = r * r
    var power = 1.0
    var sum = 0.0
    var odd = 3.0
    while true {
        let term = power / odd
        sum += term
        if term < 0x1p-55 { break }
        power *= square
        odd += 2
    }
    return r * t - 2 * r * square * sum
}

/// ln B(a, b), a, b > 0, with an absolute error of a few 1e-16 times its own magnitude plus 1e-15.
func logBeta(_ a: Double, _ b: Double) -> Double {
    let sum = a + b
    let remainders = stirlingRemainder(a) + stirlingRemainder(b) - stirlingRemainder(sum)
    return remainders - a * log1p(b / a) - b * log1p(a / b) - 0.5 * log(a / (2 * Double.pi) * (b / sum))
}
