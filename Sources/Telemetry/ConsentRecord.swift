/// Whose consent a series needs.
package enum ConsentGiver: Hashable, Sendable {
    /// One person or group for all series of a rule.
    case subject(String)
    /// Whoever the tag of this key names, of an event the attribute: each series its own.
    case tag(String)

    /// What a subject may be called: it stands in records as one word.
    package static let subjectRule = "1 to 64 bytes without spaces and control characters, such as 'resident-3'"

    package static func isValidSubject(_ text: some StringProtocol) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.unicodeScalars.allSatisfy { !$0.properties.isWhitespace && $0.value >= 0x20 && $0.value != 0x7F }
    }
}

/// What an agent puts on record about consent at each start, so that the archive alone shows it.
///
/// The event `consent.applied` has an attribute `epoch`, which start it was; `rules`, their number, and for each an attribute `rule.0`,
/// `rule.1`, …; `granted`, the number of subjects whose consent stands at that moment, and for each an attribute `granted.0`, …. A rule is words
/// with a space between them:
///
/// ```
/// consent person.* subject=resident-3
/// consent *.heart-rate tag=person
/// ```
///
/// From there on the events `consent.granted` and `consent.withdrawn` (``ConsentChange``) tell, until the next start.
package struct ConsentRecord: Hashable, Sendable {
    package struct Rule: Hashable, Sendable {
        package let pattern: SeriesPattern
        package let giver: ConsentGiver

        package init(_ pattern: SeriesPattern, _ giver: ConsentGiver) {
            self.pattern = pattern
            self.giver = giver
        }
    }

    package let rules: [Rule]
    /// The start whose samples went through the rules.
    package let epoch: UInt64
    /// Subjects whose consent stands, as others may know them, sorted.
    package let granted: [String]

    package init(_ rules: [Rule], epoch: UInt64, granted: [String]) {
        self.rules = rules
        self.epoch = epoch
        self.granted = granted.sorted()
    }

    /// Subjects whose consent may stand on one box; more would make the record too long for an event.
    package static let mostGranted = 128

    /// The event that holds the rules.
    package static let eventName = "consent.applied"
    /// The event that says how much was held back: attributes `rule`, which one, `series`, its pattern, `count`, samples and events, and `from`
    /// and `to`, RFC 3339, the times of the first and the last of them. Of whom is not told.
    package static let suppressedName = "consent.suppressed"

    package func event(at timestamp: Timestamp) -> Event {
        var attributes = [
            Event.Attribute("epoch", .integer(Int64(clamping: epoch))),
            Event.Attribute("rules", .integer(Int64(rules.count))),
            Event.Attribute("granted", .integer(Int64(granted.count))),
        ]
        for (index, rule) in rules.enumerated() {
            attributes.append(Event.Attribute("rule.\(index)", .text(rule.words)))
        }
        for (index, subject) in granted.enumerated() {
            attributes.append(Event.Attribute("granted.\(index)", .text(subject)))
        }
        return Event(Self.eventName, at: timestamp, attributes: attributes)
    }

    /// Nil when `event` is no such record, or says something that this version does not know: then nobody can tell what was done.
    package init?(_ event: Event) {
        func list<Element>(_ key: String, _ item: String, _ read: (String) -> Element?) -> [Element]? {
            guard case .integer(let count)? = event[key], (0...Int64(event.attributes.count)).contains(count) else {
                return nil
            }
            var elements: [Element] = []
            for index in 0..<count {
                guard let element = event.text("\(item).\(index)").flatMap(read) else { return nil }
                elements.append(element)
            }
            return elements
        }
        guard event.name == Self.eventName, case .integer(let epoch)? = event["epoch"], epoch >= 0,
            let rules = list("rules", "rule", Rule.init(words:)),
            let granted = list("granted", "granted", { ConsentGiver.isValidSubject($0) ? $0 : nil })
        else { return nil }
        self.init(rules, epoch: UInt64(epoch), granted: granted)
    }

    /// Whether every series that fits `pattern` went through a rule that asks for consent; with `tag`, for that of whom this tag names.
    package func covers(_ pattern: SeriesPattern, tag: String?) -> Bool {
        rules.contains { rule in rule.pattern.covers(pattern) && (tag.map { rule.giver == .tag($0) } ?? true) }
    }
}

/// Somebody gives consent or takes it back: the events `consent.granted` and `consent.withdrawn`, with the attribute `subject`.
package struct ConsentChange: Hashable, Sendable {
    package let subject: String
    package let isGrant: Bool
    /// From when on it holds.
    package let time: Timestamp

    package static let grantedName = "consent.granted"
    package static let withdrawnName = "consent.withdrawn"

    /// Nil when `event` is neither, or names no subject.
    package init?(_ event: Event) {
        guard Self.isName(event.name), let subject = event.text("subject"), ConsentGiver.isValidSubject(subject) else {
            return nil
        }
        self.subject = subject
        isGrant = event.name == Self.grantedName
        time = event.timestamp
    }

    package static func isName(_ name: String) -> Bool { name == grantedName || name == withdrawnName }
}

extension ConsentRecord.Rule {
    fileprivate var words: String {
        switch giver {
        case .subject(let subject): "consent \(pattern) subject=\(subject)"
        case .tag(let key): "consent \(pattern) tag=\(key)"
        }
    }

    fileprivate init?(words: String) {
        let words = words.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, words[0] == "consent", let pattern = SeriesPattern(words[1]),
            let end = words[2].firstIndex(of: "=")
        else { return nil }
        let value = String(words[2][words[2].index(after: end)...])
        switch words[2][..<end] {
        case "subject" where ConsentGiver.isValidSubject(value): self.init(pattern, .subject(value))
        case "tag" where !value.isEmpty: self.init(pattern, .tag(value))
        default: return nil
        }
    }
}
