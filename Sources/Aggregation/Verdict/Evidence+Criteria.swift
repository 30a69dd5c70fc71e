import Scenarios
import Statistics
import Telemetry

extension Evidence {
    /// What the counted runs say of a criterion, by site first where the criterion asks for it.
    func judge(_ criterion: Scenarios.Criterion) throws(AggregationError) -> Summary.Criterion {
        var strata: [Summary.Stratum] = []
        if case .bySite = criterion.grouping {
            for site in sites {
                strata.append(Summary.Stratum(site, try estimate(criterion, over: counted.filter { $0.site == site })))
            }
        }
        let pooled = Summary.Criterion(criterion, try estimate(criterion, over: counted), strata: strata)
        guard case .bySite(.all) = criterion.grouping, let deciding = strata.deciding(criterion.comparator) else {
            return pooled
        }
        return pooled.decided(by: deciding)
    }

    /// The sites of the definition, also those without runs; of a definition without sites, those of the counted runs.
    private var sites: [Identifier] {
        definition.sites.isEmpty ? Set(counted.map(\.site)).sorted() : definition.sites.map(\.id)
    }

    /// The criteria that the error of the sketches alone leaves open: the runs folded again with exact values decide
    /// them.
    ///
    /// - Throws: ``AggregationError/Code/invalidStatistic`` for a definition outside the domain of its statistics.
    package func criteriaOpenBySketch() throws(AggregationError) -> [String] {
        var open: [String] = []
        for criterion in definition.criteria {
            guard case .perRun(_, .p95)? = criterion.statistic.observation else { continue }
            let groups: [[Run]]
            switch criterion.grouping {
            case .bySite(.all): groups = sites.map { site in counted.filter { $0.site == site } }
            case .bySite(.pooled), .pooled: groups = [counted]
            }
            for runs in groups where try estimate(criterion, over: runs).verdict == .inconclusive {
                guard try estimate(criterion, over: runs, ignoringErrors: true).verdict != .inconclusive else {
                    continue
                }
                open.append(criterion.id)
                break
            }
        }
        return open
    }

    private func estimate(
        _ criterion: Scenarios.Criterion, over runs: [Run], ignoringErrors: Bool = false
    ) throws(AggregationError) -> Estimate {
        do throws(StatisticsError) {
            guard let stated = criterion.confidence else { return try description(criterion, over: runs) }
            let confidence = try Confidence(stated)
            let requirement = Requirement(criterion)
            switch criterion.statistic {
            case .proportion(_, let method):
                return try proportion(criterion, method, over: runs, requirement, at: confidence)
            case .quantile(let q, let observed):
                let values = values(observed, of: runs, ignoringErrors: ignoringErrors)
                return try values.quantile(q, requirement, at: confidence)
            case .mean(let observed):
                let values = values(observed, of: runs, ignoringErrors: ignoringErrors)
                return try values.mean(requirement, at: confidence)
            }
        } catch {
            throw AggregationError(.invalidStatistic, "\(error)", at: "criterion \(criterion.id)")
        }
    }

    private func values(
        _ observed: Scenarios.Criterion.Observation, of runs: [Run], ignoringErrors: Bool
    ) -> RunValues {
        let observations = runs.map { observation(observed, of: $0) }
        return RunValues(observations: ignoringErrors ? observations.map(\.withoutError) : observations)
    }

    /// A run whose outcome is not known counts against the criterion (``Criterion/isHit(_:)``).
    private func proportion(
        _ criterion: Scenarios.Criterion, _ method: Scenarios.Criterion.ProportionMethod, over runs: [Run],
        _ requirement: Requirement, at confidence: Confidence
    ) throws(StatisticsError) -> Estimate {
        let hits = runs.count { criterion.isHit($0) ?? false }
        let share = try Proportion(successes: hits, trials: runs.count)
        let method: Proportion.Method =
            switch method {
            case .clopperPearson: .clopperPearson
            case .wilson: .wilson
            }
        return try Estimate(
            share.bounds(method, at: confidence), n: runs.count, missing: runs.count { !$0.hasKnownOutcome },
            requirement: requirement
        ) { () throws(StatisticsError) in try share.moreRuns(for: requirement, method, at: confidence) }
    }

    private func description(
        _ criterion: Scenarios.Criterion, over runs: [Run]
    ) throws(StatisticsError) -> Estimate {
        guard let metric = criterion.statistic.observation?.metric else { return Estimate(describing: nil, n: 0) }
        var sketch = FoldTotals.emptySketch
        for run in runs {
            if let folded = aggregate(of: run)?.metric(metric) { try sketch.merge(folded.sketch) }
        }
        switch criterion.statistic {
        case .quantile(let q, _): return Estimate(describing: try sketch.quantile(q), n: sketch.count)
        case .mean, .proportion: return Estimate(describing: sketch.mean, n: sketch.count)
        }
    }
}

extension Summary.Stratum {
    fileprivate init(_ site: Identifier, _ estimate: Estimate) {
        self.init(
            site: site, estimate: estimate.estimate, lower: estimate.lower, upper: estimate.upper, n: estimate.n,
            missing: estimate.missing, verdict: estimate.verdict, moreRuns: estimate.moreRuns)
    }
}

extension [Summary.Stratum] {
    /// The first of the worst verdict whose bound on the side of the requirement is the worst; none bounds are the
    /// worst.
    fileprivate func deciding(_ comparator: Comparator) -> (stratum: Summary.Stratum, moreRuns: Int?)? {
        guard let worst = Verdict.worst(of: compactMap(\.verdict)) else { return nil }
        let candidates = filter { $0.verdict == worst }
        let found = candidates.min { a, b in
            switch comparator {
            case .atLeast: a.lower ?? -.infinity < b.lower ?? -.infinity
            case .atMost: a.upper ?? .infinity > b.upper ?? .infinity
            }
        }
        guard let found else { return nil }
        guard worst == .inconclusive else { return (found, 0) }
        var total: Int? = 0
        for stratum in candidates { total = total.flatMap { sum in stratum.moreRuns.map { sum + $0 } } }
        return (found, total)
    }
}

extension Summary.Criterion {
    fileprivate init(_ criterion: Scenarios.Criterion, _ estimate: Estimate, strata: [Summary.Stratum]) {
        self.init(
            id: criterion.id, label: criterion.label, statistic: criterion.statistic.name, method: criterion.method,
            estimate: estimate.estimate, lower: estimate.lower, upper: estimate.upper,
            confidence: criterion.confidence?.level,
            bound: criterion.confidence.map { $0.bound == .oneSided ? .oneSided : .twoSided },
            comparator: criterion.comparator, threshold: criterion.threshold.value, unit: criterion.threshold.unit.code,
            n: estimate.n, missing: estimate.missing, verdict: estimate.verdict, moreRuns: estimate.moreRuns, site: nil,
            note: criterion.isDescriptive ? "no confidence: samples are correlated" : nil, strata: strata)
    }

    /// The same criterion with the verdict of the site that decides; a description keeps the numbers of all runs.
    fileprivate func decided(by deciding: (stratum: Summary.Stratum, moreRuns: Int?)) -> Summary.Criterion {
        var criterion = self
        criterion.estimate = deciding.stratum.estimate
        criterion.lower = deciding.stratum.lower
        criterion.upper = deciding.stratum.upper
        criterion.n = deciding.stratum.n
        criterion.missing = deciding.stratum.missing
        criterion.verdict = deciding.stratum.verdict
        criterion.moreRuns = deciding.moreRuns
        criterion.site = deciding.stratum.site
        return criterion
    }
}

extension Scenarios.Criterion {
    fileprivate var method: Summary.Method {
        guard !isDescriptive else { return .description }
        switch statistic {
        case .proportion(_, .clopperPearson): return .clopperPearson
        case .proportion(_, .wilson): return .wilson
        case .quantile: return .orderStatistics
        case .mean: return .studentT
        }
    }
}
