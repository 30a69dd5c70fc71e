package import Telemetry

/// The rules of a box, ready to be applied. Every rule that matches is applied, in order, each to what the one before left: so no rule can
/// undo another, and what is left is no more than what the strictest of them allows.
package struct Redaction: Sendable {
    enum Action: Sendable {
        case drop
        case pseudonymise(PseudonymKey, tags: [String])
        case coarsen(step: Double, unit: Unit)
    }

    let rules: [(pattern: SeriesPattern, action: Action)]

    /// No rules: everything is kept as it is.
    package static let none = Redaction(ready: [])

    init(ready rules: [(pattern: SeriesPattern, action: Action)]) { self.rules = rules }

    /// Reads the keys that the rules name.
    ///
    /// - Throws: `AgentError` when one cannot be read, can be read by everybody, or is too short.
    package init(_ rules: [RedactionRule]) throws(AgentError) {
        var ready: [(SeriesPattern, Action)] = []
        for rule in rules {
            switch rule.action {
            case .drop: ready.append((rule.pattern, .drop))
            case .pseudonymise(let path, let tags):
                ready.append((rule.pattern, .pseudonymise(try PseudonymKey(file: path), tags: tags)))
            case .coarsen(let step, let unit): ready.append((rule.pattern, .coarsen(step: step, unit: unit)))
            case .consent: break
            }
        }
        self.rules = ready
    }

    package var isEmpty: Bool { rules.isEmpty }

    /// What goes on record at the start that is `epoch`; nil without rules.
    package func record(epoch: UInt64) -> RedactionRecord? {
        guard !isEmpty else { return nil }
        return RedactionRecord(
            rules.map { pattern, action in
                switch action {
                case .drop: RedactionRecord.Rule(pattern, .drop)
                case .pseudonymise(let key, let tags):
                    RedactionRecord.Rule(pattern, .pseudonymise(key: key.id, tags: tags))
                case .coarsen(let step, let unit): RedactionRecord.Rule(pattern, .coarsen(step: step, unit: unit))
                }
            }, epoch: epoch)
    }

    /// Works out once what becomes of a series, so that a sample costs next to nothing.
    ///
    /// `names`: every name that it has borne on its way through the pipeline; a rule that matches any of them is applied.
    func treatment(of series: Series, names: [String]? = nil) -> SeriesTreatment {
        let names = names ?? [series.name]
        var treatment = SeriesTreatment(series: series)
        for (index, rule) in rules.enumerated() where names.contains(where: { rule.pattern.matches($0) }) {
            switch rule.action {
            case .drop: return SeriesTreatment(series: nil, steps: treatment.steps + [.drop(rule: index)])
            case .pseudonymise(let key, let tags):
                let isTagged = series.tags.contains { tags.contains($0.key) }
                treatment.series = treatment.series?.pseudonymised(by: key, tags)
                treatment.steps.append(.pseudonymise(key, keepsNumbers: isTagged, rule: index))
            case .coarsen(let step, let unit):
                guard let coarsening = Coarsening(step: step, unit: unit, for: series.unit) else {
                    return SeriesTreatment(series: nil, steps: treatment.steps + [.misfit(rule: index)])
                }
                treatment.steps.append(.coarsen(coarsening, rule: index))
            }
        }
        return treatment
    }

    /// What becomes of an event whose name a rule matches: dropped, or told with pseudonyms for its texts (with `tags`, for those of
    /// these keys). Events have no unit, so there is nothing to round. Run markers and the agent's own events are never touched; of consent
    /// nothing is dropped, for it must stay on record.
    func redacted(_ event: Event, _ tally: inout RedactionTally) -> Event? {
        guard !isEmpty, !Event.reservedNames.contains(event.name), event.name != RunEvent.startName,
            event.name != RunEvent.stopName
        else { return event }
        var event = event
        for (index, rule) in rules.enumerated() where rule.pattern.matches(event.name) {
            switch rule.action {
            case .drop where ConsentChange.isName(event.name): break
            case .drop:
                tally.dropped[index] += 1
                return nil
            case .pseudonymise(let key, let tags):
                tally.changed[index] += 1
                event = event.pseudonymised(by: key, tags)
            case .coarsen: break
            }
        }
        return event
    }
}

extension Series {
    /// The values of these tags, and the serial number of a sensor that a person may wear, replaced.
    fileprivate func pseudonymised(by key: PseudonymKey, _ keys: [String]) -> Series {
        var provenance = provenance
        provenance.serial = provenance.serial.map { key.pseudonym(of: $0) }
        return Series(
            name, tags: tags.map { keys.contains($0.key) ? Tag($0.key, key.pseudonym(of: $0.value)) : $0 }, unit: unit,
            kind: kind, provenance: provenance)
    }
}

extension Event {
    fileprivate func pseudonymised(by key: PseudonymKey, _ keys: [String]) -> Event {
        Event(
            name, at: timestamp,
            attributes: attributes.map { attribute in
                guard keys.isEmpty || keys.contains(attribute.key), case .text(let text) = attribute.value else {
                    return attribute
                }
                return Attribute(attribute.key, .text(key.pseudonym(of: text)))
            })
    }
}
