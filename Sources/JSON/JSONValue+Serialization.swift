extension JSONValue {
    /// The value without white space, members in their order.
    package func compact() -> [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.bytes
    }

    /// The value as a file for people: two spaces for each level, members in their order, a line feed at the end.
    package func pretty() -> [UInt8] {
        var writer = JSONWriter(layout: .indented)
        writer.value(self)
        writer.endLine()
        return writer.bytes
    }

    /// The one form of this value that everybody arrives at, to be signed or hashed: RFC 8785 (JCS). Keys sorted by
    /// UTF-16 code units, numbers as ECMAScript writes doubles, only the required escapes, no white space.
    ///
    /// RFC 8785 knows numbers as doubles only. An integer that would become another number by that is refused rather
    /// than rounded: a signature must not cover another number than the one that was meant. What is left are integers
    /// that a double holds exactly, and those that already have a double's canonical digits, as a text has that was
    /// canonical before it was parsed.
    ///
    /// - Throws: ``JSONError`` with the code `notRepresentable` for such an integer, NaN and infinity.
    package func canonical() throws(JSONError) -> [UInt8] {
        var writer = JSONWriter()
        try appendCanonical(to: &writer)
        return writer.bytes
    }

    private func appendCanonical(to writer: inout JSONWriter) throws(JSONError) {
        switch self {
        case .integer(let value):
            guard Double(exactly: value) != nil || Self.hasCanonicalDigits(value) else {
                throw JSONError(
                    .notRepresentable, "the integer \(value) cannot be held exactly by a double; give it as a string")
            }
            writer.number(Double(value))
        case .double(let value):
            guard value.isFinite else {
                throw JSONError(.notRepresentable, "JSON has no form for NaN and infinity; leave the value out")
            }
            writer.number(value)
        case .array(let elements):
            writer.beginArray()
            for element in elements { try element.appendCanonical(to: &writer) }
            writer.endArray()
        case .object(let object):
            writer.beginObject()
            for (key, value) in object.sorted(by: { $0.key.utf16.lexicographicallyPrecedes($1.key.utf16) }) {
                writer.key(key)
                try value.appendCanonical(to: &writer)
            }
            writer.endObject()
        case .null, .bool, .string: writer.value(self)
        }
    }

    /// Whether the nearest double is written with just the digits of this integer, though it may not equal it: from 2⁵³
    /// on, the shortest digits of a double stand for its neighbourhood and end in zeros that are not its own.
    private static func hasCanonicalDigits(_ value: Int64) -> Bool {
        var writer = JSONWriter()
        writer.number(Double(value))
        return writer.bytes.elementsEqual(String(value).utf8)
    }
}
