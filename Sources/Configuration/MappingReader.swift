/// A type that reads itself from a mapping.
///
/// The initialiser asks the reader for each key it knows and never fails: what is wrong is reported, a placeholder
/// stands in, and the next key is read, so that a user sees every error at once. Keys that were never asked for are
/// reported when it returns. It must not trap on a placeholder.
package protocol ConfigurationDecodable {
    /// Reads a value from a mapping.
    init(from reader: inout MappingReader)
}

/// Reads the keys of one mapping.
package struct MappingReader {
    let base: NodeReader
    let pairs: [Node.Pair]
    /// The keys asked for, in order: these are the valid ones.
    private(set) var known: [String] = []
    private var refused: Set<String> = []
    /// Required keys that are not there. They are reported last: the user may have misspelt one, and one report is
    /// enough.
    private(set) var missing: [(key: String, expected: String)] = []
    private var ignoresUnknown = false

    init(_ base: NodeReader, pairs: [Node.Pair]) {
        self.base = base
        self.pairs = pairs
    }

    /// The mapping.
    package var node: Node { base.node }

    /// Where the mapping stands.
    package var place: Place { base.place }

    /// Its keys, as they are written and in order.
    package var keys: [String] { pairs.map(\.key) }

    /// Whether a key is written.
    package func contains(_ key: String) -> Bool { pair(key) != nil }

    /// Reads a key that must be there; a placeholder when it is not or is wrong.
    package mutating func required<Value>(_ key: String, as format: ValueFormat<Value>) -> Value {
        requiredIfSound(key, as: format) ?? format.placeholder()
    }

    /// Reads a key that may be there; nil when it is not or is wrong.
    package mutating func optional<Value>(_ key: String, as format: ValueFormat<Value>) -> Value? {
        learn(key)
        return pair(key).flatMap { base.member($0).read(as: format) }
    }

    /// Reads a key that may be there; the default when it is not or is wrong.
    package mutating func value<Value>(
        _ key: String, as format: ValueFormat<Value>, default: @autoclosure () -> Value
    ) -> Value {
        optional(key, as: format) ?? `default`()
    }

    /// Reads a key that must be there; nil when it is not or is wrong.
    mutating func requiredIfSound<Value>(_ key: String, as format: ValueFormat<Value>) -> Value? {
        learn(key)
        guard let pair = pair(key) else {
            missing.append((key, format.expected))
            return nil
        }
        return base.member(pair).read(as: format)
    }

    /// Refuses a key with a message of its own: one that is deprecated, or kept for later. It is never suggested.
    package mutating func reserved(_ key: String, _ message: String) {
        refused.insert(key)
        if let pair = pair(key) { base.diagnostics.report(message, at: place.member(key, at: pair.keyPosition)) }
    }

    /// Accepts whatever other keys there are; for use when it cannot be known which are valid.
    package mutating func ignoreUnknownKeys() {
        ignoresUnknown = true
    }

    func pair(_ key: String) -> Node.Pair? { pairs.first { $0.key == key } }

    private mutating func learn(_ key: String) {
        if !known.contains(key) { known.append(key) }
    }

    /// Reports the keys that nobody asked for, then the required ones that are not there.
    consuming func finish() {
        let absent = known.filter { !contains($0) }
        for pair in pairs where !known.contains(pair.key) && !refused.contains(pair.key) {
            let meant = Suggestion.nearest(to: pair.key, among: absent)
            // Even where any key may be valid, one that looks like a missing one is the user's slip.
            guard !ignoresUnknown || missing.contains(where: { $0.key == meant }) else { continue }
            missing.removeAll { $0.key == meant }
            let advice = Suggestion.advice(for: pair.key, among: meant.map { [$0] } ?? known, noun: "valid key")
            base.diagnostics.report("unknown key" + advice, at: place.member(pair.key, at: pair.keyPosition))
        }
        for (key, expected) in missing {
            base.diagnostics.report("missing; give \(expected)", at: place.member(key, at: place.position))
        }
    }
}
