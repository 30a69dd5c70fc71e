import Telemetry

/// A name for a series, in which `*` stands for the name it had: `*.raw`.
package struct NameTemplate: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    /// Nil when no series name can come of it.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count(where: { $0 == UInt8(ascii: "*") }) <= 1,
            Series.isValidName(Self.filled(text, with: "a"))
        else { return nil }
        self.text = String(text)
    }

    package var description: String { text }

    /// What a template may look like, for messages to people.
    package static let rule = "a series name, in which one '*' may stand for the name it had: '*.raw'"

    /// Whether the same name comes of every series.
    package var isFixed: Bool { !text.utf8.contains(UInt8(ascii: "*")) }

    /// Nil when the name would be too long.
    package func callAsFunction(_ name: String) -> String? {
        let name = Self.filled(text, with: name)
        return Series.isValidName(name) ? name : nil
    }

    private static func filled(_ text: some StringProtocol, with name: String) -> String {
        text.reduce(into: "") { result, character in
            if character == "*" { result += name } else { result.append(character) }
        }
    }
}
