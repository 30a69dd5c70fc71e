import Telemetry

/// What becomes of one series and of its samples, decided when the series is first seen.
struct SeriesTreatment: Sendable {
    enum Step: Sendable {
        case drop(rule: Int)
        /// The rule's step and the series measure different things, so nobody could say what is left: nothing is.
        case misfit(rule: Int)
        case pseudonymise(PseudonymKey, keepsNumbers: Bool, rule: Int)
        case coarsen(Coarsening, rule: Int)
    }

    /// The series as others may know it; nil when nothing of it is kept.
    var series: Series?
    /// In the order of the rules. Empty for a series that no rule matches.
    var steps: [Step] = []

    /// What is left of a value; nil for nothing, with the reason when that is not what the rule was written for.
    func apply(to value: Value, _ tally: inout RedactionTally) -> (value: Value?, complaint: String?) {
        var value = value
        for step in steps {
            switch (step, value) {
            case (.drop(let rule), _):
                tally.dropped[rule] += 1
                return (nil, nil)
            case (.misfit(let rule), _):
                tally.dropped[rule] += 1
                return (nil, "unit does not fit the step of the pipeline's rule")
            case (.pseudonymise(let key, _, let rule), .text(let text)):
                tally.changed[rule] += 1
                value = .text(key.pseudonym(of: text))
            case (.pseudonymise(_, keepsNumbers: true, let rule), _):
                tally.changed[rule] += 1
            case (.pseudonymise(_, keepsNumbers: false, let rule), _):
                tally.dropped[rule] += 1
                return (nil, "a number cannot be pseudonymised")
            case (.coarsen(let coarsening, let rule), .double(let number)):
                tally.changed[rule] += 1
                value = .double(coarsening(number))
            case (.coarsen(let coarsening, let rule), .integer(let number)):
                tally.changed[rule] += 1
                value = coarsening(number)
            case (.coarsen(_, let rule), .boolean), (.coarsen(_, let rule), .text):
                tally.dropped[rule] += 1
                return (nil, "only numbers can be coarsened")
            }
        }
        return (value, nil)
    }
}

/// What the rules have done since the start: samples and events, by rule.
struct RedactionTally: Hashable, Sendable {
    /// Kept, in another form.
    var changed: [UInt64]
    /// Taken away.
    var dropped: [UInt64]

    init(rules: Int) {
        changed = Array(repeating: 0, count: rules)
        dropped = changed
    }

    /// The counts that are not 0; nil when all are.
    func event(at timestamp: Timestamp) -> Event? {
        var attributes: [Event.Attribute] = []
        for (index, (changed, dropped)) in zip(changed, dropped).enumerated() {
            if changed > 0 { attributes.append(.init("changed.\(index)", .integer(Int64(clamping: changed)))) }
            if dropped > 0 { attributes.append(.init("dropped.\(index)", .integer(Int64(clamping: dropped)))) }
        }
        guard !attributes.isEmpty else { return nil }
        return Event(RedactionRecord.countName, at: timestamp, attributes: attributes)
    }
}
