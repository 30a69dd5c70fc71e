/// A number with the unit it was written with.
package struct Quantity: Sendable, Hashable {
    /// The number, in the unit.
    package let value: Double
    /// The unit as written, in UCUM's case-sensitive symbols; `1` for a bare number. Whether it exists is for others
    /// to say.
    package let unit: String

    /// A quantity from its number and unit.
    package init(value: Double, unit: String) {
        self.value = value
        self.unit = unit
    }
}

extension ValueFormat where Value == Quantity {
    /// A number with a unit: `70 Cel`, `12 s`, `5%`; a bare number has the unit `1`, as in UCUM.
    package static var quantity: ValueFormat {
        let expected = "a number with a unit such as '70 Cel'"
        return ValueFormat(expected: expected, placeholder: Quantity(value: 0, unit: "1")) { reader in
            guard case .scalar(let scalar) = reader.node.content else { return nil }
            switch scalar.resolved {
            case .integer, .double:
                guard let value = Scalar.double(scalar.text), value.isFinite else {
                    return reader.fail("must be a finite number, found \(reader.node.summary)")
                }
                return Quantity(value: value, unit: "1")
            case .string(let text):
                guard let end = Decimal.end(of: text.utf8), let value = Double(text[..<end]) else { return nil }
                guard value.isFinite else {
                    return reader.fail("must be a finite number, found \(reader.node.summary)")
                }
                let unit = text[end...].first == " " ? text[end...].dropFirst() : text[end...]
                guard !unit.isEmpty, !unit.contains(where: \.isWhitespace) else { return nil }
                return Quantity(value: value, unit: String(unit))
            default: return nil
            }
        }
    }
}
