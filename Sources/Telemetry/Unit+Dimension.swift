/// What kind of quantity a unit measures: the exponents of UCUM's base units.
///
/// UCUM has seven: m, s, g, rad, K, C and cd (UCUM 2.1, §28). The mole is a number there, not a base unit, and so is
/// the bit. An arbitrary unit such as `[iU]` is commensurable with nothing but itself (§24) and stands here as a base
/// of its own.
package struct Dimension: Hashable, Sendable, CustomStringConvertible {
    /// Exponents by base unit; none is 0.
    package let exponents: [String: Int]

    init(exponents: [String: Int]) {
        self.exponents = exponents.filter { $0.value != 0 }
    }

    /// The dimension of a pure number.
    package static let one = Dimension(exponents: [:])

    func multiplied(by other: Dimension) -> Dimension {
        Dimension(exponents: exponents.merging(other.exponents, uniquingKeysWith: +))
    }

    func raised(to power: Int) -> Dimension {
        Dimension(exponents: exponents.mapValues { $0 * power })
    }

    /// A UCUM code in base units, `g.m.s-2`; `1` for a pure number.
    package var description: String {
        if exponents.isEmpty { return "1" }
        return exponents.sorted { $0.key < $1.key }
            .map { base, exponent in exponent == 1 ? base : "\(base)\(exponent)" }
            .joined(separator: ".")
    }
}

extension Unit {
    /// Whether the code is a UCUM code over the atoms known here.
    package var isKnown: Bool { UnitExpression.parse(code) != nil }

    /// What the unit measures; nil when its code is unknown.
    package var dimension: Dimension? { UnitExpression.parse(code)?.dimension }

    /// Whether values in one unit can be expressed in the other; false when either is unknown.
    package func isCommensurable(with other: Unit) -> Bool {
        guard let own = dimension, let others = other.dimension else { return false }
        return own == others
    }
}
