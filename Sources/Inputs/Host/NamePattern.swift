package import Configuration

/// A shell pattern for names: `*` stands for any text, `?` for one byte, all else for itself.
package struct NamePattern: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ text: String) { description = text }

    /// Whether the pattern fits the whole of `name`. Takes at most the product of both lengths.
    package func matches(_ name: String) -> Bool {
        let (pattern, name) = (Array(description.utf8), Array(name.utf8))
        var (p, n) = (0, 0)
        var star: (pattern: Int, name: Int)?
        while n < name.count {
            if p < pattern.count, pattern[p] == UInt8(ascii: "*") {
                star = (p, n)
                p += 1
            } else if p < pattern.count, pattern[p] == UInt8(ascii: "?") || pattern[p] == name[n] {
                p += 1
                n += 1
            } else if let last = star {
                // The last star takes one byte more; stars before it need not be tried again.
                star = (last.pattern, last.name + 1)
                p = last.pattern + 1
                n = last.name + 1
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}

extension ValueFormat<[NamePattern]> {
    package static var namePatterns: ValueFormat<[NamePattern]> {
        .converting(ValueFormat<[String]>.sequence(of: .nonEmptyString)) { $0.map(NamePattern.init) }
    }
}

extension [NamePattern] {
    func matches(_ name: String) -> Bool { contains { $0.matches(name) } }
}
