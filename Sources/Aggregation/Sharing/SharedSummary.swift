package import Scenarios
import Telemetry

extension Summary {
    /// The summary as readers outside may have it: without numbers that stand for fewer runs than the definition's `smallest-cell`, and without
    /// those from which such a number could be computed. `none`, nobody outside, is the owner, who has all.
    ///
    /// - Outcomes, sites: what is smaller is left out, and with it the next smallest, until what is left out together is no smaller. A site is
    ///   left out of every criterion alike.
    /// - A share, or a count of events, of which one side is smaller: its estimate and bounds are left out at every site.
    /// - What is one run's alone: the ledger, a metric's trace, least and greatest value, when a safety rule was first breached, the reason's
    ///   words; the period is widened to whole days (UTC).
    /// - With fewer counted runs in all than that, nothing is left but the verdict.
    /// - Consent, where boxes have rules of it or the definition asks for it: ledger rows of runs that do not count, traces, and the reason's words.
    /// - Data about people: runs and subjects get numbers in place of names, and words that people wrote are left out.
    ///
    /// The rules for cells are those of statistical disclosure control: threshold rule and secondary suppression (Hundepool et al., Statistical
    /// Disclosure Control, 2012, chapter 4). Two summaries over different selections can still be subtracted from each other; share one.
    package func shared(with reader: Scenarios.Governance.Audience) -> Summary {
        guard reader != .none else { return self }
        var making = SharedSummary(self, reader)
        return making.made()
    }
}

/// A summary on its way to readers outside.
struct SharedSummary {
    private var summary: Summary
    private let least: Int
    private let reader: Scenarios.Governance.Audience
    private var suppressed: [String] = []
    /// Whether the summary's own reason may tell of consent that was not given.
    private var mayTellOfConsent: Bool { summary.governance.consent != nil }

    init(_ summary: Summary, _ reader: Scenarios.Governance.Audience) {
        self.summary = summary
        self.reader = reader
        least = summary.governance.smallestCell
    }

    mutating func made() -> Summary {
        suppressConsent()
        let isWithheld = least > 1 && (summary.runs.counted ?? 0) < least
        if isWithheld {
            withhold()
        } else if least > 1 {
            suppressRuns()
            suppressCriteria()
            suppressDetails()
        }
        if summary.governance.classification == .personal { pseudonymise() }
        if least > 1 || summary.governance.classification == .personal || mayTellOfConsent {
            summary.reason = reason(isWithheld: isWithheld)
        }
        summary.governance.sharing = .init(audience: reader, suppressed: suppressed, isWithheld: isWithheld)
        return summary
    }

    /// Leaves the verdict, and what is known before any run.
    private mutating func withhold() {
        summary.runs = Summary.Runs(total: nil, counted: nil, excluded: nil, outcomes: [])
        summary.criteria = []
        summary.safety = []
        summary.metrics = []
        summary.ledger = []
        summary.reproduction.expiredRuns = 0
        summary.governance.retiredRuns = 0
        summary.reproduction.extent = nil
        summary.completeness = Summary.Completeness(
            verdict: summary.completeness.verdict, accepted: 0, delivered: 0, lost: 0, pending: 0, duplicates: 0,
            untimed: 0,
            unusable: 0, coverage: nil, longestGap: nil, clockError: nil, checks: [], streams: [])
        summary.completeness.isShared = false
        summary.governance.redactions = summary.governance.redactions.map {
            Summary.Governance.Redaction(series: $0.series, action: $0.action, isApplied: $0.isApplied)
        }
        if let consent = summary.governance.consent {
            summary.governance.consent = .init(series: consent.series, by: consent.by)
            summary.governance.consent?.isApplied = consent.isApplied
        }
        summary.period = summary.period.wholeDays
        suppressed = ["runs", "criteria", "safety", "completeness", "metrics", "ledger", "period"]
    }

    // MARK: - Consent

    /// Nobody outside may learn that somebody took consent back, nor when: how often it was given and taken back, for how long nothing was
    /// recorded and how much that would have been is the owner's alone. Counts of runs are shared as others are, but not of data about people; that
    /// runs were left out shows in their number.
    ///
    /// What is left out does not depend on whether anybody took consent back, or its absence would tell. So a ledger has no run that does not count:
    /// a row without its reason, beside others that end in plain sight as invalid or not at all, would be one without consent. And there are no
    /// traces, in which holes show.
    private mutating func suppressConsent() {
        guard var consent = summary.governance.consent else { return }
        let runs = [consent.runsWithout, consent.runsPartly].compactMap(\.self)
        let isTelling = summary.governance.classification == .personal || runs.contains(where: { 0 < $0 && $0 < least })
        if isTelling {
            consent.runsWithout = nil
            consent.runsPartly = nil
        }
        consent.timeWithout = nil
        consent.grants = nil
        consent.withdrawals = nil
        consent.suppressed = nil
        summary.governance.consent = consent
        suppressed.append("governance.consent")
        if !summary.ledger.isEmpty {
            summary.ledger.removeAll { $0.excluded != nil }
            for index in summary.ledger.indices { summary.ledger[index].completeness?.withoutConsent = nil }
            suppressed.append(Summary.Governance.SharedWith.excludedRuns)
        }
        for index in summary.metrics.indices where summary.metrics[index].trace != nil {
            summary.metrics[index].trace = nil
            suppressed.append("metrics.\(summary.metrics[index].id).trace")
        }
    }

    // MARK: - Runs

    private mutating func suppressRuns() {
        let runs = summary.runs
        let total = runs.total ?? 0
        var isTotalHidden = runs.total == nil
        if let excluded = runs.excluded, 0 < excluded, excluded < least {
            // What counts is behind every criterion, so the total would give away the rest.
            summary.runs.excluded = nil
            summary.runs.total = nil
            isTotalHidden = true
            suppressed += ["runs.excluded", "runs.total"]
        }
        let counts = runs.outcomes.map { $0.count ?? 0 }
        // Runs without an outcome are shown nowhere, and are what the others leave of the total.
        let without = max(0, total - counts.reduce(0, +))
        var hidden = Cells.hidden(counts + [without], least: least)
        if isTotalHidden, hidden.isEmpty, let smallest = Cells.smallest(of: counts) { hidden = [smallest] }
        for index in hidden.sorted() where index < counts.count {
            summary.runs.outcomes[index].count = nil
            suppressed.append("runs.outcomes.\(runs.outcomes[index].outcome)")
        }
    }

    // MARK: - Criteria

    private mutating func suppressCriteria() {
        let sites = hiddenSites
        for index in summary.criteria.indices {
            let criterion = summary.criteria[index]
            let isRevealing = criterion.tellsFew(least, hiding: sites)
            var isHidden = isRevealing || isSmall(criterion.n)
            if let site = criterion.site, sites.contains(site) { isHidden = true }
            if isHidden {
                summary.criteria[index].suppress()
                suppressed.append("criteria.\(criterion.id)")
            }
            for (place, stratum) in criterion.strata.enumerated() where isRevealing || sites.contains(stratum.site) {
                summary.criteria[index].strata[place].suppress()
                suppressed.append("criteria.\(criterion.id).\(stratum.site)")
            }
        }
    }

    /// The same for all criteria: a site that is left out of one only could be seen in another.
    private var hiddenSites: Set<Identifier> {
        var counts: [Identifier: Int] = [:]
        for entry in summary.ledger where entry.excluded == nil { counts[entry.site, default: 0] += 1 }
        for stratum in summary.criteria.flatMap(\.strata) {
            guard let n = stratum.n else { continue }
            counts[stratum.site] = min(counts[stratum.site] ?? n, n)
        }
        let sites = counts.keys.sorted()
        return Set(Cells.hidden(sites.map { counts[$0] ?? 0 }, least: least).map { sites[$0] })
    }

    private func isSmall(_ count: Int?) -> Bool { count.map { 0 < $0 && $0 < least } ?? false }

    // MARK: - What is one run's alone

    private mutating func suppressDetails() {
        for index in summary.safety.indices {
            let rule = summary.safety[index]
            if isSmall(rule.count) {
                summary.safety[index].count = nil
                suppressed.append("safety.\(rule.id).count")
            }
            guard rule.first != nil else { continue }
            summary.safety[index].first = nil
            suppressed.append("safety.\(rule.id).first")
        }
        // The greatest share of marked samples, with the count of samples, gives a number of them away.
        let hasFewMarked = summary.metrics.contains { isSmall($0.marked) }
        for index in summary.metrics.indices {
            let metric = summary.metrics[index]
            if isSmall(metric.count) || isSmall(metric.refused) || isSmall(metric.marked) {
                summary.metrics[index].suppress()
                suppressed.append("metrics.\(metric.id)")
                continue
            }
            if metric.trace != nil {
                // It is told run by run, or by a few together.
                summary.metrics[index].trace = nil
                suppressed.append("metrics.\(metric.id).trace")
            }
            if metric.min != nil || metric.max != nil {
                summary.metrics[index].min = nil
                summary.metrics[index].max = nil
                suppressed += ["metrics.\(metric.id).min", "metrics.\(metric.id).max"]
            }
        }
        for index in summary.completeness.checks.indices {
            let check = summary.completeness.checks[index]
            if check.id == .marked, hasFewMarked, check.value != nil {
                summary.completeness.checks[index].value = nil
                suppressed.append("completeness.checks.\(check.id.rawValue)")
                continue
            }
            guard [.expired, .tail, .heard].contains(check.id), let value = check.value, isSmall(Int(value)) else {
                continue
            }
            summary.completeness.checks[index].value = nil
            suppressed.append("completeness.checks.\(check.id.rawValue)")
        }
        if isSmall(summary.governance.retiredRuns) {
            summary.governance.retiredRuns = 0
            suppressed.append("governance.retired_runs")
        }
        if isSmall(summary.reproduction.expiredRuns) {
            summary.reproduction.expiredRuns = 0
            suppressed.append("reproduction.expired_runs")
        }
        if !summary.ledger.isEmpty {
            summary.ledger = []
            suppressed.append("ledger")
        }
        summary.period = summary.period.wholeDays
        suppressed.append("period")
    }

    // MARK: - People

    /// The ledger is there only where single runs may be shown.
    private mutating func pseudonymise() {
        var subjects: [String: Int] = [:]
        for index in summary.ledger.indices {
            if let run = Identifier("run-\(index + 1)") { summary.ledger[index].run = run }
            if let subject = summary.ledger[index].subject {
                let number = subjects[subject] ?? subjects.count + 1
                subjects[subject] = number
                summary.ledger[index].subject = "subject-\(number)"
            }
            summary.ledger[index].failureMode = nil
        }
        if summary.reproduction.selection?.subject != nil {
            summary.reproduction.selection?.subject = nil
            suppressed.append("reproduction.selection.subject")
        }
        guard !summary.ledger.isEmpty else { return }
        suppressed += ["ledger.run", "ledger.subject", "ledger.failure_mode"]
    }

    // MARK: - Words

    /// Why the verdict is what it is, without a number or a name of a run.
    private func reason(isWithheld: Bool) -> Summary.Text {
        if isWithheld {
            return Summary.Text(
                en: "The verdict rests on fewer than \(least) runs, so no number of them is shared.",
                zh: "结论所依据的运行少于 \(least) 次，故不公开任何数字。")
        }
        var names: [String] = []
        switch summary.verdict {
        case .pass:
            return Summary.Text(en: "Every criterion holds, and the data are complete enough.", zh: "各项判据均成立，数据足够完整。")
        case .fail:
            names = summary.safety.filter { $0.severity == .critical && $0.verdict == .fail }.map(\.id)
            names += summary.criteria.filter { $0.verdict == .fail }.map(\.id)
        case .inconclusive:
            names = summary.criteria.filter { $0.verdict == .inconclusive }.map(\.id)
            names += summary.completeness.checks.filter { !$0.holds }.map(\.id.rawValue)
        }
        guard !names.isEmpty else {
            return Summary.Text(en: "The runs do not decide it.", zh: "现有运行不足以判定。")
        }
        return summary.verdict == .fail
            ? Summary.Text(
                en: "Not met: \(names.joined(separator: ", ")).", zh: "未满足：\(names.joined(separator: "、"))。")
            : Summary.Text(
                en: "Not decided: \(names.joined(separator: ", ")).", zh: "尚未判定：\(names.joined(separator: "、"))。")
    }
}

extension Summary.Governance.SharedWith {
    /// How `suppressed` names ledger rows of runs that do not count.
    fileprivate static let excludedRuns = "ledger.excluded"

    /// Whether the ledger, where there is one, lacks the runs that do not count.
    package var hasCountedRunsOnly: Bool { suppressed.contains(Self.excludedRuns) }
}

extension Summary.Period {
    /// The whole days (UTC) that it touches.
    fileprivate var wholeDays: Summary.Period {
        let day: Int64 = 86_400_000_000_000
        func floor(_ time: Timestamp) -> Int64 {
            let rest = time.nanoseconds % day
            return time.nanoseconds.subtractingReportingOverflow(rest < 0 ? rest + day : rest).partialValue
        }
        let end = floor(to)
        let (next, overflow) = end.addingReportingOverflow(day)
        return Summary.Period(
            from: Timestamp(nanoseconds: floor(from)),
            to: end == to.nanoseconds || overflow ? to : Timestamp(nanoseconds: next))
    }
}
