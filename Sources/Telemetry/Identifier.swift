/// The name of a site, an agent, a scenario, a run or a device: `[a-z0-9][a-z0-9-]{0,62}`.
///
/// The alphabet is the intersection of what is safe in an MQTT topic level, an MQTT client id, a DNS label, a file name
/// and a SenML name, so that an identifier never needs escaping anywhere.
package struct Identifier: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The identifier's text, 1 to 63 ASCII characters.
    package let text: String

    /// Nil when `text` is not an identifier.
    package init?(_ text: some StringProtocol) {
        guard Identifier.isValid(text.utf8) else { return nil }
        self.text = String(text)
    }

    /// What an identifier may look like, for messages to people.
    package static let rule = "1 to 63 of a-z, 0-9 and '-', not starting with '-'"

    package var description: String { text }

    package static func < (a: Identifier, b: Identifier) -> Bool { a.text < b.text }

    private static func isValid(_ bytes: some Collection<UInt8>) -> Bool {
        guard let first = bytes.first, bytes.count <= 63, first != UInt8(ascii: "-") else { return false }
        return bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
            default: false
            }
        }
    }
}
