package import Scenarios

/// All that was found, from which the scenario's verdict follows.
struct Findings {
    /// Runs that were left out for their outcome, or for want of consent: too many of either, and nobody knows what the others stand for.
    struct Exclusions {
        /// Nil where the definition leaves out none for it.
        let outcome: String?
        let count: Int
        /// Those among them that ended otherwise.
        let unconsented: Int
        /// Ended runs: those that count and those left out.
        let total: Int
        /// Where the definition states none, no run may be left out: whoever may choose the runs by consent chooses the verdict.
        let limit: Double

        init(_ evidence: Evidence) {
            let rule = evidence.definition.runs.exclusion
            outcome = rule?.outcome
            limit = rule?.atMost ?? 0
            unconsented = evidence.runs.count(where: \.isWithoutConsent)
            count =
                unconsented + evidence.runs.count { run in rule.map { run.exclusion == .outcome($0.outcome) } ?? false }
            total = count + evidence.counted.count
        }

        var areTooMany: Bool { Double(count) > limit * Double(total) }
    }

    let criteria: [Summary.Criterion]
    let safety: [Summary.Safety]
    let completeness: Summary.Completeness
    let exclusions: Exclusions
    let countedRuns: Int
    /// Whether the definition changed after the first run.
    let isChanged: Bool
    let changes: [DefinitionChange]
    /// What became of the redaction that the definition demands.
    let redactions: [Summary.Governance.Redaction]
    /// What was held back for want of consent; nil where nothing has to do with it.
    let consent: Summary.Governance.Consent?
    /// Runs that are not among those judged, since their data may be kept no longer.
    let retiredRuns: Int
    /// Counted runs that miss more than the definition allows for all.
    let lossyRuns: [RunAccount]

    /// The verdict, and the sentence that names what decided it.
    var verdict: (Verdict, Summary.Text) {
        let (verdict, main, isAboutData) = decision
        var clauses = [main] + remarks(isAboutData: isAboutData)
        if retiredRuns > 0, main != retired { clauses.append(retired) }
        return (verdict, clauses.sentence)
    }

    private var decision: (Verdict, Summary.Text, isAboutData: Bool) {
        if let breach = safety.first(where: { $0.severity == .critical && $0.verdict == .fail }) {
            return (.fail, breach.clause, false)
        }
        if let failed = criteria.first(where: { $0.verdict == .fail }) { return (.fail, failed.clause, false) }
        if countedRuns == 0 { return (.inconclusive, noRuns, false) }
        if let open = criteria.first(where: { $0.verdict == .inconclusive }) {
            return (.inconclusive, open.clause, false)
        }
        if let broken = completeness.checks.first(where: { !$0.holds }) {
            return (.inconclusive, clause(broken), true)
        }
        if exclusions.areTooMany { return (.inconclusive, exclusions.clause, false) }
        if let unseen = safety.first(where: { $0.severity == .critical && $0.verdict == .inconclusive }) {
            return (.inconclusive, unseen.unseenClause, false)
        }
        // What they showed is gone: a breach, or failures enough. Waiting must not make a pass of that.
        if retiredRuns > 0 { return (.inconclusive, retired, false) }
        let judged = criteria.filter { $0.verdict != nil }
        guard let first = judged.first else { return (.inconclusive, noCriterion, false) }
        return (.pass, first.clause, false)
    }

    /// What a reader must know besides.
    private func remarks(isAboutData: Bool) -> [Summary.Text] {
        var remarks: [Summary.Text] = []
        let judged = criteria.filter { $0.verdict != nil }
        if judged.count > 1, judged.allSatisfy({ $0.verdict == .pass }) {
            remarks.append(
                Summary.Text(en: "all \(judged.count) criteria hold", zh: "全部 \(judged.count) 项判据均成立"))
        }
        let broken = completeness.checks.first { !$0.holds }
        if !isAboutData, let broken { remarks.append(clause(broken)) }
        // Whatever else is amiss, nobody may miss that people's data are where they should not be.
        if let check = completeness.checks.first(where: { $0.id == .redaction && !$0.holds }), check != broken {
            remarks.append(clause(check))
        }
        if let check = completeness.checks.first(where: { $0.id == .consent && !$0.holds }), check != broken {
            remarks.append(clause(check))
        }
        if let held = consent?.clause { remarks.append(held) }
        if broken?.id != .loss, !lossyRuns.isEmpty { remarks.append(lossyRuns.clause) }
        if broken?.id != .time, completeness.untimed > 0 { remarks.append(completeness.untimedClause) }
        let breached = safety.filter { $0.severity != .critical && $0.verdict == .fail }.map(\.id)
        if !breached.isEmpty {
            remarks.append(
                Summary.Text(
                    en: "other safety rules were breached: \(breached.joined(separator: ", "))",
                    zh: "其他安全规则被违反：\(breached.joined(separator: "、"))"))
        }
        if isChanged {
            remarks.append(changed)
        }
        return remarks
    }

    private var changed: Summary.Text {
        let named = changes.prefix(3).map(\.clause)
        let more = changes.count - named.count
        var text = Summary.Text(en: "the definition was changed after the first run", zh: "定义在首次运行之后被修改")
        guard !named.isEmpty else { return text }
        text.en += " (" + named.joined(separator: ", ") + (more > 0 ? ", and \(more) more" : "") + ")"
        text.zh += "（" + named.joined(separator: "，") + (more > 0 ? "，另有 \(more) 处" : "") + "）"
        return text
    }

    /// Broken completeness in words, with the runs that lack something.
    private func clause(_ check: Summary.Check) -> Summary.Text {
        if check.id == .redaction { return redactions.clause }
        if check.id == .consent, let consent { return consent.lackingClause }
        let clause = check.clause(completeness)
        guard check.id == .loss, !lossyRuns.isEmpty else { return clause }
        let runs = lossyRuns.clause
        return Summary.Text(en: "\(clause.en); \(runs.en)", zh: "\(clause.zh)；\(runs.zh)")
    }

    private var noRuns: Summary.Text {
        guard let first = criteria.first(where: { $0.verdict != nil }), let more = first.moreRuns else {
            return Summary.Text(en: "no run counts yet", zh: "尚无计入的运行")
        }
        return Summary.Text(
            en: "no run counts yet; at least \(more) are needed for the \(first.label.en)",
            zh: "尚无计入的运行；\(first.label.zh)至少需要 \(more) 次")
    }

    private var retired: Summary.Text {
        Summary.Text(
            en: retiredRuns == 1
                ? "1 run is past its retention, and what it showed is not known any more: ask for a period after it"
                : "\(retiredRuns) runs are past their retention, and what they showed is not known any more: ask for a period after them",
            zh: "\(retiredRuns) 次运行已超过保存期限，其结果已无从得知：请选择其后的时间段")
    }

    private var noCriterion: Summary.Text {
        Summary.Text(en: "no criterion gives a verdict", zh: "没有可判定的判据")
    }
}

extension [Summary.Text] {
    /// Clauses as one sentence.
    fileprivate var sentence: Summary.Text {
        let english = map(\.en).joined(separator: "; ")
        return Summary.Text(
            en: english.prefix(1).uppercased() + english.dropFirst() + ".", zh: map(\.zh).joined(separator: "；") + "。")
    }
}

extension DefinitionChange {
    /// `criteria[success-rate].at-least: 0.95 → 0.9`.
    package var clause: String {
        func short(_ text: String?) -> String {
            guard let text else { return "–" }
            return text.count > 40 ? text.prefix(39) + "…" : text
        }
        return "\(path): \(short(before)) → \(short(after))"
    }
}
