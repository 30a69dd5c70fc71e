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

    /// How a run keeps to a rule on completeness.
    package init(_ shortfall: RunShortfall, of scenario: Identifier, in run: RunKey, subject: String?) {
        let cause = Alert.Cause(
            .completeness, shortfall.rule.rawValue, of: scenario, site: run.site, run: run.run)
        let standing: Standing = shortfall.isBroken.map { $0 ? .ongoing : .over } ?? .unknown
        self.init(
            cause, standing, count: standing == .ongoing ? 1 : 0, since: shortfall.since, shortfall.rule.severity,
            text: shortfall.text(cause.place))
        self.subject = subject
        value = shortfall.value
        limit = shortfall.limit
        unit = shortfall.rule == .clockError ? "s" : "1"
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

extension RunShortfall.Rule {
    /// What is lost stays lost; a hole may be filled yet, and a clock be put right.
    fileprivate var severity: SafetyRule.Severity { self == .loss ? .major : .warning }
}

extension RunShortfall {
    fileprivate func text(_ place: (en: String, zh: String)) -> Alert.Text {
        let (shown, most) = (value.map { Figure.percent($0) } ?? "", Figure.percent(limit))
        let agents = parts.map(\.agent.text)
        switch rule {
        case .loss:
            let lost = parts.map { (en: "\($0.samples) samples of \($0.agent)", zh: "\($0.agent) 的 \($0.samples) 个样本") }
            return Alert.Text(
                raised: (
                    "More is lost\(place.en) than may be: \(lost.map(\.en).joined(separator: ", ")), \(shown); at most \(most).",
                    "\(place.zh)丢失超过允许：\(lost.map(\.zh).joined(separator: "、"))，占 \(shown)；上限 \(most)。"
                ),
                cleared: (
                    "What is lost\(place.en) is no more than may be.",
                    "\(place.zh)丢失已在允许范围内。"
                ))
        case .hole:
            let missing = parts.map {
                (
                    en: "\($0.frames) frames of \($0.agent) with \($0.samples) samples",
                    zh: "\($0.agent) 的 \($0.frames) 帧（\($0.samples) 个样本）"
                )
            }
            return Alert.Text(
                raised: (
                    "Data stay missing\(place.en) although their agent is there: \(missing.map(\.en).joined(separator: ", ")).",
                    "\(place.zh)代理在线但数据一直缺失：\(missing.map(\.zh).joined(separator: "、"))。"
                ),
                cleared: (
                    "What was missing\(place.en) has come, or is accounted for.",
                    "\(place.zh)缺失的数据已到达或已有说明。"
                ))
        case .clockError:
            let (error, bound) = (
                value.map { Figure.text($0, "s") }, Figure.duration(Int64((limit * 1e9).rounded()))
            )
            let (en, zh) = (agents.joined(separator: ", "), agents.joined(separator: "、"))
            return Alert.Text(
                raised: (
                    error.map { "The clock of \(en) may be wrong by \($0)\(place.en); at most \(bound)." }
                        ?? "The clock of \(en) is not synchronised\(place.en): when its data were taken is not known.",
                    error.map { "\(place.zh)\(zh) 的时钟误差可达 \($0)；上限 \(bound)。" }
                        ?? "\(place.zh)\(zh) 的时钟未同步：数据的时间未知。"
                ),
                cleared: (
                    "The times of all data\(place.en) are known well enough.",
                    "\(place.zh)所有数据的时间已足够准确。"
                ))
        }
    }
}
