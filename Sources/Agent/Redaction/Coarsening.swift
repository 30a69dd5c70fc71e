import Telemetry

/// Rounds to multiples of a step, a half to the even one.
struct Coarsening: Hashable, Sendable {
    /// Above 0, in the unit of the series.
    let step: Double
    /// 1 / step where that is a whole number: 3 × 0.1 is not 0.3, and 3 / 10 is.
    private let inverse: Double?
    /// The step where it is a whole number, so that integers stay integers and are rounded exactly.
    private let whole: Int64?

    init(step: Double) {
        self.step = step
        let inverse = (1 / step).rounded()
        self.inverse = step < 1 && abs(1 / step - inverse) <= 1e-9 * inverse ? inverse : nil
        whole = Int64(exactly: step)
    }

    /// The step as that of a series with another unit; nil where they do not measure the same, or no step means the same everywhere on the
    /// series' scale. A series with the unit `1` is one whose unit nobody has told: its numbers are taken to be in the step's.
    init?(step: Double, unit: Unit, for series: Unit) {
        guard unit != series, series != .one else {
            self.init(step: step)
            return
        }
        // A step is a difference: what scales with an offset add to a value (0 Cel = 273.15 K) does not belong to it.
        guard let zero = Unit.convert(0, from: unit, to: series), let one = Unit.convert(step, from: unit, to: series),
            let two = Unit.convert(2 * step, from: unit, to: series)
        else { return nil }
        let converted = one - zero
        guard converted > 0, converted.isFinite, abs(two - one - converted) <= 1e-9 * max(abs(one), abs(two)) else {
            return nil
        }
        self.init(step: zero == 0 ? one : converted)
    }

    /// NaN and the infinities are what they were, and so is a number so great that its neighbours are further away than the step. Zero has no
    /// sign: it would tell from which side the value came.
    func callAsFunction(_ value: Double) -> Double {
        guard value.isFinite else { return value }
        if let inverse {
            let scaled = value * inverse
            return scaled.isFinite ? scaled.rounded(.toNearestOrEven) / inverse + 0 : value
        }
        let rounded = (value / step).rounded(.toNearestOrEven) * step
        return rounded.isFinite ? rounded + 0 : value
    }

    func callAsFunction(_ value: Int64) -> Value {
        guard let whole else { return .double(self(Double(value))) }
        let rest = value % whole
        let low = value - rest
        // Toward zero is `low`; away from it, one step further.
        let distance = rest.magnitude
        let far = whole.magnitude - distance
        let isLowEven = (low / whole) % 2 == 0
        guard distance > far || distance == far && !isLowEven else { return .integer(low) }
        let (next, overflow) = low.addingReportingOverflow(value < 0 ? -whole : whole)
        return .integer(overflow ? low : next)
    }
}
