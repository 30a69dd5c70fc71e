import Configuration
package import Telemetry

/// Which side of a threshold is good.
package enum Comparator: String, Hashable, Sendable {
    case atLeast = ">="
    case atMost = "<="

    /// Whether a value is on the good side; the threshold itself is.
    package func holds(_ value: Double, _ threshold: Double) -> Bool {
        switch self {
        case .atLeast: value >= threshold
        case .atMost: value <= threshold
        }
    }
}

/// A limit, converted to the unit of what it limits.
package struct Threshold: Hashable, Sendable {
    package let value: Double
    package let unit: Unit

    package init(value: Double, unit: Unit) {
        self.value = value
        self.unit = unit
    }
}

extension Threshold {
    /// Converts what was written.
    ///
    /// - Parameters:
    ///   - quantity: as written, with its place.
    ///   - unit: of what is limited.
    ///   - name: of what is limited, for the message.
    ///   - reader: gets a report when the units do not fit.
    /// - Returns: nil after a report.
    static func converting(
        _ quantity: Located<Quantity>, to unit: Unit, of name: String, reader: MappingReader
    ) -> Threshold? {
        let written = quantity.value
        let number = plain(written.value)
        guard let source = Unit(written.unit), source.isKnown else {
            reader.report(UnknownUnit(written.unit).message, at: quantity.place)
            return nil
        }
        if let value = Unit.convert(written.value, from: source, to: unit) {
            return Threshold(value: value, unit: unit)
        }
        let kind =
            unit == .one ? "is a plain number; give a limit without a unit" : "is in \(unit); give a limit in \(unit)"
        let message =
            source == .one
            ? "\(number) has no unit, and \(name) is in \(unit); write '\(number) \(unit)'"
            : "\(number) \(source) cannot be compared with \(name), which \(kind)"
        reader.report(message, at: quantity.place)
        return nil
    }

    /// As it was written: `12 s`, `12`.
    static func text(_ written: Quantity) -> String {
        written.unit == "1" ? plain(written.value) : "\(plain(written.value)) \(written.unit)"
    }

    /// `12` for 12.0.
    static func plain(_ value: Double) -> String {
        let text = "\(value)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
