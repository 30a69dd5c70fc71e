/// How coarse values are beside how much they vary, and by how much all of them may be wrong together.
///
/// A sensor shows a number on a grid; what it measured lies within half a step q of it. Where values vary by a step and
/// more, their rounding errors are as good as independent and uniform, and already in the observed spread, which they
/// raise by q² / 12 (GUM, JCGM 100:2008, F.2.2.1): for normal values of a standard deviation σ the mean of all errors
/// is at most (q / π) exp(−2 π² σ² / q²), 1e-9 q at σ = q (Widrow & Kollár, "Quantization Noise", 2008). Where they vary by less, all
/// may be off to the same side: averaging does not help, and an interval for the mean that leaves this out covers ever less
/// often the more values there are (Lee & Vardeman, Journal of Quality Technology 33 (2001)). Then bounds must hold
/// for whatever the values were within half a step. The least spread of all is none: equal values say only that the
/// truth lies within a step, and not how large that is.
package enum Rounding: Hashable, Sendable {
    /// They vary by a step or more, or nothing shows a step.
    case fine
    /// They vary by less than a step.
    case coarse(step: Double)
    /// All are equal, and nobody says how small a difference would have been seen.
    case unknown

    /// Differences below this share of the largest magnitude are none: conversions of units and means leave as much.
    static let noise = 0x1p-40

    /// What two values or more show; fewer show nothing, and are called fine.
    ///
    /// - Parameters:
    ///   - values: in any order; those that are not finite are left out.
    ///   - step: q as it is known, 0 for values that are exact, such as counts. Nil where it is not known: equal values among
    ///     different ones then show a grid, whose step is at most the smallest difference between two of them.
    package init(of values: some Sequence<Double>, step: Double? = nil) {
        let sorted = values.filter(\.isFinite).sorted()
        guard let first = sorted.first, let last = sorted.last, sorted.count > 1 else {
            self = .fine
            return
        }
        let least = Self.noise * max(abs(first), abs(last))
        guard last - first > least else {
            if let step, step > 0 { self = .coarse(step: step) } else { self = .unknown }
            return
        }
        let differences = zip(sorted.dropFirst(), sorted).map { $0 - $1 }
        let isTied = differences.contains { $0 <= least }
        let seen = isTied ? differences.filter { $0 > least }.min() ?? 0 : 0
        let step = step ?? seen
        guard step > 0, let deviation = Moments(sorted).standardDeviation, deviation < step else {
            self = .fine
            return
        }
        self = .coarse(step: step)
    }

    /// By how much all values may be wrong together; nil where nobody can say.
    package var halfStep: Double? {
        switch self {
        case .fine: 0
        case .coarse(let step): 0.5 * step
        case .unknown: nil
        }
    }
}

extension Rounding {
    /// By how much the standard deviation of n values may be wrong where each is off by half a step at most: a norm of the centred
    /// values over √(n − 1).
    static func spreadError(_ halfStep: Double, count: Int) -> Double {
        count < 2 ? 0 : halfStep * (Double(count) / Double(count - 1)).squareRoot()
    }
}
