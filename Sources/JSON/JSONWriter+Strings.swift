extension JSONWriter {
    /// Writes a string as UTF-8 with only the escapes RFC 8259 section 7 requires: quote, backslash, and the control
    /// characters below U+0020, these in the short form where there is one and else as `\u00xx` in lower case
    /// (which is also what RFC 8785 section 3.2.2.2 demands).
    package mutating func string(_ value: String) {
        prepareForValue()
        appendQuoted(value)
    }

    /// Writes the key of the member that follows, for keys known when the program is built.
    ///
    /// - Parameter name: A literal, copied without a look at its bytes: it may not hold anything that needs an escape.
    package mutating func key(_ name: StaticString) {
        prepareForKey()
        bytes.append(UInt8(ascii: "\""))
        name.withUTF8Buffer { literal in
            assert(!literal.contains(where: Self.needsEscape), "this key needs escapes; pass it as a String")
            bytes.append(contentsOf: literal)
        }
        bytes.append(UInt8(ascii: "\""))
        finishKey()
    }

    /// Writes the key of the member that follows, for keys known only at run time.
    ///
    /// The writer does not watch for a key given twice in one object.
    @_disfavoredOverload
    package mutating func key(_ name: String) {
        prepareForKey()
        appendQuoted(name)
        finishKey()
    }

    /// Writes the key of the member that follows, of a part of a text: without making a string of it.
    package mutating func key(part name: Substring) {
        prepareForKey()
        var name = name
        name.withUTF8 { appendQuoted($0) }
        finishKey()
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func appendQuoted(_ text: String) {
        // `withUTF8` makes the string contiguous where it is not; on Linux every native string is.
        var text = text
        text.withUTF8 { appendQuoted($0) }
    }

    private mutating func appendQuoted(_ source: UnsafeBufferPointer<UInt8>) {
        bytes.append(UInt8(ascii: "\""))
        var copied = 0
        for index in source.indices where Self.needsEscape(source[index]) {
            bytes.append(contentsOf: source[copied..<index])
            appendEscape(source[index])
            copied = index + 1
        }
        bytes.append(contentsOf: source[copied...])
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func appendEscape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"")
        case UInt8(ascii: "\\"): append("\\\\")
        case 0x08: append("\\b")
        case 0x09: append("\\t")
        case 0x0A: append("\\n")
        case 0x0C: append("\\f")
        case 0x0D: append("\\r")
        default:
            append("\\u00")
            appendHexadecimal(byte >> 4)
            appendHexadecimal(byte & 0xF)
        }
    }

    private mutating func appendHexadecimal(_ nibble: UInt8) {
        bytes.append(nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") - 10 + nibble)
    }
}
