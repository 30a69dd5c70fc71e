/// What is done on the box to series that tell too much.
package enum RedactionAction: String, Hashable, Sendable, CaseIterable {
    /// Nothing of the series is kept.
    case drop
    /// Who it is about is replaced by a keyed hash.
    case pseudonymise
    /// Numbers are rounded to multiples of a step.
    case coarsen

    /// Whether what this action leaves of a series tells no more than what `other` would have left.
    package func suffices(for other: RedactionAction) -> Bool { self == .drop || self == other }
}

/// What an agent puts on record about its redaction at each start, so that the archive alone shows it.
///
/// The event `redaction.applied` has an attribute `epoch`, which start it was, an attribute `rules`, their number, and for each an attribute `rule.0`, `rule.1`, … of words with
/// a space between them:
///
/// ```
/// drop person.*
/// pseudonymise person.id key=4f1c0a9be2d37586 tags=person,operator
/// coarsen room.position.* step=0.5 unit=m
/// ```
package struct RedactionRecord: Hashable, Sendable {
    /// One rule as it was in force. It never holds the key, only a name of it.
    package struct Rule: Hashable, Sendable {
        package enum Detail: Hashable, Sendable {
            case drop
            /// `key`: 16 hexadecimal digits of the hash of the key's hash.
            case pseudonymise(key: String, tags: [String])
            case coarsen(step: Double, unit: Unit)
        }

        package let pattern: SeriesPattern
        package let detail: Detail

        package init(_ pattern: SeriesPattern, _ detail: Detail) {
            self.pattern = pattern
            self.detail = detail
        }

        package var action: RedactionAction {
            switch detail {
            case .drop: .drop
            case .pseudonymise: .pseudonymise
            case .coarsen: .coarsen
            }
        }
    }

    package let rules: [Rule]
    /// The start whose samples went through the rules.
    package let epoch: UInt64

    package init(_ rules: [Rule], epoch: UInt64) {
        self.rules = rules
        self.epoch = epoch
    }

    /// The event that holds the rules.
    package static let eventName = "redaction.applied"
    /// The event that says what they have done since the start: attributes `changed.N` and `dropped.N`, samples and events of rule N.
    package static let countName = "redaction.counted"

    package func event(at timestamp: Timestamp) -> Event {
        var attributes = [
            Event.Attribute("epoch", .integer(Int64(clamping: epoch))),
            Event.Attribute("rules", .integer(Int64(rules.count))),
        ]
        for (index, rule) in rules.enumerated() {
            attributes.append(Event.Attribute("rule.\(index)", .text(rule.words)))
        }
        return Event(Self.eventName, at: timestamp, attributes: attributes)
    }

    /// Nil when `event` is no such record, or says something that this version does not know: then nobody can tell what was done.
    package init?(_ event: Event) {
        guard event.name == Self.eventName, case .integer(let epoch)? = event["epoch"], epoch >= 0,
            case .integer(let count)? = event["rules"],
            (0...Int64(event.attributes.count)).contains(count)
        else { return nil }
        var rules: [Rule] = []
        for index in 0..<count {
            guard let rule = event.text("rule.\(index)").flatMap(Rule.init(words:)) else { return nil }
            rules.append(rule)
        }
        self.rules = rules
        self.epoch = UInt64(epoch)
    }

    /// Whether every series that fits `pattern` went through a rule that leaves no more of it than `action` does. Each rule takes away, and
    /// none gives back, so their order does not matter.
    package func covers(_ pattern: SeriesPattern, _ action: RedactionAction) -> Bool {
        rules.contains { $0.pattern.covers(pattern) && $0.action.suffices(for: action) }
    }
}

extension RedactionRecord.Rule {
    fileprivate var words: String {
        let start = "\(action.rawValue) \(pattern)"
        switch detail {
        case .drop: return start
        case .pseudonymise(let key, let tags):
            return "\(start) key=\(key)" + (tags.isEmpty ? "" : " tags=\(tags.joined(separator: ","))")
        case .coarsen(let step, let unit): return "\(start) step=\(step) unit=\(unit)"
        }
    }

    fileprivate init?(words: String) {
        let words = words.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count >= 2, let action = RedactionAction(rawValue: String(words[0])),
            let pattern = SeriesPattern(words[1])
        else { return nil }
        var facts: [Substring: Substring] = [:]
        for word in words.dropFirst(2) {
            guard let end = word.firstIndex(of: "=") else { return nil }
            facts[word[..<end]] = word[word.index(after: end)...]
        }
        self.pattern = pattern
        switch action {
        case .drop:
            guard facts.isEmpty else { return nil }
            detail = .drop
        case .pseudonymise:
            guard let key = facts.removeValue(forKey: "key") else { return nil }
            let tags = facts.removeValue(forKey: "tags")?.split(separator: ",").map(String.init) ?? []
            guard facts.isEmpty else { return nil }
            detail = .pseudonymise(key: String(key), tags: tags)
        case .coarsen:
            guard let step = facts.removeValue(forKey: "step").flatMap({ Double($0) }),
                let unit = facts.removeValue(forKey: "unit").flatMap({ Unit($0) }), facts.isEmpty
            else { return nil }
            detail = .coarsen(step: step, unit: unit)
        }
    }
}
