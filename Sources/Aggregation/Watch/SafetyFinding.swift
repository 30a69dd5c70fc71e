package import Scenarios
package import Telemetry

/// What one safety rule shows in one run, or, for a burn rate, over all runs.
package struct SafetyFinding: Hashable, Sendable {
    package let rule: SafetyRule
    /// Nil for a burn rate.
    package var run: RunKey?
    package var subject: String?
    /// Events in the run, or episodes beyond the level, or episodes of a burn rate.
    package var count: Int
    /// When the first of those began that go on; if none does, the first of all. For events: the first one.
    package var since: Timestamp
    /// Whether it goes on: for events, whether the run does.
    package var isOngoing: Bool
    /// Of a level: the worst of the latest values of series that are beyond it, in the metric's unit. Of events: how many there were in the
    /// whole period.
    package var value: Double?
    /// Of a level: the series that the value is of, `<agent>: <series with tags>`.
    package var source: String?
}

extension RunWatch {
    /// The safety rules that are breached so far, in the definition's order. Allowed events are listed too.
    ///
    /// A level is taken to be breached until as much time has passed after the episode as it had to last.
    package var findings: [SafetyFinding] {
        let whole = whole
        return plan.safety.compactMap { rule in
            var finding = SafetyFinding(
                rule: rule, run: RunKey(run), subject: run.subject, count: 0, since: Timestamp(nanoseconds: .max),
                isOngoing: true)
            switch rule.condition {
            case .events(let name, _), .burn(let name, _, _):
                let times = events.lazy.filter { $0.name == name }.map(\.timestamp)
                finding.count = times.count
                finding.since = times.min() ?? finding.since
            case .level(let metric, let side, _, _):
                for index in plan.metrics.indices where plan.metrics[index].metric.id == metric {
                    finding.take(rule, side, plan.levels[index], whole.metrics[index], sources)
                }
            }
            return finding.count > 0 ? finding : nil
        }
    }
}

extension SafetyFinding {
    /// Takes in what the series of a metric show.
    fileprivate mutating func take(
        _ rule: SafetyRule, _ side: SafetyRule.Side, _ levels: [FoldPlan.LevelRule], _ part: WatchPart.MetricPart,
        _ sources: [SeriesSource]
    ) {
        var since: (ongoing: Timestamp?, over: Timestamp?)
        for (place, exceedance) in part.levels.elements where levels[place % levels.count].id == rule.id {
            guard let episode = exceedance.latest, let first = exceedance.first else { continue }
            count += exceedance.count
            let slot = place / levels.count
            let latest = part.latest.elements.first { $0.slot == slot }?.value
            guard exceedance.isStanding(at: latest?.time ?? episode.last) else {
                since.over = min(since.over ?? first, first)
                continue
            }
            let begin = Timestamp(nanoseconds: episode.first)
            since.ongoing = min(since.ongoing ?? begin, begin)
            if let found = latest?.value, value.map({ side == .above ? found > $0 : found < $0 }) ?? true {
                value = found
                source = "\(sources[slot].agent): \(sources[slot].key)"
            }
        }
        isOngoing = since.ongoing != nil
        self.since = since.ongoing ?? since.over ?? self.since
    }
}
