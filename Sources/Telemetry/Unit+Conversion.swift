extension Unit {
    /// `value` expressed in another unit; nil when either unit is unknown or they measure different things.
    package static func convert(_ value: Double, from source: Unit, to target: Unit) -> Double? {
        UnitConversion(from: source, to: target)?(value)
    }
}

/// A conversion between two units, worked out once for many values.
///
/// Between ratio scales the value is multiplied and divided once, by integers wherever both units are defined by them,
/// so that 95 % is the double 0.95 and 6.3 mm the double 0.0063. Special units (UCUM 2.1, §21) go through their
/// functions.
package struct UnitConversion: Sendable {
    private enum Rule {
        case identity
        case ratio(Ratio)
        case special(from: UnitExpression, to: UnitExpression)
    }

    private let rule: Rule

    /// Nil when either unit is unknown or they measure different things.
    package init?(from source: Unit, to target: Unit) {
        guard let from = UnitExpression.parse(source.code),
            let to = source.code == target.code ? from : UnitExpression.parse(target.code),
            from.dimension == to.dimension
        else { return nil }
        if from == to {
            rule = .identity
        } else if from.scale == nil, to.scale == nil {
            rule = .ratio(from.ratio.divided(by: to.ratio))
        } else {
            rule = .special(from: from, to: to)
        }
    }

    /// Whether values stay as they are.
    package var isIdentity: Bool {
        if case .identity = rule { true } else { false }
    }

    /// The value in the target unit; NaN where a logarithmic scale has no value, as for 0 W in B[W] the infinity.
    package func callAsFunction(_ value: Double) -> Double {
        switch rule {
        case .identity: value
        case .ratio(let ratio): ratio.applied(to: value)
        case .special(let from, let to): to.value(ofBase: from.baseValue(of: value))
        }
    }
}

extension UnitExpression {
    /// The quantity that a value in this unit states, in base units.
    fileprivate func baseValue(of value: Double) -> Double {
        guard let scale else { return ratio.applied(to: value) }
        return ratio.applied(to: scale.function.inverse(scale.prefix.applied(to: value)))
    }

    /// The inverse of ``baseValue(of:)``.
    fileprivate func value(ofBase base: Double) -> Double {
        let proper = ratio.inverted.applied(to: base)
        guard let scale else { return proper }
        return scale.prefix.inverted.applied(to: scale.function.forward(proper))
    }
}
