extension ValueFormat where Value == String {
    /// Text. A plain scalar that reads as a number, a boolean or null is not text: `"12"` is, `12` is not.
    package static var string: ValueFormat {
        text(expected: "text")
    }

    /// Text with at least one character.
    package static var nonEmptyString: ValueFormat {
        string.check("must not be empty") { !$0.isEmpty }
    }

    /// An id: `[a-z0-9][a-z0-9-]{0,62}`.
    package static var identifier: ValueFormat {
        text(expected: "an id such as 'arm-07'").check(
            "must be an id: lower-case letters, digits and '-', at most 63, the first not a '-'"
        ) { text in
            let bytes = text.utf8
            return (1...63).contains(bytes.count) && bytes.first != 0x2D
                && bytes.allSatisfy { $0.isDigit || ($0 >= 0x61 && $0 <= 0x7A) || $0 == 0x2D }
        }
    }

    /// A path of a file or folder: not empty, without NUL.
    package static var path: ValueFormat {
        text(expected: "a path").check("must be a path, not empty and without NUL") {
            !$0.isEmpty && !$0.utf8.contains(0)
        }
    }

    /// A path that begins with `/`.
    package static var absolutePath: ValueFormat {
        path.check("must be an absolute path, which begins with '/'") { $0.utf8.first == 0x2F }
    }

    /// The same text with a condition; the message is `must be` and `demand`: `a host with a port`.
    package func matching(_ demand: String, _ condition: @escaping (String) -> Bool) -> ValueFormat {
        check("must be " + demand, condition)
    }

    /// One of some names.
    package static func name(among names: [String]) -> ValueFormat {
        choice(names.map { ($0, $0) }, placeholder: "")
    }

    private static func text(expected: String) -> ValueFormat {
        ValueFormat(expected: expected, placeholder: "") { reader in
            if let text = reader.text { return text }
            guard case .scalar(let scalar) = reader.node.content, !reader.node.isNull else { return nil }
            return reader.fail(
                reader.mismatch(expected) + "; put quotes around it: \"\(scalar.text.prefix(40))\"")
        }
    }
}

extension ValueFormat where Value == Bool {
    /// `true` or `false`. The words `yes`, `no`, `on` and `off` are text in YAML 1.2.
    package static var bool: ValueFormat {
        ValueFormat(expected: "true or false", placeholder: false) { reader in
            guard case .scalar(let scalar) = reader.node.content else { return nil }
            if case .bool(let value) = scalar.resolved { return value }
            let advice: String
            switch scalar.text.lowercased() {
            case "yes", "on", "y", "true", "1": advice = "; write true, without quotes"
            case "no", "off", "n", "false", "0": advice = "; write false, without quotes"
            default: return nil
            }
            return reader.fail(reader.mismatch("true or false") + advice)
        }
    }
}

extension ValueFormat where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
    /// One of the raw values of an enumeration.
    package static var enumeration: ValueFormat {
        guard let first = Value.allCases.first else {
            preconditionFailure("an enumeration without cases has no values to configure")
        }
        return choice(Value.allCases.map { ($0.rawValue, $0) }, placeholder: first)
    }
}

extension ValueFormat {
    /// One of some names, each with its value.
    static func choice(_ choices: [(name: String, value: Value)], placeholder: @autoclosure @escaping () -> Value)
        -> ValueFormat
    {
        let names = choices.map(\.name)
        let expected = names.count == 1 ? "'\(names[0])'" : "one of \(names.joined(separator: ", "))"
        return ValueFormat(expected: expected, placeholder: placeholder()) { reader in
            guard case .scalar(let scalar) = reader.node.content, !reader.node.isNull else { return nil }
            // `off`, `1` or `true` may be names; what they resolve to does not matter when only names are valid.
            if let choice = choices.first(where: { $0.name == scalar.text }) { return choice.value }
            guard let nearest = Suggestion.nearest(to: scalar.text, among: names) else { return nil }
            return reader.fail(reader.mismatch(expected) + "; did you mean '\(nearest)'?")
        }
    }
}
