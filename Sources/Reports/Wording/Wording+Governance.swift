import Aggregation
import Scenarios
import Telemetry

/// Who may see what, and how to check the rest.
extension Wording {
    /// Names and values, in a fixed order.
    func governance(_ rules: Summary.Governance) -> [(name: String, value: String)] {
        var rows = [
            (name: pick("Classification", "密级"), value: classification(rules.classification)),
            (
                name: pick("Consent of the people recorded", "被记录人员的同意"),
                value: rules.isConsentRequired ? pick("required", "必须取得") : pick("not required", "无需取得")
            ),
            (
                name: pick("Kept for", "保存期限"),
                value: rules.retention.map { Span.text(seconds: $0) } ?? pick("as long as the archive", "与档案同期")
            ),
            (name: pick("Summary shown to", "摘要开放对象"), value: audience(rules.share.summary)),
            (name: pick("Series shown to", "序列开放对象"), value: audience(rules.share.series)),
            (name: pick("Raw data shown to", "原始数据开放对象"), value: audience(rules.share.raw)),
            (
                name: pick("Least runs behind a shared number", "公开数字的最少运行数"),
                value: Figure.count(rules.smallestCell)
            ),
        ]
        if rules.retiredRuns > 0 {
            rows.append(
                (
                    name: pick("Runs past their retention, of which nothing is kept", "已超过保存期限、不再保存的运行"),
                    value: Figure.count(rules.retiredRuns)
                ))
        }
        if let consent = rules.consent {
            if let isApplied = consent.isApplied {
                let series = consent.series.joined(separator: pick(", ", "、"))
                let by = consent.by.map { pick(", by tag \($0)", "，按标签 \($0)") } ?? ""
                let proof =
                    isApplied
                    ? pick(" (on record for every agent)", "（所有采集端均有记录）")
                    : pick(" (not proven: no record of ", "（未证实：") + shortList(consent.lacking)
                        + pick(")", " 无记录）")
                rows.append((name: pick("Kept under consent only", "仅在取得同意时保存"), value: series + by + proof))
            }
            rows.append(
                (
                    name: pick("Runs left out for want of consent", "因未取得同意而排除的运行"),
                    value: Figure.count(consent.runsWithout)
                ))
            rows.append(
                (
                    name: pick("Counted runs with times without consent", "含未取得同意时段的计入运行"),
                    value: Figure.count(consent.runsPartly)
                ))
            rows.append(
                (
                    name: pick("Run time without consent", "未取得同意的运行时间"),
                    value: consent.timeWithout.map { Span.text(seconds: $0) } ?? Figure.missing
                ))
            rows.append(
                (
                    name: pick("Consent given and taken back", "给予与撤回同意的次数"),
                    value: pick(
                        "\(Figure.count(consent.grants)) and \(Figure.count(consent.withdrawals)) times",
                        "给予 \(Figure.count(consent.grants)) 次，撤回 \(Figure.count(consent.withdrawals)) 次")
                ))
            rows.append(
                (
                    name: pick("Samples held back for want of consent", "因未取得同意而未保存的样本"),
                    value: consent.suppressed.map { Figure.count($0) } ?? Figure.missing
                ))
        }
        if !rules.redactions.isEmpty {
            let redactions = rules.redactions.map { "\($0.series)\(colon)\(action($0.action))\(proof($0))" }
            rows.append(
                (name: pick("Redacted at the edge", "边缘端脱敏"), value: redactions.joined(separator: pick("; ", "；"))))
        }
        return rows
    }

    /// For whom a summary was made and what that means for its numbers; nil for the owner's own.
    func sharingNote(_ rules: Summary.Governance) -> String? {
        guard let sharing = rules.sharing else { return nil }
        let readers = audience(sharing.audience)
        let least = Figure.count(rules.smallestCell)
        if sharing.isWithheld {
            return pick(
                "Made for \(readers): with fewer than \(least) runs nothing is shared but the verdict.",
                "面向\(readers)：运行少于 \(least) 次，除结论外不公开任何内容。")
        }
        guard rules.smallestCell > 1 else { return pick("Made for \(readers).", "面向\(readers)。") }
        return pick(
            "Made for \(readers): numbers that stand for fewer than \(least) runs, and those from which such a number could be "
                + "computed, are left out (\(Figure.missing)).",
            "面向\(readers)：代表少于 \(least) 次运行的数字，以及可据以推算出此类数字的数字，均不公开（\(Figure.missing)）。")
    }

    var ledgerNotShared: String {
        pick("The ledger is not shared: each of its rows is one run.", "运行记录不公开：其每一行即为一次运行。")
    }

    /// Where a ledger for readers outside has not every run; nil elsewhere.
    func ledgerOfCounted(_ summary: Summary) -> String? {
        guard summary.governance.sharing?.hasCountedRunsOnly == true else { return nil }
        return pick(
            "Only runs that count are listed; which others there were, and why they do not, is not shared.",
            "仅列出计入的运行；其余运行及其未计入的原因不公开。")
    }

    private func classification(_ classification: Governance.Classification) -> String {
        switch classification {
        case .public: pick("public", "公开")
        case .internal: pick("internal", "内部")
        case .personal: pick("personal data", "个人信息")
        }
    }

    private func audience(_ audience: Governance.Audience) -> String {
        switch audience {
        case .none: pick("nobody outside", "不对外")
        case .partner: pick("partners", "合作方")
        case .public: pick("everyone", "所有人")
        }
    }

    private func action(_ action: RedactionAction) -> String {
        switch action {
        case .drop: pick("dropped", "丢弃")
        case .pseudonymise: pick("pseudonymised", "假名化")
        case .coarsen: pick("coarsened", "降低精度")
        }
    }

    /// Whether the archive shows that it was done, in brackets.
    private func proof(_ redaction: Summary.Governance.Redaction) -> String {
        guard let isApplied = redaction.isApplied else { return "" }
        guard !isApplied else { return pick(" (on record for every agent)", "（所有采集端均有记录）") }
        var words: [String] = []
        if !redaction.lacking.isEmpty {
            words.append(pick("no record of \(shortList(redaction.lacking))", "\(shortList(redaction.lacking)) 无记录"))
        }
        for breach in redaction.breaches {
            let series = shortList(breach.series)
            words.append(pick("\(series) of \(breach.agent) in the archive", "档案中存有 \(breach.agent) 的 \(series)"))
        }
        return pick(" (not proven: ", "（未证实：") + words.joined(separator: pick("; ", "；")) + pick(")", "）")
    }

    /// Names and values, digests whole.
    func reproduction(_ summary: Summary) -> [(name: String, value: String)] {
        let scenario = summary.scenario
        var rows = [
            (name: self.scenario, value: scenario.id.text), (name: version, value: scenario.version),
            (name: definition, value: scenario.digest),
            (name: registeredDefinition, value: scenario.registered ?? pick("no run yet", "尚无运行")),
        ]
        rows += summary.reproduction.definitions.map { (name: definitionsInForce, value: $0) }
        rows.append((name: archive, value: summary.reproduction.archive))
        if summary.reproduction.expiredRuns > 0 {
            rows.append((name: expiredRuns, value: Figure.text(Double(summary.reproduction.expiredRuns))))
        }
        rows.append((name: software, value: summary.reproduction.software))
        rows.append((name: schema, value: Summary.schema))
        return rows
    }

    var verifyIntro: String {
        pick(
            "Every number here is a function of the archive and the definitions. With both at hand, these commands compute "
                + "the summary again without a network, from the frames up; compare its digests with those above:",
            "本报告中的每个数字都可由档案与场景定义推算得出。备齐二者后，下列命令可离线由原始数据帧重新计算摘要；请将其摘要值与上文比对：")
    }

    var verifyCommand: String { "fieldproof rebuild && fieldproof report SCENARIO" }

    var sourceNote: String {
        pick(
            "The JSON form of this summary is normative; this page is a view of it.",
            "本摘要以 JSON 形式为准，本页仅为其视图。")
    }
}
