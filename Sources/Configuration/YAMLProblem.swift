/// Says libyaml's syntax errors in words that tell what to do.
enum YAMLProblem {
    /// - Parameters:
    ///   - problem: libyaml's message.
    ///   - byte: the byte the error points at.
    ///   - construct: where the construct began in which the error was found.
    /// - Returns: what is wrong and what to do.
    static func advice(_ problem: String, byte: UInt8?, construct: SourcePosition?) -> String {
        let begun = construct.map { " begun at \($0)" } ?? ""
        switch problem {
        case "found character that cannot start any token", "found a tab character that violates indentation",
            "found a tab character where an indentation space is expected":
            guard let byte, byte != 0x09 else { return "a tab cannot indent; use spaces" }
            return "\(quoted(String(UnicodeScalar(byte)))) cannot begin a plain value; put the value in quotes"
        case "mapping values are not allowed in this context":
            return "a ':' is not expected here; check the indentation, or put the text in quotes"
        case "could not find expected ':'":
            return "expected a ':' after the key\(begun)"
        case "did not find expected key":
            return "expected a key of the mapping\(begun); check the indentation and the quotes"
        case "did not find expected '-' indicator":
            return "expected another '-' of the sequence\(begun); check the indentation"
        case "did not find expected ',' or '}'": return "expected ',' or '}' in the mapping\(begun)"
        case "did not find expected ',' or ']'": return "expected ',' or ']' in the sequence\(begun)"
        case "found unexpected end of stream": return "the quoted text\(begun) is never closed; add the closing quote"
        case "found unexpected document indicator":
            return "the quoted text\(begun) is not closed before this line; add the closing quote"
        case "found unknown escape character":
            return "no such escape in double quotes; write '\\\\' for a backslash, or use single quotes"
        case "did not find expected <document start>":
            return "nothing may follow the document; check the indentation of this line"
        case "block sequence entries are not allowed in this context":
            return "a '-' is not expected here; put the sequence on lines of its own"
        case "found undefined tag handle": return "unknown tag; remove it"
        case "did not find expected alphabetic or numeric character":
            return "'&' and '*' begin an anchor or an alias; put the text in quotes"
        case "did not find expected node content":
            return "expected a value here; check the brackets and commas\(construct.map { " since \($0)" } ?? "")"
        case "block mapping": return "a mapping cannot begin here; put it on lines of its own"
        default: return "not valid YAML\(begun): \(problem); check the indentation and the quotes"
        }
    }

    /// An error of libyaml's reader, which knows only the offset of a byte.
    static func unreadableCharacter(_ problem: String, offset: Int, in input: UnsafeBufferPointer<UInt8>) -> YAMLFault {
        let position = position(of: offset, in: input)
        let byte = offset < input.count ? input[offset] : 0
        let code = (byte < 0x10 ? "0x0" : "0x") + String(byte, radix: 16, uppercase: true)
        let message =
            problem == "control characters are not allowed"
            ? "a control character (\(code)) is not allowed; remove it, or write it as an escape in double quotes"
            : "not UTF-8 (byte \(code)); save the file as UTF-8"
        return YAMLFault(message: message, position: position)
    }

    /// The position of a byte, by libyaml's line breaks: those of YAML 1.1, which are `\n`, `\r`, `\r\n`, U+0085,
    /// U+2028
    /// and U+2029.
    static func position(of offset: Int, in input: UnsafeBufferPointer<UInt8>) -> SourcePosition {
        var line = 1
        var column = 1
        for (index, byte) in input.prefix(offset).enumerated() {
            let before = index > 0 ? input[index - 1] : 0
            switch byte {
            case 0x0A where before == 0x0D: break
            case 0x0A, 0x0D: (line, column) = (line + 1, 1)
            case 0x85 where before == 0xC2: (line, column) = (line + 1, 1)
            case 0xA8 where before == 0x80 && index > 1 && input[index - 2] == 0xE2,
                0xA9 where before == 0x80 && index > 1 && input[index - 2] == 0xE2:
                (line, column) = (line + 1, 1)
            default: if byte & 0xC0 != 0x80 { column += 1 }
            }
        }
        return SourcePosition(line: line, column: column)
    }
}
