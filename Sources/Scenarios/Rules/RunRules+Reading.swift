import Configuration
import Telemetry

/// The rules for runs as they were read, with the levels that must fit the metrics over the same series.
struct DeclaredRuns {
    let rules: RunRules
    var limits: [Located<SeriesRule>] = []

    /// Reports every level that cannot be compared with a metric over its series.
    func checkUnits(against metrics: [DeclaredMetric], _ reader: MappingReader) {
        for limit in limits {
            guard case .level(_, let threshold) = limit.value.demand else { continue }
            for declared in metrics where declared.isSound {
                guard case .series(let selector) = declared.metric.source, selector.name == limit.value.selector.name,
                    !threshold.unit.isCommensurable(with: declared.metric.unit)
                else { continue }
                reader.report(
                    "\(threshold.text) cannot be compared with '\(selector.name)', which metric '\(declared.metric.id)' has "
                        + "in \(declared.metric.unit); give a limit in \(declared.metric.unit)", at: limit.place)
                break
            }
        }
    }
}

extension ValueFormat where Value == DeclaredRuns {
    static var runs: ValueFormat {
        .mapping { reader in
            let start = reader.optional("start", as: .end(isStop: false))
            let stops = reader.optional("stop", as: .stops) ?? []
            let outcomes = reader.value("outcomes", as: .outcomes, default: RunRules.defaultOutcomes)
            let rules = RunRules(
                from: &reader, start: start?.end ?? .event(RunEvent.startName),
                stops: stops.isEmpty
                    ? [RunRules.Stop(end: .event(RunEvent.stopName), outcome: nil)]
                    : stops.map { RunRules.Stop(end: $0.end, outcome: $0.outcome?.value) },
                outcomes: outcomes)
            let ends = EndChecks(rules, start: start, stops: stops, reader: reader)
            ends.check()
            return DeclaredRuns(rules: rules, limits: ([start].compactMap(\.self) + stops).compactMap(\.limit))
        }
    }
}

extension RunRules {
    fileprivate init(from reader: inout MappingReader, start: End, stops: [Stop], outcomes: [String]) {
        self.start = start
        self.stops = stops
        self.outcomes = outcomes
        subject = reader.optional("subject", as: .runSubject) ?? .device
        outcomeSeries = reader.optional("outcome", as: .outcomeSeries(outcomes))
        exclusion = reader.optional("exclude", as: .mapping { ExclusionRule(from: &$0) })
        timeout = reader.optional("timeout", as: .nanoseconds(in: 1...))
        if let exclusion, reader.isSound("outcomes"), reader.isSound("exclude") {
            let place = reader.place(of: "exclude")
            if !outcomes.contains(exclusion.outcome) {
                reader.report(unknownOutcome(exclusion.outcome), at: place)
            } else if outcomes.count == 1 {
                reader.report("leaves no outcome that counts; declare another in 'outcomes'", at: place)
            }
        }
        if !hasRules, reader.isSound("start"), reader.isSound("stop") {
            for key in ["subject", "outcome"] where reader.contains(key) {
                reader.report(
                    "needs a rule over a series that starts or stops the runs; markers name subject and outcome themselves",
                    key: key)
            }
        }
    }

    func unknownOutcome(_ word: String) -> String { Self.unknownOutcome(word, among: outcomes) }

    static func unknownOutcome(_ word: String, among outcomes: [String]) -> String {
        "outcome '\(word)' is not among runs.outcomes"
            + MappingReader.suggestion(for: word, among: outcomes, noun: "outcome")
    }
}

extension ValueFormat where Value == [DeclaredEnd] {
    /// One way to stop, or a list of ways.
    fileprivate static var stops: ValueFormat {
        let one = ValueFormat<DeclaredEnd>.end(isStop: true)
        return ValueFormat(expected: "a mapping, or a sequence of mappings", placeholder: []) { reader in
            switch reader.node.content {
            case .sequence: reader.read(as: .sequence(of: one, count: 1...))
            default: reader.read(as: one).map { [$0] }
            }
        }
    }
}

/// What start and stops say of each other.
private struct EndChecks {
    let rules: RunRules
    let start: DeclaredEnd?
    let stops: [DeclaredEnd]
    let reader: MappingReader

    init(_ rules: RunRules, start: DeclaredEnd?, stops: [DeclaredEnd], reader: MappingReader) {
        (self.rules, self.start, self.stops, self.reader) = (rules, start, stops, reader)
    }

    func check() {
        for stop in stops {
            if let outcome = stop.outcome, reader.isSound("outcomes"), !rules.outcomes.contains(outcome.value) {
                reader.report(rules.unknownOutcome(outcome.value), at: outcome.place)
            }
            if stop.isSound, start?.isSound ?? true, let message = contradiction(stop.end) {
                reader.report(message, at: stop.place)
            }
        }
        if stops.isEmpty, rules.start == .event(RunEvent.stopName), start?.isSound ?? false {
            reader.report("is the same event as that of 'start'; a run must end by another", key: "stop")
        }
        guard rules.hasRules else {
            guard reader.isSound("start"), reader.isSound("stop") else { return }
            if let second = stops.dropFirst().first, second.isSound {
                reader.report(
                    "several ways to stop need a rule over a series among them; keep one event", at: second.place)
            }
            for stop in stops {
                guard let outcome = stop.outcome else { continue }
                reader.report("belongs to a rule; the marker of a stop says how the run ended", at: outcome.place)
            }
            return
        }
        let events = stops.filter { stop in
            if case .event = stop.end { stop.isSound } else { false }
        }
        if let second = events.dropFirst().first {
            reader.report("only one event can stop runs; give rules over series beside it", at: second.place)
        }
        for (index, stop) in stops.enumerated() where stop.isSound {
            if stops[..<index].contains(where: { $0.isSound && $0.end == stop.end }) {
                reader.report("says what another stop says; remove one", at: stop.place)
            }
        }
    }

    /// Why a run that starts as `start` says can never end, or never last, as `stop` says; nil if it can.
    private func contradiction(_ stop: RunRules.End) -> String? {
        switch (rules.start, stop) {
        case (.event(let name), .event(let other)):
            return name == other ? "is the same event as that of 'start'; a run must end by another" : nil
        case (.rule(let rule), .rule(let other)):
            guard rule.selector.name == other.selector.name else { return nil }
            if let message = unitContradiction(rule.demand, other.demand) { return message }
            return rule.selector == other.selector ? contradiction(rule.demand, other.demand) : nil
        default: return nil
        }
    }

    private func unitContradiction(_ start: SeriesRule.Demand, _ stop: SeriesRule.Demand) -> String? {
        guard case .level(_, let one) = start, case .level(_, let other) = stop,
            !one.unit.isCommensurable(with: other.unit)
        else { return nil }
        return "\(other.text) and the start's \(one.text) cannot be of one series; give both in units of one kind"
    }

    private func contradiction(_ start: SeriesRule.Demand, _ stop: SeriesRule.Demand) -> String? {
        switch (start, stop) {
        case (.level(let side, let one), .level(let otherSide, let other)):
            guard let limit = Unit.convert(other.value, from: other.unit, to: one.unit) else { return nil }
            switch (side, otherSide) {
            case (.above, .above) where limit <= one.value, (.below, .below) where limit >= one.value:
                return
                    "holds already whenever the start does, so it cannot tell when the run is over; stop \(opposite(side)) "
                    + one.text + " or less far"
            case (.above, .below) where limit > one.value, (.below, .above) where limit < one.value:
                return
                    "overlaps the start: between \(one.text) and \(other.text) both hold; stop \(opposite(side)) \(one.text), or "
                    + "farther off"
            default: return nil
            }
        case (.among(let words), .among(let others)):
            guard let word = others.first(where: words.contains) else { return nil }
            return "'\(word.text)' starts a run too; a run must end by another word"
        case (.other(let words), .other(let others)):
            let common = words.filter(others.contains)
            return "holds already whenever the start does not forbid it; say with 'is' which words end a run"
                + (common.isEmpty ? "" : ", such as '\(common[0].text)'")
        case (.among(let words), .other(let others)):
            guard let word = words.first(where: { !others.contains($0) }) else { return nil }
            return "holds for '\(word.text)' too, which starts a run; add it to 'is-not'"
        case (.other(let words), .among(let others)):
            guard let word = others.first(where: { !words.contains($0) }) else { return nil }
            return "'\(word.text)' starts a run too; add it to the start's 'is-not'"
        default: return nil
        }
    }

    private func opposite(_ side: SafetyRule.Side) -> String { side == .above ? "below" : "above" }
}

extension Threshold {
    /// `0.5 A`.
    fileprivate var text: String { unit == .one ? Self.plain(value) : "\(Self.plain(value)) \(unit)" }
}
