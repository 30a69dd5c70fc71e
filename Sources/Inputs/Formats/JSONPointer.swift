import JSON

/// A way to a value inside a JSON document (RFC 6901): `/sensors/0/temp`; the empty one is the document itself.
struct JSONPointer: Hashable, Sendable {
    let tokens: [String]

    /// Nil when the text is neither empty nor begins with `/`, or a `~` stands before something else than 0 and 1.
    init?(_ text: String) {
        guard !text.isEmpty else {
            tokens = []
            return
        }
        guard text.utf8.first == UInt8(ascii: "/") else { return nil }
        var tokens: [String] = []
        for part in text.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            var token = ""
            var rest = part[...]
            while let tilde = rest.firstIndex(of: "~") {
                token += rest[..<tilde]
                switch rest[tilde...].dropFirst().first {
                case "0": token += "~"
                case "1": token += "/"
                default: return nil
                }
                rest = rest[tilde...].dropFirst(2)
            }
            tokens.append(token + rest)
        }
        self.tokens = tokens
    }

    /// The value that it points at; nil where there is none.
    func value(in document: JSONValue) -> JSONValue? {
        var value = document
        for token in tokens {
            switch value {
            case .object(let object):
                guard let member = object[token] else { return nil }
                value = member
            case .array(let elements):
                // No leading zeros (RFC 6901, section 4), so that an element has one spelling.
                guard let index = Int(token), token == "\(index)", elements.indices.contains(index) else { return nil }
                value = elements[index]
            default: return nil
            }
        }
        return value
    }

    /// The way with dots, as the names of values that nobody chose are made.
    var dotted: String { tokens.joined(separator: ".") }
}
