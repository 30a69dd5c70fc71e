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
        var changes: [DefinitionChange] = []
        compare(one, other, at: "", into: &changes)
        return changes
    }

    private static func compare(
        _ before: JSONValue?, _ after: JSONValue?, at path: String, into changes: inout [DefinitionChange]
    ) {
        if before == after { return }
        if let (one, other) = members(before, after) {
            var names = one.map(\.name)
            names += other.map(\.name).filter { !names.contains($0) }
            for name in names {
                compare(
                    one.first { $0.name == name }?.value, other.first { $0.name == name }?.value,
                    at: path.isEmpty ? name : name.hasPrefix("[") ? path + name : "\(path).\(name)", into: &changes)
            }
        } else {
            changes.append(DefinitionChange(path: path, before: text(before), after: text(after)))
        }
    }

    private typealias Members = [(name: String, value: JSONValue)]

    /// Members of objects, and elements of lists by their ids; nil for anything else, lists without ids among them.
    private static func members(_ before: JSONValue?, _ after: JSONValue?) -> (Members, Members)? {
        switch (before, after) {
        case (.object(let one)?, .object(let other)?):
            return (one.map { ($0.key, $0.value) }, other.map { ($0.key, $0.value) })
        case (.array(let one)?, .array(let other)?):
            guard let one = identified(one), let other = identified(other) else { return nil }
            return (one, other)
        default: return nil
        }
    }

    private static func identified(_ elements: [JSONValue]) -> Members? {
        var members: Members = []
        for element in elements {
            guard let id = element["id"]?.string else { return nil }
            members.append(("[\(id)]", element))
        }
        return members
    }

    private static func text(_ value: JSONValue?) -> String? {
        value.map { String(decoding: $0.compact(), as: UTF8.self) }
    }
}
