/// Why a text is not the JSON that was asked for, or a value cannot become JSON.
package struct JSONError: Error, Equatable, Sendable {
    /// The kind of fault, for programs.
    package enum Code: String, Sendable {
        /// A character stands where the grammar allows none such.
        case unexpectedCharacter
        /// The text ends too early.
        case unexpectedEnd
        /// Something follows the one value that a text is.
        case trailingCharacters
        /// Bytes that are not UTF-8.
        case invalidUTF8
        /// A control character that stands in a string unescaped.
        case controlCharacter
        /// A backslash and something that is no escape.
        case invalidEscape
        /// Half of a surrogate pair, which is no character.
        case loneSurrogate
        /// A number not as RFC 8259 section 6 has it.
        case invalidNumber
        /// A number beyond what a double holds, or of too many digits.
        case numberOutOfRange
        /// A key given twice in one object.
        case duplicateKey
        /// Containers nested beyond the limit.
        case tooDeep
        /// A text longer than the limit.
        case tooLarge
        /// A value that JSON, or its canonical form, has no way to write.
        case notRepresentable
    }

    /// Where in a text.
    package struct Place: Equatable, Sendable {
        /// Bytes before it.
        package var offset: Int
        /// From 1; a line ends with a line feed.
        package var line: Int
        /// From 1, in Unicode scalars.
        package var column: Int
    }

    package let code: Code
    /// What is wrong and what would be right, for people.
    package let message: String
    /// Nil where there is no text.
    package let place: Place?

    init(_ code: Code, _ message: String, at place: Place? = nil) {
        self.code = code
        self.message = message
        self.place = place
    }
}

extension JSONError: CustomStringConvertible {
    package var description: String {
        guard let place else { return message }
        return "line \(place.line), column \(place.column): \(message)"
    }
}

extension JSONError.Place {
    /// The place of the byte at `offset` in `text`, which need not be valid UTF-8.
    init(offset: Int, in text: [UInt8]) {
        self.init(offset: offset, line: 1, column: 1)
        for byte in text.prefix(offset) {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                // Continuation bytes belong to the scalar already counted.
                column += 1
            }
        }
    }
}
