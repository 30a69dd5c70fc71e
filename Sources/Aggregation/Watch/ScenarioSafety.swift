package import Scenarios
import Telemetry

/// What the safety rules of a scenario show in all its runs: of those that are over, what was folded, of those that go on, what their
/// watches show.
package struct ScenarioSafety: Sendable {
    private let definition: ScenarioDefinition
    private let over: [SafetyFinding]
    private let burns: [SafetyFinding]

    /// `aggregates`: of the runs that are over.
    package init(_ definition: ScenarioDefinition, runs: [Run], aggregates: [RunKey: RunAggregate]) {
        self.definition = definition
        over = runs.flatMap { run in
            aggregates[RunKey(run)].map { Self.findings($0, of: run, definition) } ?? []
        }
        burns = definition.safety.compactMap { Self.burn($0, runs, aggregates) }
    }

    private static func findings(
        _ aggregate: RunAggregate, of run: Run, _ definition: ScenarioDefinition
    ) -> [SafetyFinding] {
        definition.safety.compactMap { rule in
            guard let breaches = aggregate.breaches.first(where: { $0.rule == rule.id }), let first = breaches.first,
                breaches.count > 0
            else { return nil }
            return SafetyFinding(
                rule: rule, run: RunKey(run), subject: run.subject, count: breaches.count, since: first,
                isOngoing: false)
        }
    }

    private static func burn(
        _ rule: SafetyRule, _ runs: [Run], _ aggregates: [RunKey: RunAggregate]
    ) -> SafetyFinding? {
        guard case .burn(_, let budget, let burns) = rule.condition else { return nil }
        let rate = BurnRate(budget: budget, rules: burns)
        let ended = BurnRate.Run.ended(runs.filter { $0.exclusion == nil }, aggregates, by: rule)
        let (count, first) = rate.episodes(in: ended)
        guard count > 0, let first else { return nil }
        let since = rate.burningSince(after: ended)
        return SafetyFinding(rule: rule, count: count, since: since ?? first, isOngoing: since != nil)
    }

    /// The rules that are breached, with what runs that go on show: events only beyond those that the rule allows, in the order of the runs in
    /// which they were first.
    package func breaches(with ongoing: [SafetyFinding]) -> [SafetyFinding] {
        var found = burns
        for rule in definition.safety {
            let all = (over + ongoing).filter { $0.rule == rule }
            switch rule.condition {
            case .level: found += all
            case .burn: break
            case .events(_, let atMost):
                let total = all.reduce(0) { $0 + $1.count }
                guard total > atMost else { continue }
                var counted = 0
                for var finding in all.sorted(by: { ($0.since, $0.run) < ($1.since, $1.run) }) {
                    counted += finding.count
                    guard counted > atMost else { continue }
                    finding.value = Double(total)
                    found.append(finding)
                }
            }
        }
        return found
    }
}

private func < (a: (Timestamp, RunKey?), b: (Timestamp, RunKey?)) -> Bool {
    if a.0 != b.0 { return a.0 < b.0 }
    guard let first = a.1, let second = b.1 else { return a.1 == nil && b.1 != nil }
    return first < second
}

extension BurnRate.Run {
    /// Of the runs that are over, at times that are known: when each ended, and whether the rule's event occurred in it.
    static func ended(_ runs: [Scenarios.Run], _ aggregates: [RunKey: RunAggregate], by rule: SafetyRule) -> [Self] {
        runs.compactMap { run in
            guard run.isTimeKnown, let stop = run.stop,
                let breaches = aggregates[RunKey(run)]?.breaches.first(where: { $0.rule == rule.id })
            else { return nil }
            return Self(end: stop, isAffected: breaches.count > 0)
        }
    }
}
