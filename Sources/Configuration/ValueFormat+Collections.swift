/// A free key of a mapping with its value.
package struct Entry<Value> {
    /// The key.
    package let key: String
    /// Where the key stands.
    package let place: Place
    /// The value.
    package let value: Value
}

extension Entry: Sendable where Value: Sendable {}

extension ValueFormat {
    /// A sequence. Null is an empty one; elements that could not be read are left out.
    package static func sequence<Element>(of element: ValueFormat<Element>) -> ValueFormat where Value == [Element] {
        ValueFormat(expected: "a sequence", placeholder: []) { reader in
            reader.elements?.enumerated().compactMap { reader.element($0, $1).read(as: element) }
        }
    }

    /// A sequence with a bounded number of elements.
    package static func sequence<Element>(
        of element: ValueFormat<Element>, count limits: some Limits<Int>
    ) -> ValueFormat where Value == [Element] {
        let demand = limits.demand { $0 == 1 ? "1 element" : "\($0) elements" }
        return ValueFormat(expected: "a sequence", placeholder: []) { reader in
            guard let elements = reader.elements else { return nil }
            // Counted as written, so that one bad element is one error.
            if !limits.contains(elements.count) { reader.report("must have \(demand), found \(elements.count)") }
            return reader.read(as: .sequence(of: element))
        }
    }

    /// A mapping with free keys, in the order of the file. Null is an empty one; entries that could not be read are
    /// left
    /// out.
    package static func entries<Element>(
        keys: ValueFormat<String>? = nil, of element: ValueFormat<Element>
    ) -> ValueFormat where Value == [Entry<Element>] {
        ValueFormat(expected: "a mapping", placeholder: []) { reader in
            reader.pairs?.compactMap { pair in
                let place = reader.place.member(pair.key, at: pair.keyPosition)
                // A key is text whatever it looks like: `1: x` is a fine name.
                let text = Scalar(text: pair.key, style: .doubleQuoted, tag: .string)
                let key = NodeReader(
                    node: Node(.scalar(text), at: pair.keyPosition), place: place, diagnostics: reader.diagnostics)
                let isValid = keys.map { key.read(as: $0) != nil } ?? true
                let value = reader.member(pair).read(as: element)
                guard isValid, let value else { return nil }
                return Entry(key: pair.key, place: place, value: value)
            }
        }
    }

    /// A mapping with free keys.
    package static func dictionary<Element>(
        keys: ValueFormat<String>? = nil, of element: ValueFormat<Element>
    ) -> ValueFormat where Value == [String: Element] {
        .converting(.entries(keys: keys, of: element)) { entries in
            Dictionary(entries.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
        }
    }
}
