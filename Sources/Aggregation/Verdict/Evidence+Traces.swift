import Scenarios
import Telemetry

extension Evidence {
    /// How a metric went over all runs, excluded ones too; nil without a sample. `folded`: the aggregate of each run.
    func trace(of metric: Scenarios.Metric, _ folded: [RunAggregate?]) -> Summary.Trace? {
        let isDuration = metric.source == .runDuration
        // With many runs several share a point; with few the points of a run are as many as fit.
        let width = max(1, (runs.count + Summary.Trace.mostPoints - 1) / Summary.Trace.mostPoints)
        var parts = isDuration || width > 1 ? 1 : Envelope.length
        while parts > 1, parts * runs.count > Summary.Trace.mostPoints { parts /= 2 }
        let stretches = stride(from: 0, to: runs.count, by: width).map { first in
            let range = first...min(first + width, runs.count) - 1
            let counted = range.filter { runs[$0].exclusion == nil }
            var joined = [Envelope.Part](repeating: Envelope.Part(), count: parts)
            for run in counted.isEmpty ? Array(range) : counted {
                if isDuration {
                    if let part = duration(of: runs[run], metric) { joined[0] = joined[0] + part }
                } else if let place = folded[run]?.place(of: metric.id), let metrics = folded[run]?.metrics {
                    metrics[place].envelope.join(into: &joined)
                }
            }
            return Summary.Trace.Stretch(
                runs: range,
                points: joined.map { part in
                    part.count == 0
                        ? nil : Summary.Trace.Point(count: part.count, min: part.least, max: part.greatest)
                })
        }
        guard stretches.contains(where: { $0.points.contains { $0 != nil } }) else { return nil }
        return Summary.Trace(
            every: isDuration ? nil : metric.every.map { Double($0) / 1e9 }, parts: parts, stretches: stretches,
            limits: limits(on: metric.id))
    }

    private func duration(of run: Run, _ metric: Scenarios.Metric) -> Envelope.Part? {
        let observed = observation(.runDuration(metric: metric.id), of: run)
        guard observed.isExact, let value = observed.value else { return nil }
        return Envelope.Part(count: 1, least: value, greatest: value)
    }

    /// The thresholds that can be drawn over the metric's samples.
    private func limits(on metric: String) -> [Summary.Trace.Limit] {
        definition.criteria.flatMap { $0.limits(on: metric) }
            + definition.safety.compactMap { rule in
                guard case .level(metric, let side, let threshold, _) = rule.condition else { return nil }
                return Summary.Trace.Limit(
                    kind: .safety, id: rule.id, comparator: side == .above ? .atMost : .atLeast, value: threshold.value)
            }
    }
}

extension Scenarios.Criterion {
    /// None where the threshold is of something else than the metric's level.
    fileprivate func limits(on metric: String) -> [Summary.Trace.Limit] {
        func limit(_ comparator: Comparator, _ value: Double) -> Summary.Trace.Limit {
            Summary.Trace.Limit(kind: .criterion, id: id, comparator: comparator, value: value)
        }
        guard let observed = statistic.observation, observed.metric == metric else { return [] }
        if case .perRun(_, .duration) = observed { return [] }
        guard case .tolerance(_, _, let around?) = statistic else { return [limit(comparator, threshold.value)] }
        return comparator == .atMost
            ? [limit(.atLeast, around - threshold.value), limit(.atMost, around + threshold.value)] : []
    }
}
