extension ValueFormat {
    /// A mapping read by a closure, which can capture what the type alone does not know. Null is an empty mapping.
    ///
    /// The closure also makes the placeholder, from a mapping without keys.
    package static func mapping(_ read: @escaping (inout MappingReader) -> Value) -> ValueFormat {
        ValueFormat(expected: "a mapping", placeholder: NodeReader.muted.placeholder(read)) { reader in
            guard let pairs = reader.pairs else { return nil }
            var mapping = MappingReader(reader, pairs: pairs)
            let value = read(&mapping)
            mapping.finish()
            return value
        }
    }

    /// A mapping told apart by one of its keys: `type: modbus`.
    ///
    /// - Parameters:
    ///   - key: the key that tells.
    ///   - cases: the values of that key, each with what reads the other keys. At least one.
    /// - Returns: a format whose value is that of the case's closure.
    package static func union(by key: String, _ cases: [String: (inout MappingReader) -> Value]) -> ValueFormat {
        let names = cases.keys.sorted()
        guard let first = names.first, let placeholder = cases[first] else {
            preconditionFailure("a union without cases has no values to configure")
        }
        return ValueFormat(
            expected: "a mapping with '\(key)'", placeholder: NodeReader.muted.placeholder(placeholder)
        ) { reader in
            guard let pairs = reader.pairs else { return nil }
            var mapping = MappingReader(reader, pairs: pairs)
            guard let name = mapping.requiredIfSound(key, as: .name(among: names)), let read = cases[name] else {
                mapping.ignoreUnknownKeys()
                mapping.finish()
                return nil
            }
            let value = read(&mapping)
            mapping.finish()
            return value
        }
    }
}

extension ValueFormat where Value: ConfigurationDecodable {
    /// A mapping that a type reads.
    package static var mapping: ValueFormat { .mapping { Value(from: &$0) } }

    /// A mapping that a type reads.
    package static func mapping(_ type: Value.Type) -> ValueFormat { .mapping { Value(from: &$0) } }
}

extension NodeReader {
    fileprivate func placeholder<Value>(_ read: (inout MappingReader) -> Value) -> Value {
        var reader = MappingReader(self, pairs: [])
        return read(&reader)
    }
}
