import Scenarios
import Statistics
import Telemetry

extension Evidence {
    /// The estimate of a criterion over some of the counted runs, in the order in which they began.
    ///
    /// - Parameters:
    ///   - criterion: of the definition.
    ///   - runs: of the counted ones.
    ///   - view: of this evidence; made once, since it looks at every run.
    ///   - end: takes this of what a sketch gives for exact.
    /// - Returns: what the runs say, with a verdict unless the criterion only describes.
    /// - Throws: ``AggregationError/Code/invalidStatistic`` for a criterion outside the domain of its statistic.
    func estimate(
        _ criterion: Scenarios.Criterion, over runs: [Run], _ view: ConsentView, taking end: Observation.End? = nil
    ) throws(AggregationError) -> Estimate {
        do throws(StatisticsError) {
            guard let stated = criterion.confidence else { return try description(criterion, over: runs) }
            let question = Question(requirement: Requirement(criterion), confidence: try Confidence(stated))
            func values(_ observed: Scenarios.Criterion.Observation) -> RunValues {
                let observations = runs.map { observation(observed, of: $0) }
                return RunValues(
                    observations: end.map { end in observations.map { $0.exact(at: end) } } ?? observations,
                    step: definition.resolution(of: observed))
            }
            func poses(_ axes: [Scenarios.Criterion.Observation], cycles: Int) -> RunPoses {
                RunPoses(
                    axes.map { values($0).observations }, steps: axes.map { definition.resolution(of: $0) },
                    cycles: cycles)
            }
            switch criterion.statistic {
            case .proportion(let trials, let method):
                let outcomes =
                    switch trials {
                    case .runs: self.outcomes(criterion, of: method.isSequential ? settled(runs) : runs)
                    case .events(let hit, let miss, let areIndependent):
                        events(hit, miss, areIndependent: areIndependent, of: runs, view)
                    }
                let estimate = try outcomes.estimate(method, question)
                // Such a plan would begin anew with each run that goes, until it finds what it looks for.
                return method.isSequential && retiredRuns > 0 ? estimate.left(openBy: .retiredRuns) : estimate
            case .quantile(let q, let observed): return try values(observed).quantile(q, question)
            case .mean(let observed, .studentT): return try values(observed).mean(question)
            case .mean(let observed, .bca): return try values(observed).bootstrappedMean(question)
            case .tolerance(let share, let observed, let around):
                return try values(observed).tolerance(share: share, around: around, question)
            case .rate(let event): return try exposure(event, of: runs, view).rate(criterion.threshold.unit, question)
            case .mtbf(let event):
                return try exposure(event, of: runs, view).timeBetween(criterion.threshold.unit, question)
            case .availability(let down, let up):
                return try availability(OutageRule(down: down, up: up), of: runs, question, view)
            case .poseAccuracy(let axes, let command, let cycles):
                return try poses(axes, cycles: cycles).accuracy(command: command, question)
            case .poseRepeatability(let axes, let cycles):
                return try poses(axes, cycles: cycles).repeatability(question)
            }
        } catch {
            throw AggregationError(.invalidStatistic, "\(error)", at: "criterion \(criterion.id)")
        }
    }

    /// A run whose outcome is not known counts against the criterion (``Criterion/isHit(_:)``).
    private func outcomes(_ criterion: Scenarios.Criterion, of runs: [Run]) -> Trials {
        let trials = runs.compactMap { criterion.isHit($0) }
        return Trials(
            sequence: trials, runs: runs.count, missing: runs.count { !$0.hasKnownOutcome }, events: nil)
    }

    /// A run without an aggregate may hold any number of misses, and so may one in which such events were held back.
    private func events(
        _ hit: String, _ miss: String, areIndependent: Bool, of runs: [Run], _ view: ConsentView
    ) -> Trials {
        var sequence: [Bool] = []
        var counts: [Trials.OfRun] = []
        var missing = 0
        for run in runs {
            guard view.allows([hit, miss], in: run), let aggregate = aggregate(of: run),
                let hits = aggregate.count(of: hit),
                let misses = aggregate.count(of: miss)
            else {
                missing += 1
                continue
            }
            counts.append((successes: hits, trials: hits + misses))
            sequence += repeatElement(true, count: hits)
            sequence += repeatElement(false, count: misses)
        }
        return Trials(
            sequence: sequence, runs: runs.count, missing: missing,
            events: areIndependent ? .independent : .alikeWithinRuns(counts))
    }

    private func exposure(_ event: String, of runs: [Run], _ view: ConsentView) -> Exposure {
        var exposure = Exposure()
        for run in runs {
            guard view.allows([event], in: run), let duration = run.duration,
                let count = aggregate(of: run)?.count(of: event)
            else {
                exposure.missing += 1
                continue
            }
            exposure.add(count, over: duration)
        }
        return exposure
    }

    /// An outage that a run's end cut short counts with the time it took until then.
    private func availability(
        _ rule: OutageRule, of runs: [Run], _ question: Question, _ view: ConsentView
    ) throws(StatisticsError) -> Estimate {
        let known = runs.compactMap { run in
            view.allows([rule.down, rule.up], in: run) ? aggregate(of: run)?.uptime(rule) : nil
        }
        let total = known.reduce(Uptime(), +)
        let availability = try Availability(
            cycles: total.repairs, up: Double(total.up) / 1e9, down: Double(total.down) / 1e9, isTruncated: true)
        let isWhole = known.count == runs.count
        let bounds = availability.bounds(at: question.confidence)
        var estimate = try Estimate(
            isWhole ? bounds : bounds.unknown(question.confidence), n: known.count,
            missing: runs.count - known.count, requirement: question.requirement
        ) { () throws(StatisticsError) in
            guard isWhole, total.repairs > 0 else { return nil }
            return try availability.moreCycles(for: question.requirement, at: question.confidence)
                .map { perRun($0, seen: total.repairs, in: known.count) }
        }
        estimate.events = total.failures
        estimate.exposure = (Double(total.up) + Double(total.down)) / 1e9
        return estimate
    }

    private func description(
        _ criterion: Scenarios.Criterion, over runs: [Run]
    ) throws(StatisticsError) -> Estimate {
        guard let metric = criterion.statistic.observation?.metric else { return Estimate(describing: nil, n: 0) }
        var sketch = FoldTotals.emptySketch
        for run in runs {
            if let folded = aggregate(of: run)?.metric(metric) { try sketch.merge(folded.sketch) }
        }
        if case .quantile(let q, _) = criterion.statistic {
            return Estimate(describing: try sketch.quantile(q), n: sketch.count)
        }
        return Estimate(describing: sketch.mean, n: sketch.count)
    }
}

/// What is asked of an estimate.
struct Question {
    let requirement: Requirement
    let confidence: Confidence
}

/// How many runs bring `more` of what `seen` runs gave so many of.
func perRun(_ more: Int, seen: Int, in runs: Int) -> Int {
    Int((Double(more) * Double(runs) / Double(seen)).rounded(.up))
}

extension Bounds {
    /// The same estimate where bounds cannot be told.
    func unknown(_ confidence: Confidence) -> Bounds {
        Bounds(estimate: estimate, lower: nil, upper: nil, at: confidence)
    }
}
