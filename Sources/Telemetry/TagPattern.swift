/// What a tag of a series must be.
package struct TagPattern: Hashable, Sendable, Comparable {
    package enum Demand: Hashable, Sendable {
        /// `"*"`: the series has the tag, whatever its value.
        case present
        /// `""`: the series does not have the tag, as the total over all cores has no `core`.
        case absent
        case value(String)
    }

    package let key: String
    package let demand: Demand

    package init(key: String, demand: Demand) {
        self.key = key
        self.demand = demand
    }

    /// As it is written: `"*"`, `""`, or the value.
    package init(key: String, text: String) {
        self.init(key: key, demand: text == "*" ? .present : text.isEmpty ? .absent : .value(text))
    }

    package func matches(_ series: Series) -> Bool {
        switch demand {
        case .present: series[tag: key] != nil
        case .absent: series[tag: key] == nil
        case .value(let value): series[tag: key] == value
        }
    }

    /// By key.
    package static func < (a: TagPattern, b: TagPattern) -> Bool { a.key < b.key }
}
