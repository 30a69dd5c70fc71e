/// XML 1.0 in the making: whatever is written through it is escaped, and every element that is opened is closed.
struct XMLText {
    typealias Attributes = KeyValuePairs<StaticString, String>

    private(set) var xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    private var depth = 0

    /// An element around what `content` writes, on lines of its own.
    mutating func element(_ name: StaticString, _ attributes: Attributes, content: (inout XMLText) -> Void) {
        open(name, attributes)
        xml += ">\n"
        depth += 1
        content(&self)
        depth -= 1
        indent()
        xml += "</\(name)>\n"
    }

    /// An element around a text, which is kept as it is; an empty element for none.
    mutating func element(_ name: StaticString, _ attributes: Attributes = [:], text: String = "") {
        open(name, attributes)
        xml += text.isEmpty ? "/>\n" : ">\(Self.escaped(text))</\(name)>\n"
    }

    private mutating func open(_ name: StaticString, _ attributes: Attributes) {
        indent()
        xml += "<\(name)"
        for (key, value) in attributes { xml += " \(key)=\"\(Self.escaped(value, isAttribute: true))\"" }
    }

    private mutating func indent() { xml += String(repeating: "  ", count: depth) }

    /// For element content, and for attribute values in double quotes: there a reader would make a space of each tab and
    /// line feed (XML 1.0, 3.3.3), so they are written as references.
    ///
    /// What XML 1.0 has no form for, not even as a reference (2.2, `Char`), becomes U+FFFD, as does all that
    /// ``VisibleText`` takes for deceptive.
    static func escaped(_ text: String, isAttribute: Bool = false) -> String {
        var escaped = ""
        for scalar in VisibleText.of(text).unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            // Only `]]>` has to be escaped; one rule is simpler than a search.
            case ">": escaped += "&gt;"
            case "\"" where isAttribute: escaped += "&quot;"
            case "\t" where isAttribute: escaped += "&#9;"
            case "\n" where isAttribute: escaped += "&#10;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
