import Pipeline
package import Telemetry

/// The rules of a box that ask for consent. A series that several of them match needs the consent that each asks for.
package struct Consent: Sendable {
    package let rules: [ConsentRecord.Rule]
    /// What others may know of a subject: a rule of redaction may put a pseudonym in its place.
    private let redaction: Redaction

    /// No rules: nothing needs consent.
    package static let none = Consent(ready: [], redaction: .none)

    init(ready rules: [ConsentRecord.Rule], redaction: Redaction) {
        self.rules = rules
        self.redaction = redaction
    }

    /// The rules of consent among those of the pipeline. `redaction`: the others.
    package init(_ rules: [RedactionRule], redaction: Redaction) {
        self.init(
            ready: rules.compactMap { rule in
                guard case .consent(let giver) = rule.action else { return nil }
                return ConsentRecord.Rule(rule.pattern, giver)
            }, redaction: redaction)
    }

    package var isEmpty: Bool { rules.isEmpty }

    /// Who must consent before anything of a series is kept, with the rule that says so; a nil subject for a series that does not say whom
    /// it is about, and that is therefore never kept.
    ///
    /// A series needs what it needs under any name that a rule of the pipeline gives to it or to a copy of it, so that no renaming lets
    /// anything escape; and a tag that a rule sets or removes names whom it is about as well.
    func demands(of series: Series, _ branches: [Branch]) -> [(rule: Int, subject: String?)] {
        let names = Set(branches.flatMap(\.names))
        func tag(_ key: String) -> String? {
            series[tag: key] ?? branches.lazy.compactMap { $0.series[tag: key] }.first
        }
        var found: [Int: String?] = [:]
        for name in names {
            for (rule, subject) in demands(of: name, tag) { found[rule] = subject }
        }
        return found.sorted { $0.key < $1.key }.map { (rule: $0.key, subject: $0.value) }
    }

    /// The same of an event; its attributes are in the place of tags.
    func demands(of event: Event) -> [(rule: Int, subject: String?)] {
        guard !rules.isEmpty, !Event.reservedNames.contains(event.name), !ConsentChange.isName(event.name),
            event.name != RunEvent.startName, event.name != RunEvent.stopName
        else { return [] }
        return demands(of: event.name) { event.text($0) }
    }

    private func demands(
        of name: String, _ tag: (String) -> String?
    ) -> [(rule: Int, subject: String?)] {
        rules.indices.compactMap { index in
            guard rules[index].pattern.matches(name) else { return nil }
            switch rules[index].giver {
            case .subject(let subject): return (index, subject)
            case .tag(let key): return (index, tag(key).flatMap { ConsentGiver.isValidSubject($0) ? $0 : nil })
            }
        }
    }

    /// What goes on record at the start that is `epoch`; nil without rules. `granted`: whose consent stands.
    func record(epoch: UInt64, granted: some Sequence<String>) -> ConsentRecord? {
        guard !isEmpty else { return nil }
        let shown = rules.map { rule in
            guard case .subject(let subject) = rule.giver else { return rule }
            return ConsentRecord.Rule(rule.pattern, .subject(label(of: subject)))
        }
        return ConsentRecord(shown, epoch: epoch, granted: granted.map(label(of:)))
    }

    /// A subject as others may know it.
    func label(of subject: String) -> String {
        var tally = RedactionTally(rules: redaction.rules.count)
        let event = Event(
            ConsentChange.grantedName, at: Timestamp(seconds: 0), attributes: [.init("subject", .text(subject))])
        return redaction.redacted(event, &tally)?.text("subject") ?? subject
    }
}

/// What was held back under one rule since that was last put on record.
struct ConsentTally: Hashable, Sendable {
    private(set) var count: UInt64 = 0
    private var from = Timestamp(nanoseconds: .max)
    private var to = Timestamp(nanoseconds: .min)

    mutating func add(_ time: Timestamp) {
        count += 1
        from = min(from, time)
        to = max(to, time)
    }

    /// Nil when nothing was held back.
    func event(of rule: Int, _ pattern: SeriesPattern, at timestamp: Timestamp) -> Event? {
        guard count > 0 else { return nil }
        return Event(
            ConsentRecord.suppressedName, at: timestamp,
            attributes: [
                .init("rule", .integer(Int64(rule))), .init("series", .text(pattern.text)),
                .init("count", .integer(Int64(clamping: count))), .init("from", .text(from.description)),
                .init("to", .text(to.description)),
            ])
    }
}
