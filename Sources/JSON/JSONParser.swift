/// Reads one JSON text strictly as RFC 8259 has it, from whoever sent it.
///
/// Beyond the grammar it refuses what two readers would understand differently: bytes that are not UTF-8, a byte order
/// mark, a key given twice in an object, half a surrogate pair, numbers beyond the range of a double.
///
/// Hostile input costs time and memory in proportion to its size, never a trap: depth is bounded before it is entered,
/// size before anything is read.
package struct JSONParser {
    /// What a text may be at most.
    package struct Limits: Sendable {
        /// The deepest nesting that any limits allow: the parser calls itself for each level.
        package static let deepest = 256

        /// The bytes of the whole text.
        package var bytes: Int
        /// Containers inside each other; 1 allows `[]` but not `[[]]`. More than ``deepest`` counts as ``deepest``.
        package var depth: Int

        /// Sets both limits.
        package init(bytes: Int = 8 << 20, depth: Int = 64) {
            self.bytes = bytes
            self.depth = depth
        }

        /// 8 MiB, 64 levels.
        package static let standard = Limits()
    }

    let input: [UInt8]
    var position = 0
    private let deepest: Int
    private var depth = 0

    /// Reads a text.
    ///
    /// A number without fraction and exponent that fits 64 bits becomes `integer`; any other becomes the nearest
    /// `double`, also `-0`, which keeps its sign.
    ///
    /// - Throws: ``JSONError`` with the place of the fault.
    package static func parse(_ bytes: [UInt8], limits: Limits = .standard) throws(JSONError) -> JSONValue {
        guard bytes.count <= limits.bytes else {
            throw JSONError(.tooLarge, "\(bytes.count) bytes are more than the \(limits.bytes) allowed")
        }
        var parser = JSONParser(input: bytes, deepest: min(limits.depth, Limits.deepest))
        try parser.checkEncoding()
        parser.skipWhiteSpace()
        let value = try parser.parseValue()
        parser.skipWhiteSpace()
        guard parser.position == bytes.count else {
            throw parser.fault(.trailingCharacters, "\(parser.found) follows the end of the document")
        }
        return value
    }

    /// Reads a text that is a string already.
    ///
    /// - Throws: ``JSONError`` with the place of the fault.
    package static func parse(_ text: String, limits: Limits = .standard) throws(JSONError) -> JSONValue {
        try parse(Array(text.utf8), limits: limits)
    }

    private init(input: [UInt8], deepest: Int) {
        self.input = input
        self.deepest = deepest
    }

    private func checkEncoding() throws(JSONError) {
        if input.starts(with: [0xEF, 0xBB, 0xBF]) {
            throw fault(.unexpectedCharacter, "the text begins with a byte order mark; save it without one")
        }
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: input.span)
        } catch {
            throw fault(.invalidUTF8, "the text is not valid UTF-8 here", at: error.byteOffsets.lowerBound)
        }
    }

    mutating func parseValue() throws(JSONError) -> JSONValue {
        guard let first = peek else { throw unexpected("a value") }
        switch first {
        case UInt8(ascii: "{"): return .object(try nested { parser throws(JSONError) in try parser.parseObject() })
        case UInt8(ascii: "["): return .array(try nested { parser throws(JSONError) in try parser.parseArray() })
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
        case UInt8(ascii: "t"): return try parseWord("true", .bool(true))
        case UInt8(ascii: "f"): return try parseWord("false", .bool(false))
        case UInt8(ascii: "n"): return try parseWord("null", .null)
        default: throw unexpected("a value")
        }
    }

    private mutating func nested<Contents>(
        _ contents: (inout JSONParser) throws(JSONError) -> Contents
    ) throws(JSONError) -> Contents {
        guard depth < deepest else { throw fault(.tooDeep, "nested deeper than the \(deepest) levels allowed") }
        depth += 1
        position += 1
        defer { depth -= 1 }
        return try contents(&self)
    }

    private mutating func parseWord(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        for offset in 0..<word.utf8CodeUnitCount {
            guard peek == word.utf8Start[offset] else { throw unexpected("'\(word)'") }
            position += 1
        }
        return value
    }
}

// MARK: - Looking at the input

extension JSONParser {
    /// The byte at the position; nil at the end.
    var peek: UInt8? { position < input.count ? input[position] : nil }

    /// Steps over `byte` if it is next.
    mutating func skip(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        position += 1
        return true
    }

    mutating func skipWhiteSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    /// The character at the position in words; the input is known to be UTF-8.
    var found: String {
        guard let byte = peek else { return "the end" }
        guard byte >= 0x20, byte != 0x7F else { return "the control character 0x\(String(byte, radix: 16))" }
        // Four bytes hold any one scalar.
        let text = String(decoding: input[position..<min(position + 4, input.count)], as: UTF8.self)
        return text.unicodeScalars.first.map { "'\($0)'" } ?? "nothing"
    }

    func fault(_ code: JSONError.Code, _ message: String, at offset: Int? = nil) -> JSONError {
        JSONError(code, message, at: JSONError.Place(offset: offset ?? position, in: input))
    }

    /// The error for a position at which only `wanted` may stand.
    func unexpected(_ wanted: String) -> JSONError {
        peek == nil
            ? fault(.unexpectedEnd, "the text ends where \(wanted) is needed")
            : fault(.unexpectedCharacter, "\(found) stands where \(wanted) is needed")
    }
}
