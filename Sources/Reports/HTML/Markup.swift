/// HTML in the making: whatever is written through it is escaped, and every element that is opened is closed.
struct Markup {
    typealias Attributes = KeyValuePairs<StaticString, String>

    private(set) var html = ""

    /// An element around what `content` writes.
    mutating func element(_ name: StaticString, _ attributes: Attributes = [:], content: (inout Markup) -> Void) {
        open(name, attributes)
        content(&self)
        html += "</\(name)>"
    }

    /// An element around a text.
    mutating func element(_ name: StaticString, _ attributes: Attributes, _ text: String) {
        element(name, attributes) { $0.text(text) }
    }

    /// An element without attributes around a text.
    mutating func element(_ name: StaticString, _ text: String) {
        element(name, [:], text)
    }

    /// An element that HTML defines as empty, such as `meta`.
    mutating func void(_ name: StaticString, _ attributes: Attributes) {
        open(name, attributes)
    }

    mutating func text(_ text: String) {
        html += Self.escaped(text)
    }

    /// CSS, which is not escaped in HTML; so it may come from this program only.
    mutating func style(_ css: StaticString) {
        html += "\n<style>\n\(css)</style>"
    }

    /// Declares that what follows is HTML as everyone reads it today.
    mutating func doctype() {
        html += "<!DOCTYPE html>"
    }

    private mutating func open(_ name: StaticString, _ attributes: Attributes) {
        if !Self.inline.contains(name.description) { html += "\n" }
        html += "<\(name)"
        for (key, value) in attributes where !value.isEmpty {
            html += " \(key)=\"\(Self.escaped(value))\""
        }
        html += ">"
    }

    /// For element content and for attribute values in double quotes.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in VisibleText.of(text).unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// Elements before which a line break would be read as a space.
    private static let inline: Set<String> = ["a", "bdi", "code", "span", "strong", "small", "tspan", "time"]
}
