import Scenarios

extension Summary {
    /// Judges the evidence.
    ///
    /// The scenario is the worst of its criteria; a breach of a critical safety rule is a fail whatever else holds;
    /// broken completeness, too many exclusions, a critical rule that cannot be judged, and runs past their retention block a pass. See
    /// <doc:Verdicts>.
    ///
    /// - Throws: ``AggregationError/Code/invalidStatistic`` for a definition outside the domain of its statistics,
    ///   ``AggregationError/Code/tooManyValues`` past 2^56 samples of a metric.
    package init(_ collected: Evidence) throws(AggregationError) {
        let evidence = collected.withoutUnconsented()
        let view = ConsentView(evidence)
        let consent = evidence.consentTold(view)
        var criteria: [Criterion] = []
        for criterion in evidence.definition.criteria { criteria.append(try evidence.judge(criterion, view)) }
        let coverage = RunCoverage(evidence, over: evidence.runs, view)
        let completeness = evidence.completeness(coverage, view)
        let scenario = Scenario(evidence)
        let accounts = evidence.runAccounts(coverage, view)
        let findings = Findings(
            criteria: criteria, safety: evidence.safety(isBroken: completeness.lacksData, view),
            completeness: completeness,
            exclusions: Findings.Exclusions(evidence), countedRuns: evidence.counted.count,
            isChanged: scenario.isChangedSinceFirstRun, changes: scenario.changes, redactions: evidence.redactions,
            consent: consent, retiredRuns: evidence.retiredRuns,
            lossyRuns: evidence.counted.compactMap { accounts[RunKey($0)] }
                .filter { $0.completeness.broken.contains(.loss) }.map(\.account))
        let (verdict, reason) = findings.verdict
        self.init(
            scenario: scenario, verdict: verdict, reason: reason,
            isInterim: evidence.isInterim || evidence.runs.contains { $0.exclusion == .unfinished },
            period: evidence.period, runs: evidence.runCounts, criteria: criteria, safety: findings.safety,
            completeness: completeness, metrics: try evidence.metrics(), ledger: evidence.ledger(accounts),
            governance: Governance(evidence.definition.governance, redactions: evidence.redactions, consent: consent),
            reproduction: evidence.reproduction)
        governance.retiredRuns = evidence.retiredRuns
    }
}
