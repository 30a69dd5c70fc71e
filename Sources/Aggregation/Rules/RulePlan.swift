package import Frames
package import Scenarios
package import Telemetry

/// What the rules of a definition ask of frames.
package struct RulePlan: Sendable {
    /// The start's condition, where a rule starts runs, then that of each stop, in the definition's order; nil for an event.
    let conditions: [SeriesRule?]
    let outcomeSeries: OutcomeSeries?
    let outcomes: [String]
    let subject: RunSubject
    /// The sites at which rules are looked at; empty for every site.
    package let sites: Set<Identifier>
    /// What decides what a part holds, as text: parts of another text are of no use.
    package let text: String

    /// The version of what is found and how it is written; a part of another is found again.
    private static let version = 1

    /// Nil for a definition whose runs are marked by events alone.
    package init?(_ definition: ScenarioDefinition) {
        let rules = definition.runs
        guard rules.hasRules else { return nil }
        conditions = [rules.start.rule] + rules.stops.map(\.end.rule)
        outcomeSeries = rules.outcomeSeries
        outcomes = rules.outcomes
        subject = rules.subject
        sites = Set(definition.sites.map(\.id))
        let ends = conditions.map { $0?.text ?? "event" }.joined(separator: "; ")
        let told = rules.outcomeSeries.map { "\($0.text) among \(rules.outcomes.joined(separator: " "))" }
        text = "\(Self.version); \(rules.subject.text); \(ends); \(told ?? "no outcome")"
    }

    /// Whether frames of a stream may hold what rules look at.
    package func concerns(_ stream: Stream) -> Bool {
        stream.agent.text != "collector" && (sites.isEmpty || sites.contains(stream.site))
    }

    /// What is found of a series; nil where no rule looks at it.
    fileprivate func source(_ id: SeriesID, _ series: Series, agent: Identifier) -> RulePart.Source? {
        let looks = conditions.map { $0?.selector.matches(series) ?? false }
        let tells = outcomeSeries?.selector.matches(series) ?? false
        guard looks.contains(true) || tells else { return nil }
        return RulePart.Source(
            series: id, key: series.key, unit: series.unit.code, subject: subject.key(of: series, agent: agent),
            conditions: zip(looks, conditions).map { looks, rule in
                looks ? rule.map { ConditionTrace(lasting: $0.lasting) } : nil
            }, statements: tells ? StatementTrace() : nil)
    }
}

/// Finds in frames of one start of an agent what rules ask.
package struct RuleFinder: Sendable {
    private struct Look: Sendable {
        let empty: RulePart.Source
        /// By condition: to the unit of its threshold.
        let conversions: [UnitConversion?]
    }

    private let plan: RulePlan
    private let looks: [SeriesID: Look]
    private let known: Set<SeriesID>

    /// `series`: the dictionary of the start.
    package init(_ plan: RulePlan, of stream: Stream, series: [SeriesID: Series]) {
        self.plan = plan
        known = Set(series.keys)
        var looks: [SeriesID: Look] = [:]
        for (id, series) in series {
            guard let source = plan.source(id, series, agent: stream.agent) else { continue }
            let conversions = plan.conditions.map { rule -> UnitConversion? in
                guard case .level(_, let threshold)? = rule?.demand else { return nil }
                return UnitConversion(from: series.unit, to: threshold.unit)
            }
            looks[id] = Look(empty: source, conversions: conversions)
        }
        self.looks = looks
    }

    /// What a frame of that start shows.
    ///
    /// Samples that are marked unreliable are no measurements and do not count, nor do values that say nothing of a condition. Of several at
    /// one time the last given stays the last.
    package func part(of frame: FrameDecoder) -> RulePart {
        var part = RulePart()
        guard let header = frame.header else { return part }
        let clock = (offset: header.clock.offset, isSynchronised: header.clock.state.isSynchronised)
        var unknown: Set<SeriesID> = []
        frame.forEachColumn { column in
            guard let look = looks[column.series] else {
                if !known.contains(column.series) { unknown.insert(column.series) }
                return
            }
            var source = look.empty
            for place in column.order where !column.isUnreliable(at: place) {
                let value = column.value(at: place)
                let time = Timestamp(nanoseconds: column.timestamps[column.timestamps.startIndex + place])
                let instant = FrameInstant(
                    sinceBoot: time.nanoseconds(since: Timestamp(nanoseconds: clock.offset)), offset: clock.offset,
                    isSynchronised: clock.isSynchronised)
                for index in source.conditions.indices where source.conditions[index] != nil {
                    guard let holds = plan.conditions[index]?.demand.isMet(by: value, look.conversions[index]) else {
                        continue
                    }
                    source.conditions[index]?.append(instant, holds: holds)
                }
                source.statements?.append(
                    instant, outcome: plan.outcomeSeries?.outcome(of: value, among: plan.outcomes))
            }
            part.merge(source)
        }
        part.unknown = unknown.sorted()
        return part
    }
}

extension Column {
    /// The places of its samples in the order of time.
    fileprivate var order: [Int] {
        let times = Array(timestamps)
        guard zip(times, times.dropFirst()).contains(where: { $0 > $1 }) else { return Array(times.indices) }
        return times.indices.sorted { (times[$0], $0) < (times[$1], $1) }
    }

    fileprivate func isUnreliable(at place: Int) -> Bool {
        !quality.isEmpty && quality[quality.startIndex + place].contains(.unreliable)
    }
}
