#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The logarithm of ∫ exp g over the real line, for an analytic g with one maximum that falls without end on both sides.
///
/// The trapezoidal rule, which converges exponentially in the number of points for such integrands (Trefethen &
/// Weideman, SIAM Review 56 (2014)). Its first step follows from the width of the peak; it is halved until both halves
/// of the points agree to 1e-9, when the error of their mean is the square of that. All terms are positive, so nothing
/// cancels; only differences from the maximum are exponentiated, so nothing underflows.
struct LogIntegral {
    let exponent: (Double) -> Double
    private let peak: Double
    private let top: Double

    /// - Parameters:
    ///   - range: where the maximum is looked for.
    ///   - slope: the derivative of the exponent, above 0 below the maximum and below 0 above it.
    ///   - exponent: g.
    init(peakIn range: ClosedRange<Double>, slope: (Double) -> Double, exponent: @escaping (Double) -> Double) {
        var low = range.lowerBound
        var high = range.upperBound
        // The peak need not be met exactly, only to a fraction of its width.
        while high - low > 1e-6 {
            let middle = 0.5 * (low + high)
            if slope(middle) > 0 { low = middle } else { high = middle }
        }
        self.exponent = exponent
        peak = 0.5 * (low + high)
        top = exponent(peak)
    }

    var value: Double {
        guard top > -.infinity else { return top }
        var step = 0.5 * width
        var onGrid = 1 + flank(from: step, by: step) + flank(from: -step, by: -step)
        while true {
            let between = flank(from: 0.5 * step, by: step) + flank(from: -0.5 * step, by: -step)
            let total = onGrid + between
            step *= 0.5
            if abs(onGrid - between) <= 1e-9 * onGrid || step < 1e-8 * width { return top + log(total * step) }
            onGrid = total
        }
    }

    /// A distance at which the steeper side has fallen by one half to two.
    private var width: Double {
        var width = 1.0
        func fall() -> Double { top - min(exponent(peak + width), exponent(peak - width)) }
        while fall() > 2, width > 1e-12 { width *= 0.5 }
        while fall() < 0.5, width < 1e6 { width *= 2 }
        return width
    }

    private func flank(from start: Double, by step: Double) -> Double {
        var sum = 0.0
        var offset = start
        while true {
            let term = exp(exponent(peak + offset) - top)
            sum += term
            if term <= 0x1p-62 * (1 + sum) { return sum }
            offset += step
        }
    }
}
