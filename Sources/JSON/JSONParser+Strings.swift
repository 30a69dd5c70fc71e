extension JSONParser {
    /// Reads a string from its opening quote up to and with its closing one.
    mutating func parseString() throws(JSONError) -> String {
        position += 1
        let start = position
        try skipPlain()
        if peek == UInt8(ascii: "\"") {
            defer { position += 1 }
            return String(decoding: input[start..<position], as: UTF8.self)
        }
        var text = Array(input[start..<position])
        while !skip(UInt8(ascii: "\"")) {
            let scalar = try parseEscape()
            text.append(contentsOf: scalar.utf8)
            let plain = position
            try skipPlain()
            text.append(contentsOf: input[plain..<position])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Steps to the next quote or backslash.
    private mutating func skipPlain() throws(JSONError) {
        while let byte = peek {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return }
            guard byte >= 0x20 else {
                throw fault(.controlCharacter, "\(found) must be escaped in a string")
            }
            position += 1
        }
        throw unexpected("the closing '\"' of a string")
    }

    private mutating func parseEscape() throws(JSONError) -> Unicode.Scalar {
        let start = position
        position += 1
        defer { position += 1 }
        switch peek {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try parseUnicodeEscape(from: start)
        case nil: throw unexpected("the rest of an escape")
        default: throw fault(.invalidEscape, "\(found) makes no escape after a backslash", at: start)
        }
    }

    /// Reads the digits after `\u`, and after the first half of a surrogate pair the second; stops on the last digit.
    private mutating func parseUnicodeEscape(from start: Int) throws(JSONError) -> Unicode.Scalar {
        let first = try parseFourDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00 else { throw loneSurrogate(at: start) }
        for wanted in #"\u"#.utf8 {
            position += 1
            guard let next = peek else { throw unexpected("the second half of a surrogate pair") }
            guard next == wanted else { throw loneSurrogate(at: start) }
        }
        let second = try parseFourDigits()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        else { throw loneSurrogate(at: start) }
        return scalar
    }

    /// Reads four hexadecimal digits after the position, and stops on the last.
    private mutating func parseFourDigits() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            position += 1
            switch peek {
            case .some(let byte) where (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte):
                value = value << 4 | UInt32(byte - UInt8(ascii: "0"))
            // Setting bit 5 makes an ASCII letter a small one.
            case .some(let byte) where (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20):
                value = value << 4 | UInt32((byte | 0x20) - UInt8(ascii: "a") + 10)
            case nil: throw unexpected("a hexadecimal digit")
            default: throw fault(.invalidEscape, "\\u needs four hexadecimal digits, but \(found) is none")
            }
        }
        return value
    }

    private func loneSurrogate(at start: Int) -> JSONError {
        fault(.loneSurrogate, "half a surrogate pair is no character; give both halves", at: start)
    }
}
