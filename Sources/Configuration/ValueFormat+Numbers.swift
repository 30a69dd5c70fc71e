extension ValueFormat where Value: FixedWidthInteger {
    /// A whole number that fits the type: `12`, `-3`, `0x1F`, `0o17`.
    package static var integer: ValueFormat { integer(in: Value.min...Value.max) }

    /// A whole number within limits.
    package static func integer(in limits: some Limits<Value>) -> ValueFormat {
        let expected = "a whole number"
        let demand = limits.demand { "\($0)" }
        return ValueFormat(expected: expected, placeholder: limits.lowest ?? limits.highest ?? 0) { reader in
            guard case .scalar(let scalar) = reader.node.content else { return nil }
            switch scalar.resolved {
            case .integer, .double: break
            case .string(let text): return reader.fail(reader.mismatch(expected) + numberAdvice(text, scalar))
            default: return nil
            }
            let digits = scalar.text.utf8.drop { $0 == 0x2B || $0 == 0x2D }
            let isDecimal = digits.allSatisfy(\.isDigit)
            if isDecimal, digits.count > 1, digits.first == 0x30 {
                return reader.fail(
                    "expected a whole number, found \(reader.node.summary); leading zeros are ambiguous, remove them"
                        + " (octal is written 0o17)")
            }
            if let value = Scalar.wholeNumber(scalar.text, as: Value.self), limits.contains(value) { return value }
            guard isDecimal || digits.starts(with: "0x".utf8) || digits.starts(with: "0o".utf8) else { return nil }
            return reader.fail("must be \(demand), found \(reader.node.summary)")
        }
    }
}

extension ValueFormat where Value == Double {
    /// A finite number.
    package static var double: ValueFormat {
        ValueFormat(expected: "a number", placeholder: 0) { reader in
            guard case .scalar(let scalar) = reader.node.content else { return nil }
            switch scalar.resolved {
            case .integer(let value): return Double(value)
            case .double(let value) where value.isFinite: return value
            case .double: return reader.fail("must be a finite number, found \(reader.node.summary)")
            case .string(let text): return reader.fail(reader.mismatch("a number") + numberAdvice(text, scalar))
            default: return nil
            }
        }
    }

    /// A finite number within limits.
    package static func double(in limits: some Limits<Double>) -> ValueFormat {
        double.within(limits) { shortest($0) }
    }

    /// A share of the whole, from 0 to 1: `5%` or `0.05`.
    package static var ratio: ValueFormat {
        let expected = "a ratio such as '5%' or 0.05"
        return ValueFormat(expected: expected, placeholder: 0) { reader in
            guard case .scalar(let scalar) = reader.node.content else { return nil }
            switch scalar.resolved {
            case .integer, .double:
                guard let value = Scalar.double(scalar.text) else { return nil }
                if (0...1).contains(value) { return value }
                let advice = value > 1 && value <= 100 ? "; did you mean '\(scalar.text)%'?" : ""
                return reader.fail("must be between 0 and 1, found \(reader.node.summary)" + advice)
            case .string(let text):
                guard text.hasSuffix("%"), let percent = Scalar.double(trimmed(text.dropLast())) else { return nil }
                if (0...100).contains(percent) { return percent / 100 }
                return reader.fail("must be between 0% and 100%, found \(reader.node.summary)")
            default: return nil
            }
        }
    }
}

/// What to change in a text so that it is a number, when that is plain.
private func numberAdvice(_ text: String, _ scalar: Scalar) -> String {
    if scalar.style != .plain, Scalar.double(text) != nil { return "; remove the quotes" }
    let bare = String(text.filter { $0 != "_" && $0 != "," && $0 != " " })
    return bare != text && Scalar.double(bare) != nil ? "; write \(bare.prefix(40))" : ""
}

/// `12` for 12.0, else the shortest text that reads back the same.
func shortest(_ value: Double) -> String {
    let text = "\(value)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

/// Without the one space that may stand between a number and its unit.
func trimmed(_ text: some StringProtocol) -> String {
    String(text.last == " " ? text.dropLast() : text[...])
}
