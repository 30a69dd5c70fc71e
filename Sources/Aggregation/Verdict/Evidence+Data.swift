import Scenarios
import Statistics
import Telemetry

extension Evidence {
    /// The metrics of the counted runs.
    func metrics() throws(AggregationError) -> [Summary.Metric] {
        var metrics: [Summary.Metric] = []
        // Looked up once, and not for each metric.
        let folded = runs.map { aggregate(of: $0) }
        for metric in definition.metrics {
            do throws(StatisticsError) {
                switch metric.source {
                case .runDuration: metrics.append(try durations(metric, folded))
                case .series: metrics.append(try samples(metric, folded))
                }
            } catch {
                throw AggregationError(.tooManyValues, "\(error)", at: "metric \(metric.id)")
            }
        }
        return metrics
    }

    /// `folded`: of each run.
    private func samples(
        _ metric: Scenarios.Metric, _ folded: [RunAggregate?]
    ) throws(StatisticsError) -> Summary.Metric {
        var sketch = FoldTotals.emptySketch
        var dispersion = Dispersion()
        var unreliable = 0
        var marked = 0
        for index in runs.indices where runs[index].exclusion == nil {
            guard let place = folded[index]?.place(of: metric.id), let metrics = folded[index]?.metrics else {
                continue
            }
            try sketch.merge(metrics[place].sketch)
            dispersion.merge(metrics[place].dispersion)
            unreliable += metrics[place].unreliable
            marked += metrics[place].marked ?? 0
        }
        return Summary.Metric(
            id: metric.id, unit: metric.unit.code, count: sketch.count, refused: unreliable + sketch.nonFinite,
            marked: marked, mean: sketch.mean, stddev: dispersion.standardDeviation, min: sketch.minimum,
            max: sketch.maximum,
            p50: try sketch.quantile(0.5), p95: try sketch.quantile(0.95), p99: try sketch.quantile(0.99),
            relativeError: sketch.relativeError, trace: trace(of: metric, folded))
    }

    /// Durations are few, so their quantiles are exact. Runs without a known duration are counted as refused.
    private func durations(
        _ metric: Scenarios.Metric, _ folded: [RunAggregate?]
    ) throws(StatisticsError) -> Summary.Metric {
        let observations = counted.map { observation(.runDuration(metric: metric.id), of: $0) }
        let values = observations.filter(\.isExact).compactMap(\.value)
        let moments = Moments(values)
        let sorted = try SortedSample(values)
        return Summary.Metric(
            id: metric.id, unit: metric.unit.code, count: values.count, refused: observations.count - values.count,
            mean: moments.count == 0 ? nil : moments.mean, stddev: moments.standardDeviation, min: moments.minimum,
            max: moments.maximum, p50: try sorted.quantile(0.5), p95: try sorted.quantile(0.95),
            p99: try sorted.quantile(0.99), relativeError: 0,
            trace: trace(of: metric, folded))
    }

    func ledger(
        _ accounts: [RunKey: (account: RunAccount, completeness: Summary.RunCompleteness)]
    ) -> [Summary.LedgerEntry] {
        runs.map { run in
            Summary.LedgerEntry(
                run: run.id, site: run.site, subject: run.subject, start: run.start, stop: run.stop,
                outcome: run.outcome,
                failureMode: run.failureMode, intervention: run.intervention, excluded: run.exclusion?.description,
                flags: run.flags.names,
                values: definition.criteria.compactMap { criterion in
                    guard let observed = criterion.statistic.observation,
                        let value = observation(observed, of: run).value, value.isFinite
                    else { return nil }
                    return Summary.LedgerEntry.Value(criterion: criterion.id, value: value)
                }, completeness: accounts[RunKey(run)]?.completeness)
        }
    }

    var runCounts: Summary.Runs {
        var counts: [String: Int] = [:]
        for outcome in runs.compactMap(\.outcome) { counts[outcome, default: 0] += 1 }
        let known = definition.runs.outcomes
        let unknown = counts.keys.filter { !known.contains($0) }.sorted()
        let counted = counted.count
        return Summary.Runs(
            total: runs.count, counted: counted, excluded: runs.count - counted,
            outcomes: (known + unknown).map { Summary.Runs.Outcome(outcome: $0, count: counts[$0] ?? 0) })
    }
}

extension Summary.Scenario {
    init(_ evidence: Evidence) {
        let definition = evidence.definition
        self.init(
            id: definition.id, version: "\(definition.version)", digest: evidence.digest,
            registered: evidence.registered,
            title: definition.title.entries.map { Title(language: $0.language, text: $0.text) },
            setting: definition.setting)
        changes = evidence.changes
    }
}

extension Summary.Governance {
    /// `redactions`: the definition's, with what became of them. `consent`: what became of it.
    init(_ governance: Scenarios.Governance, redactions: [Redaction], consent: Consent?) {
        self.init(
            classification: governance.classification, isConsentRequired: governance.consent.isRequired,
            retention: governance.retention.map { Double($0) / 1e9 },
            redactions: redactions,
            share: Sharing(
                summary: governance.share.summary, series: governance.share.series, raw: governance.share.raw),
            smallestCell: governance.smallestCell)
        self.consent = consent
    }
}
