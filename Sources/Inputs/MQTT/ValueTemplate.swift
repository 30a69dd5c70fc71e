/// The simple form of a Home Assistant template, which names one value: `{{ value_json.power.voltage }}`, `{{ value_json['a b'][0] }}`, or
/// `{{ value }}` for a payload that is the value.
///
/// The filters `float`, `int` and `is_defined` are allowed, since they change nothing here.
struct ValueTemplate: Hashable {
    /// Where the value stands; nil when the payload is no JSON.
    let pointer: JSONPointer?

    /// Nil for a template that computes.
    init?(_ text: some StringProtocol) {
        var parts = Scanner(text)
        parts.skipBlanks()
        guard parts.skip("{{") else { return nil }
        _ = parts.skip("-")
        parts.skipBlanks()
        if parts.skip("value_json") {
            var tokens: [String] = []
            while let token = parts.step() { tokens.append(token) }
            pointer = JSONPointer(tokens: tokens)
        } else if parts.skip("value") {
            pointer = nil
        } else {
            return nil
        }
        parts.skipBlanks()
        while parts.skip("|") {
            parts.skipBlanks()
            guard parts.skip("float") || parts.skip("int") || parts.skip("is_defined") else { return nil }
            _ = parts.skip("(0)") || parts.skip("()")
            parts.skipBlanks()
        }
        _ = parts.skip("-")
        guard parts.skip("}}") else { return nil }
        parts.skipBlanks()
        guard parts.isAtEnd else { return nil }
    }

    /// A template, byte by byte from its end.
    private struct Scanner {
        private var rest: [UInt8]

        init(_ text: some StringProtocol) { rest = Array(text.utf8.reversed()) }

        var isAtEnd: Bool { rest.isEmpty }

        mutating func skip(_ text: String) -> Bool {
            guard rest.count >= text.utf8.count, rest.suffix(text.utf8.count).reversed().elementsEqual(text.utf8)
            else { return false }
            rest.removeLast(text.utf8.count)
            return true
        }

        mutating func skipBlanks() {
            while let byte = rest.last, byte <= 0x20 { rest.removeLast() }
        }

        /// `.name`, `['name']`, `["name"]` or `[0]`.
        mutating func step() -> String? {
            if skip(".") {
                let name = word { byte in
                    byte.isDigit || byte == UInt8(ascii: "_") || (0x61...0x7A).contains(byte | 0x20)
                }
                if !name.isEmpty { return name }
                // No step: the dot is in the way of what must follow.
                rest.append(UInt8(ascii: "."))
                return nil
            }
            for quote in ["'", "\""] where skip("[" + quote) {
                let name = word { ![UInt8(ascii: "'"), UInt8(ascii: "\"")].contains($0) }
                return skip(quote + "]") ? name : nil
            }
            guard skip("[") else { return nil }
            let digits = word(\.isDigit)
            return !digits.isEmpty && skip("]") ? digits : nil
        }

        private mutating func word(_ belongs: (UInt8) -> Bool) -> String {
            var bytes: [UInt8] = []
            while let byte = rest.last, belongs(byte) {
                bytes.append(byte)
                rest.removeLast()
            }
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}
