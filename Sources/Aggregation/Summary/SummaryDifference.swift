import JSON

/// One number or word in which two summaries differ.
package struct SummaryDifference: Hashable, Sendable, CustomStringConvertible {
    /// `criteria[0].lower`.
    package let path: String
    /// As the one that is verified has it, as JSON.
    package let stated: String
    /// As it was computed.
    package let computed: String

    package var description: String { "\(path): the summary says \(stated), the archive gives \(computed)" }

    /// What cannot be computed again: how often frames came twice is known to the collector that saw it, the name of the program
    /// is that of another, and up to where an archive is read is for whoever reads it.
    private static let passedOver: Set<String> = [
        "completeness.duplicates", "reproduction.software", "reproduction.extent",
    ]

    /// Where `computed` is not what `stated` says, in the order of the summary.
    package static func between(_ stated: Summary, _ computed: Summary) -> [SummaryDifference] {
        JSONDifference.between(stated.json, computed.json, matching: .place, passingOver: passedOver).map { found in
            if case (.array(let one)?, .array(let other)?) = (found.before, found.after) {
                return SummaryDifference(
                    path: found.path, stated: "\(one.count) entries", computed: "\(other.count) entries")
            }
            return SummaryDifference(path: found.path, stated: text(found.before), computed: text(found.after))
        }
    }

    /// On one line, and no longer than a person reads.
    private static func text(_ value: JSONValue?) -> String {
        guard let value else { return "nothing" }
        let bytes = value.compact()
        return bytes.count > 120
            ? String(decoding: bytes.prefix(117), as: UTF8.self) + "…" : String(decoding: bytes, as: UTF8.self)
    }
}
