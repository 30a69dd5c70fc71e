import Scenarios
import Statistics
import Telemetry

extension Evidence {
    /// What the safety rules found in all runs, excluded ones too: what happened in an invalid run happened.
    ///
    /// A rule must have been watched in every run that counts, and in those that would but for consent: of what happened while nobody was allowed to
    /// look nothing is known.
    func safety(isBroken: Bool, _ view: ConsentView) -> [Summary.Safety] {
        definition.safety.map { rule in
            var count = 0
            var first: Timestamp?
            var isSeen = !isBroken
            for run in runs where run.exclusion != .unfinished {
                let mustBeWatched = run.exclusion == nil || run.isWithoutConsent
                guard let aggregate = aggregate(of: run),
                    let breaches = aggregate.breaches.first(where: { $0.rule == rule.id })
                else {
                    if mustBeWatched { isSeen = false }
                    continue
                }
                if mustBeWatched, isHeldBack(rule, in: run, view) { isSeen = false }
                if case .burn = rule.condition { continue }
                count += breaches.count
                if let time = breaches.first { first = min(first ?? time, time) }
                if case .level(let metric, _, _, _) = rule.condition, mustBeWatched,
                    aggregate.metric(metric).map({ $0.sketch.count + $0.sketch.nonFinite == 0 }) ?? true
                {
                    isSeen = false
                }
            }
            if case .burn(_, let budget, let burns) = rule.condition {
                let affected = BurnRate.Run.ended(counted, aggregates, by: rule)
                (count, first) = BurnRate(budget: budget, rules: burns).episodes(in: affected)
                // A run that has no place in time could have been the one.
                if affected.count < counted.count { isSeen = false }
            }
            return Summary.Safety(
                id: rule.id, severity: rule.severity, condition: rule.text, count: count, first: first,
                verdict: count > rule.allowed ? .fail : isSeen ? .pass : .inconclusive)
        }
    }
}

extension Evidence {
    /// Whether the rule could not be watched all through the run, since nobody had consented.
    private func isHeldBack(_ rule: SafetyRule, in run: Run, _ view: ConsentView) -> Bool {
        guard !view.isEmpty else { return false }
        switch rule.condition {
        case .events(let name, _), .burn(let name, _, _): return !view.held(event: name, in: run).isEmpty
        case .level(let metric, _, _, _):
            return definition.metric(metric).map { !view.held($0, in: run).isEmpty } ?? false
        }
    }
}

extension SafetyRule {
    /// What must not happen, for people.
    package var text: Summary.Text {
        switch condition {
        case .events(let name, let atMost):
            return Summary.Text(
                en: "\(name) at most \(atMost) \(atMost == 1 ? "time" : "times")", zh: "\(name) 最多 \(atMost) 次")
        case .burn(let name, let budget, let burns):
            let windows = burns.map { rule in
                let (long, short) = (Figure.duration(rule.long), Figure.duration(rule.short))
                return Summary.Text(
                    en: "\(Figure.text(rule.factor)) times over \(long) and \(short)",
                    zh: "\(long) 与 \(short) 内 \(Figure.text(rule.factor)) 倍")
            }
            let share = Figure.percent(budget)
            return Summary.Text(
                en: "\(name) in at most \(share) of runs, used up no faster than "
                    + windows.map(\.en).joined(separator: " or "),
                zh: "\(name) 至多出现在 \(share) 的运行中，消耗速度不超过" + windows.map(\.zh).joined(separator: "或"))
        case .level(let metric, let side, let threshold, let lasting):
            let limit = Figure.text(threshold.value, threshold.unit.code)
            let duration = Figure.text(Double(lasting) / 1e9, "s")
            return Summary.Text(
                en: "\(metric) not \(side.rawValue) \(limit)" + (lasting > 0 ? " for \(duration)" : ""),
                zh: "\(metric) 不得\(side == .above ? "高于" : "低于") \(limit)" + (lasting > 0 ? "，持续 \(duration)" : ""))
        }
    }

    /// How often it may be.
    fileprivate var allowed: Int {
        switch condition {
        case .events(_, let atMost): atMost
        case .level, .burn: 0
        }
    }
}
