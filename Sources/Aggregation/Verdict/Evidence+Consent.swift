import Scenarios
import Statistics
import Telemetry

extension Evidence {
    /// The metrics and events that criteria and safety rules rest on.
    private var judged: (metrics: [Scenarios.Metric], events: [String]) {
        let ids =
            definition.criteria.flatMap { $0.statistic.observations.map(\.metric) }
            + definition.safety.compactMap { rule in
                if case .level(let metric, _, _, _) = rule.condition { metric } else { nil }
            }
        let events = definition.criteria.flatMap(\.statistic.events) + definition.safety.compactMap(\.condition.event)
        return (definition.metrics.filter { ids.contains($0.id) }, Set(events).sorted())
    }

    /// The same evidence, in which runs without consent for something that the definition judges by do not count.
    ///
    /// Such is a run throughout which a metric or an event was held back and that has nothing of it, and one with a smaller share of its time
    /// under consent than the definition asks for.
    func withoutUnconsented() -> Evidence {
        guard !consents.isEmpty else { return self }
        let view = ConsentView(self)
        guard !view.isEmpty else { return self }
        let (metrics, events) = judged
        let least = definition.governance.consent.atLeast
        var evidence = self
        evidence.runs = runs.map { run in
            guard run.exclusion == nil, let window = run.nanoseconds, !window.isEmpty else { return run }
            let aggregate = aggregate(of: run)
            func lacks(_ held: TimeRanges, _ count: Int?) -> Bool {
                guard !held.isEmpty else { return false }
                if held.covers(window), count ?? 0 == 0 { return true }
                let share = 1 - Double(held.length) / Double(window.upperBound - window.lowerBound)
                return share < least
            }
            for metric in metrics {
                let count = aggregate?.metric(metric.id).map { $0.sketch.count + $0.sketch.nonFinite + $0.unreliable }
                if lacks(view.held(metric, in: run), count) { return run.excluded(for: .consent(series: metric.id)) }
            }
            for event in events where lacks(view.held(event: event, in: run), aggregate?.count(of: event)) {
                return run.excluded(for: .consent(series: event))
            }
            return run
        }
        return evidence
    }

    /// What people agreed to, and what that cost: nil where the definition asks for nothing that the archive could show, and nothing was held
    /// back.
    func consentTold(_ view: ConsentView) -> Summary.Governance.Consent? {
        let rules = definition.governance.consent
        guard !rules.series.isEmpty || !view.isEmpty else { return nil }
        var told = Summary.Governance.Consent(series: rules.series.map(\.text), by: rules.by)
        if !rules.series.isEmpty {
            told.lacking = unconsentedStarts
            told.isApplied = told.lacking.isEmpty
        }
        told.runsWithout = runs.count(where: \.isWithoutConsent)
        let partly = counted.map { held(in: $0, view) }.filter { $0 > 0 }
        told.runsPartly = partly.count
        told.timeWithout = runs.filter { $0.exclusion != .unfinished }.reduce(0) {
            $0 + Double(held(in: $1, view)) / 1e9
        }
        told.grants = consentRecords.grants
        told.withdrawals = consentRecords.withdrawals
        told.suppressed = consentRecords.suppressed
        return told
    }

    /// How long something of a run was held back, nanoseconds: of what the definition judges by, and of all else that it measures.
    func held(in run: Run, _ view: ConsentView) -> Int64 {
        guard !view.isEmpty else { return 0 }
        let events = judged.events.map { view.held(event: $0, in: run) }
        let all = definition.metrics.map { view.held($0, in: run) } + events
        return TimeRanges(all.flatMap(\.ranges)).length
    }

    /// Agents, `site/agent`, with a start that has no record that such series and events were under consent; sorted.
    private var unconsentedStarts: [String] {
        let rules = definition.governance.consent
        return Set(
            rules.series.flatMap { pattern in
                starts.filter { !$0.hasAsked(for: pattern, by: rules.by) }.map(\.name)
            }
        ).sorted()
    }

    /// Nil where the definition asks for no consent that the archive could show.
    var consentCheck: Summary.Check? {
        guard !definition.governance.consent.series.isEmpty else { return nil }
        let lacking = unconsentedStarts
        return Summary.Check(
            id: .consent, value: Double(lacking.count), limit: 0, unit: "1", holds: lacking.isEmpty)
    }
}

/// What of consent was put on record in a period: changes, and what was held back.
package struct ConsentCounts: Hashable, Sendable {
    package var grants = 0
    package var withdrawals = 0
    /// Samples and events.
    package var suppressed: UInt64 = 0

    package init() {}
}

extension Summary.Governance.Consent {
    /// Who has no record.
    var lackingClause: Summary.Text {
        let more = lacking.count - 3
        let named = lacking.prefix(3)
        let demand = series.map { "'\($0)'" }.joined(separator: ", ")
        return Summary.Text(
            en: "there is no record that \(named.joined(separator: ", "))"
                + (more > 0 ? " and \(more) more agents" : "")
                + " kept \(demand) under consent only, as the definition demands",
            zh: "没有记录表明 \(named.joined(separator: "、"))" + (more > 0 ? "等 \(lacking.count) 个采集端" : "")
                + " 按场景定义的要求仅在取得同意时保存 \(demand)")
    }

    /// What was held back, as far as it bears on the verdict; nil for nothing.
    var clause: Summary.Text? {
        let (without, partly) = (runsWithout ?? 0, runsPartly ?? 0)
        guard without > 0 || partly > 0 else { return nil }
        var parts: [Summary.Text] = []
        if without > 0 {
            parts.append(
                Summary.Text(
                    en: "\(without) \(without == 1 ? "run was" : "runs were") left out for want of consent",
                    zh: "\(without) 次运行因未取得同意而排除"))
        }
        if partly > 0 {
            parts.append(
                Summary.Text(
                    en:
                        "parts of \(partly) counted \(partly == 1 ? "run" : "runs") are without consent and were not recorded",
                    zh: "\(partly) 次计入的运行中有未取得同意、未予记录的时段"))
        }
        return Summary.Text(en: parts.map(\.en).joined(separator: "; "), zh: parts.map(\.zh).joined(separator: "；"))
    }
}
