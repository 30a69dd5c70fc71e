package import Aggregation
import Scenarios
package import Telemetry

/// The sentences of alerts, for people.
extension Alert.Fact {
    /// What a safety rule shows.
    package init(_ finding: SafetyFinding, of scenario: Identifier) {
        let rule = finding.rule
        let cause = Alert.Cause(finding, of: scenario)
        let (unit, limit) = rule.limit
        var shown: (en: String, zh: String) = ("", "")
        if let value = finding.value {
            let figure = Figure.text(value, unit ?? "1")
            let source = finding.source.map { " (\($0))" } ?? ""
            shown = ("; now \(figure)\(source)", "；现为 \(figure)\(source)")
        }
        let place = cause.place
        self.init(
            cause, finding.isOngoing ? .ongoing : .over, count: finding.count, since: finding.since, rule.severity,
            text: Alert.Text(
                raised: (
                    "\(rule.id) is breached\(place.en): \(rule.text.en)\(shown.en).",
                    "\(place.zh)违反 \(rule.id)：\(rule.text.zh)\(shown.zh)。"
                ),
                cleared: (
                    "\(rule.id) is no longer breached\(place.en): \(rule.text.en).",
                    "\(place.zh)不再违反 \(rule.id)：\(rule.text.zh)。"
                )))
        subject = finding.subject
        value = finding.value
        self.limit = limit
        self.unit = unit
    }

    /// How a series is silent in a run.
    package init(_ silence: SeriesSilence, of scenario: Identifier, in run: RunKey, subject: String?) {
        let cause = Alert.Cause(
            .silentSeries, silence.metric, of: scenario, site: run.site, run: run.run, source: silence.source)
        let standing: Standing = silence.isSilent.map { $0 ? .ongoing : .over } ?? .unknown
        let place = cause.place
        let source = silence.source.map { " (\($0))" } ?? ""
        let limit = Figure.duration(silence.limit)
        self.init(
            cause, standing, count: standing == .ongoing ? 1 : 0, since: silence.since, .warning,
            text: Alert.Text(
                raised: (
                    "\(silence.metric)\(source) has been silent\(place.en) for more than \(limit).",
                    "\(place.zh)\(silence.metric)\(source) 静默已超过 \(limit)。"
                ),
                cleared: (
                    "\(silence.metric)\(source) is heard again\(place.en).",
                    "\(place.zh)\(silence.metric)\(source) 已恢复。"
                )))
        self.subject = subject
        value = Double(silence.length) / 1e9
        self.limit = Double(silence.limit) / 1e9
        unit = "s"
    }

    /// How an agent is heard.
    ///
    /// `isAwaited`: whether a run goes on at its site; only then is its silence told.
    package init(
        _ agent: AgentWatch.Agent, _ standing: AgentWatch.Standing, of scenario: Identifier, isAwaited: Bool,
        patience: Int64
    ) {
        let cause = Alert.Cause(
            .silentAgent, Alert.Kind.silentAgent.rawValue, of: scenario, site: agent.site, source: agent.agent.text)
        let text = Alert.Text(
            raised: (
                "Agent \(agent.agent) at \(agent.site) is not heard while a run goes on there.",
                "运行期间收不到 \(agent.site) 的代理 \(agent.agent)。"
            ),
            cleared: (
                "Agent \(agent.agent) at \(agent.site) is heard again, or no longer waited for.",
                "\(agent.site) 的代理 \(agent.agent) 已恢复，或不再等待。"
            ))
        let epoch = Timestamp(nanoseconds: 0)
        switch standing {
        case .heard, .gone: self.init(cause, .over, count: 0, since: epoch, .major, text: text)
        case .unknown: self.init(cause, .unknown, since: epoch, .major, text: text)
        case .silent(let since): self.init(cause, isAwaited ? .ongoing : .unknown, since: since, .major, text: text)
        }
        limit = Double(patience) / 1e9
        unit = "s"
    }

    /// Of a cause of which nothing is known any more but that it is over.
    init(ended cause: Alert.Cause, _ severity: SafetyRule.Severity, subject: String?) {
        let place = cause.place
        let source = cause.source.map { " (\($0))" } ?? ""
        let text = (en: "\(cause.rule)\(source) is over\(place.en).", zh: "\(place.zh)\(cause.rule)\(source) 已结束。")
        self.init(
            cause, .over, count: 0, since: Timestamp(nanoseconds: 0), severity,
            text: Alert.Text(raised: text, cleared: text))
        self.subject = subject
    }
}

extension Alert.Cause {
    /// That of a breach.
    init(_ finding: SafetyFinding, of scenario: Identifier) {
        self.init(
            finding.rule.isBurn ? .burn : .safety, finding.rule.id, of: scenario, site: finding.run?.site,
            run: finding.run?.run)
    }

    /// Where it is, as a sentence goes on: ` in run r17 at lab`.
    fileprivate var place: (en: String, zh: String) {
        switch (site, run) {
        case (let site?, let run?): (" in run \(run) at \(site)", "\(site) 的运行 \(run)：")
        case (let site?, nil): (" at \(site)", "\(site)：")
        default: ("", "")
        }
    }
}

extension SafetyRule {
    fileprivate var isBurn: Bool {
        if case .burn = condition { true } else { false }
    }

    /// With the unit that it is in, which a number of events has not.
    fileprivate var limit: (unit: String?, value: Double?) {
        switch condition {
        case .events(_, let atMost): (nil, Double(atMost))
        case .level(_, _, let threshold, _): (threshold.unit.code, threshold.value)
        case .burn(_, let budget, _): (nil, budget)
        }
    }
}
