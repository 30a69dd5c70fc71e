/// A node as the YAML 1.2 core schema reads it (YAML 1.2.2, section 10.3): what JSON would hold, with integers apart.
///
/// It has no positions and no styles, so two files that say the same thing give the same value; a digest over a
/// definition begins here.
package enum CoreValue: Sendable, Hashable {
    /// Nothing, `~`, `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A whole number that fits 64 bits.
    case integer(Int64)
    /// Any other number; a whole number beyond 64 bits becomes the nearest one.
    case double(Double)
    /// Text.
    case string(String)
    /// Values in order.
    case sequence([CoreValue])
    /// Members in the order of the file, no key twice.
    case mapping([Member])

    /// A key with its value.
    package struct Member: Sendable, Hashable {
        /// The text of the key.
        package let key: String
        /// The value.
        package let value: CoreValue

        /// A member from its key and value.
        package init(key: String, value: CoreValue) {
            self.key = key
            self.value = value
        }
    }
}

extension CoreValue {
    /// The same with the members of every mapping in the order of their keys: two that say the same are then equal, however they are written.
    package var unordered: CoreValue {
        switch self {
        case .mapping(let members):
            .mapping(
                members.map { Member(key: $0.key, value: $0.value.unordered) }.sorted {
                    $0.key.utf8.lexicographicallyPrecedes($1.key.utf8)
                })
        case .sequence(let elements): .sequence(elements.map(\.unordered))
        case .null, .bool, .integer, .double, .string: self
        }
    }
}

extension Node {
    /// The node as the core schema reads it.
    package var coreValue: CoreValue {
        switch content {
        case .scalar(let scalar): scalar.resolved
        case .sequence(let nodes): .sequence(nodes.map(\.coreValue))
        case .mapping(let pairs): .mapping(pairs.map { .init(key: $0.key, value: $0.value.coreValue) })
        }
    }
}

extension Scalar {
    /// The scalar as the core schema reads it: quoted text is text, and a plain scalar is what it looks like.
    package var resolved: CoreValue {
        switch tag {
        case .string: .string(text)
        case .float: Self.double(text).map(CoreValue.double) ?? .string(text)
        case .null, .bool, .int: plainValue
        case nil: style == .plain ? plainValue : .string(text)
        }
    }

    /// Whether the text is what the tag says it is.
    var fitsTag: Bool {
        switch (tag, resolved) {
        case (nil, _), (.string, .string), (.null, .null), (.bool, .bool), (.float, .double), (.int, .integer): true
        default: false
        }
    }

    private var plainValue: CoreValue {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default: break
        }
        if let integer = Self.wholeNumber(text, as: Int64.self) { return .integer(integer) }
        return Self.double(text).map(CoreValue.double) ?? .string(text)
    }

    /// `[-+]?[0-9]+`, `0o[0-7]+` or `0x[0-9a-fA-F]+`; nil for anything else and when it does not fit.
    static func wholeNumber<Number: FixedWidthInteger>(_ text: String, as type: Number.Type) -> Number? {
        guard let first = text.utf8.first, first.isDigit || first == 0x2B || first == 0x2D else { return nil }
        let radix = text.hasPrefix("0x") ? 16 : text.hasPrefix("0o") ? 8 : 10
        guard radix != 10 else { return Number(text, radix: 10) }
        let digits = text.dropFirst(2)
        guard digits.utf8.first != 0x2B, digits.utf8.first != 0x2D else { return nil }
        return Number(digits, radix: radix)
    }

    /// A number of the core schema, `.inf` and `.nan` included; nil for anything else.
    static func double(_ text: String) -> Double? {
        switch text {
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .infinity
        case "-.inf", "-.Inf", "-.INF": return -.infinity
        case ".nan", ".NaN", ".NAN": return .nan
        default: break
        }
        // An octal or hexadecimal number is one too, when it is too large for an integer.
        if text.hasPrefix("0x") || text.hasPrefix("0o") { return wholeNumber(text, as: UInt128.self).map(Double.init) }
        guard let end = Decimal.end(of: text.utf8), end == text.utf8.endIndex else { return nil }
        return Double(text)
    }
}

/// The grammar of a decimal number in the core schema.
enum Decimal {
    /// Where the number that `text` begins with ends; nil when it does not begin with one.
    ///
    /// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`; an `e` without digits behind it is not part of the
    /// number,
    /// so that a unit may follow at once (`12eV`).
    static func end(of text: Substring.UTF8View) -> String.Index? {
        var index = text.startIndex
        func skipDigits() -> Bool {
            let start = index
            while index < text.endIndex, text[index].isDigit { text.formIndex(after: &index) }
            return index > start
        }
        func skip(_ bytes: UInt8...) -> Bool {
            guard index < text.endIndex, bytes.contains(text[index]) else { return false }
            text.formIndex(after: &index)
            return true
        }
        _ = skip(0x2B, 0x2D)
        let hasWhole = skipDigits()
        if skip(0x2E), !skipDigits(), !hasWhole { return nil }
        guard hasWhole || index > text.startIndex, text[..<index].contains(where: \.isDigit) else { return nil }
        let mantissaEnd = index
        if skip(0x65, 0x45) {
            _ = skip(0x2B, 0x2D)
            if !skipDigits() { return mantissaEnd }
        }
        return index
    }

    static func end(of text: String.UTF8View) -> String.Index? { end(of: text[...]) }
}
