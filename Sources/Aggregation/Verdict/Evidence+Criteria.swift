import Scenarios
import Statistics
import Telemetry

extension Evidence {
    /// What the counted runs say of a criterion, by site first where the criterion asks for it.
    func judge(
        _ criterion: Scenarios.Criterion, _ view: ConsentView
    ) throws(AggregationError) -> Summary.Criterion {
        var strata: [Summary.Stratum] = []
        if case .bySite = criterion.grouping {
            for site in sites {
                strata.append(
                    Summary.Stratum(site, try estimate(criterion, over: counted.filter { $0.site == site }, view)))
            }
        }
        let pooled = Summary.Criterion(criterion, try estimate(criterion, over: counted, view), strata: strata)
        guard case .bySite(.all) = criterion.grouping, let deciding = strata.deciding(criterion.comparator) else {
            return pooled
        }
        return pooled.decided(by: deciding)
    }

    /// The sites of the definition, also those without runs; of a definition without sites, those of the counted runs.
    private var sites: [Identifier] {
        definition.sites.isEmpty ? Set(counted.map(\.site)).sorted() : definition.sites.map(\.id)
    }

    /// The criteria that the error of the sketches may leave open: the runs folded again with all values kept tell.
    ///
    /// A run's 95th percentile is the one value that may rest on a sketch's quantile, in a run of more than ``RunFold/mostValues`` samples
    /// of the metric; its mean, extremes, last value and duration are exact,
    /// as are counts and durations of runs, and what is `over: samples` gives no verdict. So these are all criteria over a `reduce: p95`,
    /// coordinates of poses among them, that are inconclusive, and would be decided if all values were at an end of what the sketch leaves
    /// open, or at its best number.
    ///
    /// - Throws: ``AggregationError/Code/invalidStatistic`` for a definition outside the domain of its statistics.
    package func criteriaOpenBySketch() throws(AggregationError) -> [String] {
        let view = ConsentView(self)
        var open: [String] = []
        for criterion in definition.criteria {
            guard criterion.statistic.restsOnSketch else { continue }
            let groups: [[Run]]
            switch criterion.grouping {
            case .bySite(.all): groups = sites.map { site in counted.filter { $0.site == site } }
            case .bySite(.pooled), .pooled: groups = [counted]
            }
            for runs in groups {
                let found = try estimate(criterion, over: runs, view)
                guard found.verdict == .inconclusive, isSketched(criterion, runs) else { continue }
                // Values that a sketch gives may be equal in it alone.
                var isOpen = found.obstacle == .equalValues || found.obstacle == .exactValues
                for end in Observation.End.allCases where !isOpen {
                    isOpen = try estimate(criterion, over: runs, view, taking: end).verdict != .inconclusive
                }
                guard isOpen else { continue }
                open.append(criterion.id)
                break
            }
        }
        return open
    }
}

extension Evidence {
    private func isSketched(_ criterion: Scenarios.Criterion, _ runs: [Run]) -> Bool {
        criterion.statistic.observations.contains { observed in
            runs.contains { run in
                let value = observation(observed, of: run)
                return value.value != nil && !value.isExact
            }
        }
    }
}

extension Scenarios.Criterion.Statistic {
    /// Whether a value of it comes of a sketch's quantile.
    fileprivate var restsOnSketch: Bool {
        observations.contains { if case .perRun(_, .p95) = $0 { true } else { false } }
    }
}

extension Summary.Stratum {
    fileprivate init(_ site: Identifier, _ estimate: Estimate) {
        self.init(
            site: site, estimate: estimate.estimate, lower: estimate.lower, upper: estimate.upper, n: estimate.n,
            missing: estimate.missing, events: estimate.events, exposure: estimate.exposure,
            verdict: estimate.verdict, moreRuns: estimate.moreRuns, resolution: estimate.resolution,
            obstacle: estimate.obstacle)
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
            n: estimate.n, missing: estimate.missing, events: estimate.events, exposure: estimate.exposure,
            verdict: estimate.verdict, moreRuns: estimate.moreRuns, resolution: estimate.resolution,
            obstacle: estimate.obstacle, site: nil,
            note: criterion.isDescriptive ? "no confidence: samples are correlated" : estimate.note, strata: strata)
    }

    /// The same criterion with the verdict of the site that decides; a description keeps the numbers of all runs.
    fileprivate func decided(by deciding: (stratum: Summary.Stratum, moreRuns: Int?)) -> Summary.Criterion {
        var criterion = self
        criterion.estimate = deciding.stratum.estimate
        criterion.lower = deciding.stratum.lower
        criterion.upper = deciding.stratum.upper
        criterion.n = deciding.stratum.n
        criterion.missing = deciding.stratum.missing
        criterion.events = deciding.stratum.events
        criterion.exposure = deciding.stratum.exposure
        criterion.verdict = deciding.stratum.verdict
        criterion.moreRuns = deciding.moreRuns
        criterion.resolution = deciding.stratum.resolution
        criterion.obstacle = deciding.stratum.obstacle
        criterion.site = deciding.stratum.site
        return criterion
    }
}

extension Scenarios.Criterion {
    fileprivate var method: Summary.Method {
        guard !isDescriptive else { return .description }
        switch statistic {
        case .proportion(.events(_, _, areIndependent: false), .clopperPearson): return .clusteredClopperPearson
        case .proportion(.events(_, _, areIndependent: false), .wilson): return .clusteredWilson
        case .proportion(_, .clopperPearson): return .clopperPearson
        case .proportion(_, .wilson): return .wilson
        case .proportion(_, .sprt): return .sprt
        case .proportion(_, .anytime): return .confidenceSequence
        case .quantile: return .orderStatistics
        case .mean(_, .studentT): return .studentT
        case .mean(_, .bca): return .bca
        case .tolerance: return .noncentralT
        case .rate: return .garwood
        case .mtbf: return .chiSquared
        case .availability: return .alternatingRenewal
        case .poseAccuracy, .poseRepeatability: return .iso9283
        }
    }
}
