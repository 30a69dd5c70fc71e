import Scenarios
import Statistics

/// The same criterion in two summaries.
struct CriterionPair {
    let baseline: Summary.Criterion
    let candidate: Summary.Criterion
    /// One for each counted run that has a value.
    let baselineValues: [Double]
    let candidateValues: [Double]

    func compare(at confidence: Confidence) throws(StatisticsError) -> CriterionComparison {
        // Runs that are not known count against a verdict; against whom they would count in a difference, nobody can say.
        if lacksRuns { return comparison(nil, nil, note: Self.unknownRuns) }
        return switch baseline.statistic {
        case "proportion" where areClustered: comparison(nil, nil, note: Self.sideBySide)
        case "proportion": try proportions(at: confidence)
        case "mean" where isOverRuns: means(at: confidence)
        case "quantile" where isOverRuns, "tolerance":
            try shift(at: confidence)
        case "rate", "mtbf": try rates(at: confidence)
        default: comparison(nil, nil, note: Self.sideBySide)
        }
    }

    private static let sideBySide = Summary.Text(
        en: "there is no interval on this difference; compare the two intervals", zh: "该差异没有置信区间，请比较两者各自的区间")

    private static let unknownRuns = Summary.Text(
        en: "runs without a known value on either side could make any difference", zh: "任一方存在数值未知的运行，差异无从判断")

    private static let equalValues = Summary.Text(
        en:
            "all values of one side are equal, which does not show how closely they were measured: state the 'resolution' "
            + "of the metric",
        zh: "其中一方的数值全部相同，无法看出测量的精细程度：请在指标中声明 resolution")

    /// Events of which those of one run may be alike: how alike, the two summaries do not say.
    private var areClustered: Bool {
        [baseline, candidate].contains { [.clusteredClopperPearson, .clusteredWilson].contains($0.method) }
    }

    /// Half a step of the values of each, 0 where they are fine; nil where those of one do not vary and their step is not known.
    private var halfSteps: (baseline: Double, candidate: Double)? {
        func halfStep(_ values: [Double], _ criterion: Summary.Criterion) -> Double? {
            let stated = ([criterion.resolution] + criterion.strata.map(\.resolution)).compactMap(\.self).max()
            return Rounding(of: values, step: stated).halfStep
        }
        guard let before = halfStep(baselineValues, baseline), let after = halfStep(candidateValues, candidate) else {
            return nil
        }
        return (before, after)
    }

    private func means(at confidence: Confidence) -> CriterionComparison {
        let difference = MeanDifference(from: Moments(baselineValues), to: Moments(candidateValues))
        guard let half = halfSteps else {
            return comparison(
                .welch, difference.bounds(at: confidence).unknown(confidence), note: Self.equalValues)
        }
        return comparison(.welch, difference.bounds(at: confidence, within: half.baseline, half.candidate))
    }

    private var lacksRuns: Bool {
        [baseline, candidate].contains { $0.missing != 0 || $0.strata.contains { $0.missing != 0 } }
            || isOverRuns && !baselineValues.isEmpty && !candidateValues.isEmpty
                && (baselineValues.count < runs(baseline) || candidateValues.count < runs(candidate))
    }

    private func runs(_ criterion: Summary.Criterion) -> Int {
        guard ["mean", "quantile", "tolerance"].contains(criterion.statistic) else { return 0 }
        return criterion.strata.isEmpty ? criterion.n ?? 0 : criterion.strata.reduce(0) { $0.saturatingAdd($1.n ?? 0) }
    }

    private var isOverRuns: Bool { baseline.verdict != nil && candidate.verdict != nil }

    private func proportions(at confidence: Confidence) throws(StatisticsError) -> CriterionComparison {
        let difference = ProportionDifference(from: try proportion(baseline), to: try proportion(candidate))
        return comparison(.newcombe, difference.bounds(at: confidence))
    }

    /// Trials are events where events were counted, and runs elsewhere. A criterion by site has the numbers of one site, so its sites are
    /// added up.
    private func proportion(_ criterion: Summary.Criterion) throws(StatisticsError) -> Proportion {
        var parts = criterion.strata.map { (trials: $0.events ?? $0.n ?? 0, estimate: $0.estimate) }
        if parts.isEmpty { parts = [(criterion.events ?? criterion.n ?? 0, criterion.estimate)] }
        var (hits, trials) = (0, 0)
        for part in parts {
            let share = part.estimate ?? 0
            guard (0...1).contains(share), part.trials <= 1 << 40 else {
                throw StatisticsError(.invalidParameter, "is no share of a number of trials", at: "estimate")
            }
            hits = hits.saturatingAdd(Int((share * Double(part.trials)).rounded()))
            trials = trials.saturatingAdd(part.trials)
        }
        return try Proportion(successes: hits, trials: trials)
    }

    /// Events and seconds over all sites; nil where some of it is not known.
    private func counts(_ criterion: Summary.Criterion) -> (events: Int, time: Double)? {
        guard criterion.strata.isEmpty else {
            let known = criterion.strata.compactMap { stratum in
                stratum.events.flatMap { events in stratum.exposure.map { (events: events, time: $0) } }
            }
            guard known.count == criterion.strata.count, criterion.strata.allSatisfy({ $0.missing == 0 }) else {
                return nil
            }
            return (known.reduce(0) { $0.saturatingAdd($1.events) }, known.reduce(0) { $0 + $1.time })
        }
        guard let events = criterion.events, let time = criterion.exposure, criterion.missing == 0 else { return nil }
        return (events, time)
    }

    private func shift(at confidence: Confidence) throws(StatisticsError) -> CriterionComparison {
        let shift = LocationShift(from: try SortedSample(baselineValues), to: try SortedSample(candidateValues))
        let bounds = shift.bounds(at: confidence)
        guard let half = halfSteps else {
            return comparison(.hodgesLehmann, bounds.unknown(confidence), note: Self.equalValues)
        }
        let slack = half.baseline + half.candidate
        let widened = Bounds(
            estimate: bounds.estimate, lower: bounds.lower.map { $0 - slack }, upper: bounds.upper.map { $0 + slack },
            at: confidence)
        return comparison(
            .hodgesLehmann, widened,
            note: Summary.Text(
                en: "the shift of all values, not of the \(baseline.statistic) alone", zh: "为全部数值的位移，而非该统计量之差"))
    }

    /// Given how many events there were in all, how many of them fall to the candidate is binomial with p = λ₂T₂ / (λ₁T₁ + λ₂T₂).
    private func rates(at confidence: Confidence) throws(StatisticsError) -> CriterionComparison {
        guard let (before, first) = counts(baseline), let (after, second) = counts(candidate), first > 0, second > 0
        else { return comparison(nil, nil, measure: .ratio) }
        let share = try Proportion(successes: after, trials: before.saturatingAdd(after)).bounds(at: confidence)
        func ratio(_ share: Double?) -> Double? {
            guard let share, share < 1 else { return nil }
            return share / (1 - share) * (first / second)
        }
        let rate = Bounds(
            estimate: ratio(share.estimate), lower: ratio(share.lower), upper: ratio(share.upper), at: confidence)
        guard baseline.statistic == "mtbf" else { return comparison(.conditionalBinomial, rate, measure: .ratio) }
        func inverse(_ value: Double?) -> Double? { value.flatMap { $0 > 0 ? 1 / $0 : nil } }
        let time = Bounds(
            estimate: inverse(rate.estimate), lower: inverse(rate.upper) ?? 0, upper: inverse(rate.lower),
            at: confidence)
        return comparison(.conditionalBinomial, time, measure: .ratio)
    }

    private func comparison(
        _ method: CriterionComparison.Method?, _ bounds: Bounds?, measure: CriterionComparison.Measure = .difference,
        note: Summary.Text? = nil
    ) -> CriterionComparison {
        CriterionComparison(
            id: baseline.id, label: baseline.label, statistic: baseline.statistic, comparator: baseline.comparator,
            unit: baseline.unit, baseline: side(baseline), candidate: side(candidate), measure: measure,
            method: method, estimate: bounds?.estimate, lower: bounds?.lower, upper: bounds?.upper,
            finding: finding(bounds, measure), note: note)
    }

    private func side(_ criterion: Summary.Criterion) -> CriterionComparison.Side {
        CriterionComparison.Side(
            estimate: criterion.estimate, n: criterion.n ?? 0, missing: criterion.missing ?? 0,
            verdict: criterion.verdict)
    }

    private func finding(_ bounds: Bounds?, _ measure: CriterionComparison.Measure) -> CriterionComparison.Finding {
        guard let bounds, bounds.lower != nil || bounds.upper != nil else { return .unknown }
        let nothing = measure == .ratio ? 1.0 : 0
        let isMoreBetter = baseline.comparator == .atLeast
        if let lower = bounds.lower, lower > nothing { return isMoreBetter ? .better : .worse }
        if let upper = bounds.upper, upper < nothing { return isMoreBetter ? .worse : .better }
        return .open
    }
}

extension Int {
    /// The sum, or the greatest number: a summary may come from anywhere.
    fileprivate func saturatingAdd(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
