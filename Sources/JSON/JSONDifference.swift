/// One place at which two values differ.
package struct JSONDifference: Equatable, Sendable {
    /// `criteria[0].lower` or `criteria[success-rate].at-least`; empty for the values themselves.
    package let path: String
    /// Nil for what only the other has.
    package let before: JSONValue?
    /// Nil for what only the other has.
    package let after: JSONValue?

    /// Which elements of two arrays belong together.
    package enum Matching: Sendable {
        /// Those at the same place; arrays of different lengths differ as a whole.
        case place
        /// Those with the same member `id`, wherever they stand; arrays with an element that has none differ as a whole.
        case id
    }

    /// Where `after` is not what `before` is, in the order of `before`, then what only `after` has. The order of members tells nothing
    /// apart.
    ///
    /// - Parameters:
    ///   - before: one value.
    ///   - after: the other.
    ///   - matching: how elements of arrays are matched.
    ///   - passedOver: paths that are not looked at.
    /// - Returns: one difference for each place; none for equal values.
    package static func between(
        _ before: JSONValue, _ after: JSONValue, matching: Matching, passingOver passedOver: Set<String> = []
    ) -> [JSONDifference] {
        var comparison = Comparison(matching: matching, passedOver: passedOver)
        comparison.compare(before, after, at: "")
        return comparison.differences
    }

    private struct Comparison {
        typealias Members = [(name: String, value: JSONValue)]

        let matching: Matching
        let passedOver: Set<String>
        var differences: [JSONDifference] = []

        mutating func compare(_ before: JSONValue?, _ after: JSONValue?, at path: String) {
            if passedOver.contains(path) || before == after { return }
            if matching == .place, let one = before?.array, let other = after?.array, one.count == other.count {
                for (place, pair) in zip(one, other).enumerated() { compare(pair.0, pair.1, at: "\(path)[\(place)]") }
                return
            }
            guard let (one, other) = members(before, after) else {
                differences.append(JSONDifference(path: path, before: before, after: after))
                return
            }
            let names = one.map(\.name)
            for name in names + other.map(\.name).filter({ !names.contains($0) }) {
                compare(
                    one.first { $0.name == name }?.value, other.first { $0.name == name }?.value,
                    at: path.isEmpty ? name : name.hasPrefix("[") ? path + name : "\(path).\(name)")
            }
        }

        /// Members of objects, and elements of arrays by their ids; nil for anything else.
        private func members(_ before: JSONValue?, _ after: JSONValue?) -> (Members, Members)? {
            switch (before, after) {
            case (.object(let one)?, .object(let other)?):
                return (one.map { ($0.key, $0.value) }, other.map { ($0.key, $0.value) })
            case (.array(let one)?, .array(let other)?):
                guard matching == .id, let one = named(one), let other = named(other) else { return nil }
                return (one, other)
            default: return nil
            }
        }

        private func named(_ elements: [JSONValue]) -> Members? {
            var members: Members = []
            for element in elements {
                guard let id = element["id"]?.string else { return nil }
                members.append(("[\(id)]", element))
            }
            return members
        }
    }
}
