import JSON

/// One thing that a definition says otherwise than an earlier one.
package struct DefinitionChange: Hashable, Sendable {
    /// `criteria[success-rate].at-least`: elements of lists by their ids, where they have some.
    package let path: String
    /// As JSON; nil for what was not there.
    package let before: String?
    /// As JSON; nil for what is no longer there.
    package let after: String?

    package init(path: String, before: String?, after: String?) {
        self.path = path
        self.before = before
        self.after = after
    }

    /// What differs between two documents, in the order of the first, then what only the second has.
    ///
    /// - Parameters:
    ///   - before: canonical JSON (``ScenarioDefinition/canonicalJSON``).
    ///   - after: the same.
    /// - Returns: no change for documents that cannot be read.
    package static func between(_ before: [UInt8], _ after: [UInt8]) -> [DefinitionChange] {
        guard let one = try? JSONParser.parse(before), let other = try? JSONParser.parse(after) else { return [] }
        return JSONDifference.between(one, other, matching: .id).map {
            DefinitionChange(path: $0.path, before: text($0.before), after: text($0.after))
        }
    }

    private static func text(_ value: JSONValue?) -> String? {
        value.map { String(decoding: $0.compact(), as: UTF8.self) }
    }
}
