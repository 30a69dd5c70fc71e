import Scenarios
import Telemetry

extension Evidence {
    /// What became of the redaction that the definition demands, rule by rule.
    ///
    /// It counts as applied when every start of an agent that may hold data of the runs has put a covering rule on record, and none of
    /// them has defined a series that should have been dropped.
    var redactions: [Summary.Governance.Redaction] {
        definition.governance.redactions.map { demand in
            let lacking = Set(starts.filter { !$0.hasApplied(demand.action, to: demand.series) }.map(\.name))
            var breaches: [String: Set<String>] = [:]
            if demand.action == .drop {
                for start in starts {
                    let names = start.series.filter { demand.series.matches($0) }
                    if !names.isEmpty { breaches[start.name, default: []].formUnion(names) }
                }
            }
            return Summary.Governance.Redaction(
                series: demand.series.text, action: demand.action, isApplied: lacking.isEmpty && breaches.isEmpty,
                lacking: lacking.sorted(),
                breaches: breaches.sorted { $0.key < $1.key }.map { agent, names in
                    .init(agent: agent, series: Array(names.sorted().prefix(Summary.Governance.Redaction.mostSeries)))
                })
        }
    }

    /// Nil where the definition demands no redaction.
    var redactionCheck: Summary.Check? {
        let redactions = redactions
        guard !redactions.isEmpty else { return nil }
        let agents = Set(redactions.flatMap { $0.lacking + $0.breaches.map(\.agent) })
        return Summary.Check(
            id: .redaction, value: Double(agents.count), limit: 0, unit: "1", holds: agents.isEmpty)
    }
}

extension [Summary.Governance.Redaction] {
    /// What should not be there, and who has no record: each demand that is not met.
    var clause: Summary.Text {
        func list(_ names: [String], _ en: String, _ zh: String) -> Summary.Text {
            let more = names.count - 3
            let named = names.prefix(3)
            return Summary.Text(
                en: named.joined(separator: ", ") + (more > 0 ? " and \(more) more" : ""),
                zh: named.joined(separator: "、") + (more > 0 ? "等 \(names.count) \(zh)" : ""))
        }
        var parts: [Summary.Text] = []
        for redaction in self {
            for breach in redaction.breaches.prefix(3) {
                let series = list(breach.series, "series", "个序列")
                parts.append(
                    Summary.Text(
                        en:
                            "the archive has \(series.en) of \(breach.agent), which should have been dropped at the edge",
                        zh: "档案中存有 \(breach.agent) 本应在边缘端丢弃的 \(series.zh)"))
            }
            if redaction.breaches.count > 3 {
                let more = redaction.breaches.count - 3
                parts.append(
                    Summary.Text(
                        en: "and such series of \(more) more \(more == 1 ? "agent" : "agents")",
                        zh: "另有 \(more) 个采集端存有此类序列"))
            }
            guard !redaction.lacking.isEmpty else { continue }
            let agents = list(redaction.lacking, "agents", "个采集端")
            parts.append(
                Summary.Text(
                    en:
                        "there is no record that \(agents.en) applied '\(redaction.action.rawValue) \(redaction.series)', "
                        + "which the definition demands",
                    zh: "没有记录表明 \(agents.zh) 执行了定义要求的 '\(redaction.action.rawValue) \(redaction.series)'"))
        }
        return Summary.Text(en: parts.map(\.en).joined(separator: "; "), zh: parts.map(\.zh).joined(separator: "；"))
    }
}
