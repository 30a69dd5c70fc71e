/// How a node becomes a value: what is accepted, what is said when it is not, and what stands in for it then.
///
/// Formats are values, written with a leading dot where one is asked for: `reader.required("every", as: .nanoseconds)`.
package struct ValueFormat<Value> {
    /// What is accepted, as it goes behind "expected": `a duration such as '500ms'`.
    package let expected: String
    /// What stands in for a value that could not be read. It never leaves ``ConfigurationFile/decode(_:)``.
    let placeholder: () -> Value
    let read: (NodeReader) -> Value?

    /// A format of its own.
    ///
    /// - Parameters:
    ///   - expected: what is accepted, as it goes behind "expected".
    ///   - placeholder: any value; it stands in while the rest of the file is checked.
    ///   - read: the value of a node, or nil; nil without a report is reported as "expected …, found …".
    package init(
        expected: String, placeholder: @autoclosure @escaping () -> Value, read: @escaping (NodeReader) -> Value?
    ) {
        self.expected = expected
        self.placeholder = placeholder
        self.read = read
    }
}

/// Why a text is not the value it should be; thrown by the closure of ``ValueFormat/parsing(_:placeholder:_:)``.
package struct InvalidValue: Error {
    /// What is wrong and what to do.
    package let message: String

    /// A reason, which is printed behind the key.
    package init(_ message: String) {
        self.message = message
    }
}

extension ValueFormat {
    /// A format that turns what another reads into a value of its own, which cannot fail.
    package static func converting<Inner>(
        _ inner: ValueFormat<Inner>, _ transform: @escaping (Inner) -> Value
    ) -> ValueFormat {
        ValueFormat(expected: inner.expected, placeholder: transform(inner.placeholder())) { reader in
            reader.read(as: inner).map(transform)
        }
    }

    /// The same format with a condition; `demand` is the message when it does not hold: `must be above 0`.
    ///
    /// - Parameters:
    ///   - demand: the message; it says what the value must be.
    ///   - placeholder: what stands in for a value that could not be read, when the format's own would not do.
    ///   - condition: whether a value is accepted.
    /// - Returns: a format of the same values, but fewer.
    package func check(
        _ demand: String, placeholder: Value? = nil, _ condition: @escaping (Value) -> Bool
    ) -> ValueFormat {
        ValueFormat(expected: expected, placeholder: placeholder ?? self.placeholder()) { reader in
            guard let value = reader.read(as: self) else { return nil }
            return condition(value) ? value : reader.fail(demand + ", found \(reader.node.summary)")
        }
    }

    /// A format that parses what this one reads.
    ///
    /// - Parameters:
    ///   - expected: what is accepted, as it goes behind "expected": `a unit such as 'Cel'`.
    ///   - placeholder: any value; it stands in while the rest of the file is checked.
    ///   - parse: the parsed value, or a reason why there is none.
    /// - Returns: a format of parsed values.
    package func parsing<Parsed>(
        _ expected: String, placeholder: @autoclosure @escaping () -> Parsed,
        _ parse: @escaping (Value) throws(InvalidValue) -> Parsed
    ) -> ValueFormat<Parsed> {
        ValueFormat<Parsed>(expected: expected, placeholder: placeholder()) { reader in
            guard let value = reader.read(as: self) else { return nil }
            do throws(InvalidValue) {
                return try parse(value)
            } catch {
                return reader.fail(error.message)
            }
        }
    }

    /// What `inner` reads, parsed as by ``parsing(_:placeholder:_:)``; it can begin with a dot where a format is
    /// asked for.
    package static func parsing<Inner>(
        _ inner: ValueFormat<Inner>, _ expected: String, placeholder: @autoclosure @escaping () -> Value,
        _ parse: @escaping (Inner) throws(InvalidValue) -> Value
    ) -> ValueFormat {
        inner.parsing(expected, placeholder: placeholder(), parse)
    }

    /// What another format reads, together with its place.
    package static func located<Inner>(_ inner: ValueFormat<Inner>) -> ValueFormat where Value == Located<Inner> {
        ValueFormat(
            expected: inner.expected, placeholder: Located(value: inner.placeholder(), place: .nowhere)
        ) { reader in
            reader.read(as: inner).map { Located(value: $0, place: reader.place) }
        }
    }

    /// Two ways to write one value: a scalar for short, or a mapping in full.
    package static func scalar(_ short: ValueFormat, orMapping full: ValueFormat) -> ValueFormat {
        ValueFormat(expected: "\(short.expected), or \(full.expected)", placeholder: full.placeholder()) { reader in
            switch reader.node.content {
            case .scalar: reader.read(as: short)
            case .mapping: reader.read(as: full)
            case .sequence: nil
            }
        }
    }
}

extension ValueFormat where Value == CoreValue {
    /// Anything, as the core schema reads it.
    package static var core: ValueFormat {
        ValueFormat(expected: "a value", placeholder: .null) { $0.node.coreValue }
    }
}
