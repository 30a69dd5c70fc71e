import Scenarios
import Statistics
import Telemetry

extension Evidence {
    /// What the safety rules found in all runs, excluded ones too: what happened in an invalid run happened.
    func safety(isBroken: Bool) -> [Summary.Safety] {
        definition.safety.map { rule in
            var count = 0
            var first: Timestamp?
            var isSeen = !isBroken
            for run in runs where run.exclusion != .unfinished {
                guard let aggregate = aggregate(of: run),
                    let breaches = aggregate.breaches.first(where: { $0.rule == rule.id })
                else {
                    if run.exclusion == nil { isSeen = false }
                    continue
                }
                count += breaches.count
                if let time = breaches.first { first = min(first ?? time, time) }
                if case .level(let metric, _, _, _) = rule.condition, run.exclusion == nil,
                    aggregate.metric(metric).map({ $0.sketch.count + $0.sketch.nonFinite == 0 }) ?? true
                {
                    isSeen = false
                }
            }
            return Summary.Safety(
                id: rule.id, severity: rule.severity, condition: condition(of: rule), count: count, first: first,
                verdict: count > rule.allowed ? .fail : isSeen ? .pass : .inconclusive)
        }
    }

    private func condition(of rule: SafetyRule) -> Summary.Text {
        switch rule.condition {
        case .events(let name, let atMost):
            return Summary.Text(
                en: "\(name) at most \(atMost) \(atMost == 1 ? "time" : "times")", zh: "\(name) 最多 \(atMost) 次")
        case .level(let metric, let side, let threshold, let lasting):
            let limit = Figure.text(threshold.value, threshold.unit.code)
            let duration = Figure.text(Double(lasting) / 1e9, "s")
            return Summary.Text(
                en: "\(metric) not \(side.rawValue) \(limit)" + (lasting > 0 ? " for \(duration)" : ""),
                zh: "\(metric) 不得\(side == .above ? "高于" : "低于") \(limit)" + (lasting > 0 ? "，持续 \(duration)" : ""))
        }
    }
}

extension SafetyRule {
    /// How often it may be.
    fileprivate var allowed: Int {
        switch condition {
        case .events(_, let atMost): atMost
        case .level: 0
        }
    }
}
