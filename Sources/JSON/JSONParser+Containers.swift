extension JSONParser {
    /// Reads elements up to and with the closing bracket.
    mutating func parseArray() throws(JSONError) -> [JSONValue] {
        var elements: [JSONValue] = []
        skipWhiteSpace()
        if skip(UInt8(ascii: "]")) { return elements }
        while true {
            skipWhiteSpace()
            elements.append(try parseValue())
            skipWhiteSpace()
            if skip(UInt8(ascii: "]")) { return elements }
            guard skip(UInt8(ascii: ",")) else { throw unexpected("',' or ']'") }
        }
    }

    /// Reads members up to and with the closing brace.
    mutating func parseObject() throws(JSONError) -> JSONObject {
        var members: [(key: String, value: JSONValue)] = []
        var keys = KeyLedger()
        skipWhiteSpace()
        if skip(UInt8(ascii: "}")) { return JSONObject() }
        while true {
            skipWhiteSpace()
            guard peek == UInt8(ascii: "\"") else { throw unexpected("a key in double quotes") }
            let start = position
            let key = try parseString()
            guard keys.insert(key, after: members) else {
                let shown = key.unicodeScalars.count > 40 ? "\(key.unicodeScalars.prefix(40))…" : key
                throw fault(.duplicateKey, "the key '\(shown)' stands twice in this object", at: start)
            }
            skipWhiteSpace()
            guard skip(UInt8(ascii: ":")) else { throw unexpected("':'") }
            skipWhiteSpace()
            members.append((key: key, value: try parseValue()))
            skipWhiteSpace()
            if skip(UInt8(ascii: "}")) { return JSONObject(distinct: members) }
            guard skip(UInt8(ascii: ",")) else { throw unexpected("',' or '}'") }
        }
    }
}

/// Remembers the keys of one object. Small objects are compared member by member; a larger one gets a set (with the
/// process's random hash seed), so that an object made of nothing but keys takes linear time.
private struct KeyLedger {
    private static let small = 16
    private var set: Set<ExactKey> = []

    /// Returns whether `key` is new beside the keys of `members`, all of which were inserted before.
    mutating func insert(_ key: String, after members: [(key: String, value: JSONValue)]) -> Bool {
        if members.count < Self.small {
            return !members.contains { ExactKey($0.key) == ExactKey(key) }
        }
        if set.isEmpty { set = Set(members.map { ExactKey($0.key) }) }
        return set.insert(ExactKey(key)).inserted
    }
}
