/// A series name in which `*` stands for any characters, dots too: `person.*`.
package struct SeriesPattern: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    /// Nil when `text` has characters that no series name has.
    package init?(_ text: some StringProtocol) {
        let isSound = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x61...0x7A, 0x30...0x39, UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "*"):
                true
            default: false
            }
        }
        guard isSound, (1...255).contains(text.utf8.count) else { return nil }
        self.text = String(text)
    }

    /// The pattern that every name fits.
    package static let any = SeriesPattern(unchecked: "*")

    private init(unchecked text: String) { self.text = text }

    /// What a pattern may look like, for messages to people.
    package static let rule = "a series name, in which '*' stands for any characters: 'person.*'"

    package var description: String { text }

    /// Whether a series name fits: greedy matching with one point to go back to, linear in practice.
    package func matches(_ name: some StringProtocol) -> Bool {
        let pattern = Array(text.utf8)
        let name = Array(name.utf8)
        var (p, n) = (0, 0)
        var star: (pattern: Int, name: Int)?
        while n < name.count {
            if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
                star = (p, n)
                p += 1
            } else if p < pattern.count, pattern[p] == name[n] {
                p += 1
                n += 1
            } else if let last = star {
                star = (last.pattern, last.name + 1)
                p = last.pattern + 1
                n = last.name + 1
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
    }

    /// Whether every name that fits `other` fits this one too: so it is when this one matches the other's own text, whose `*` only a `*` of
    /// this one takes.
    package func covers(_ other: SeriesPattern) -> Bool { matches(other.text) }
}
