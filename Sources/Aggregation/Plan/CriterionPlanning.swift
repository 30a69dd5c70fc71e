import Scenarios
import Statistics
import Telemetry

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Works out what one criterion needs.
struct CriterionPlanning {
    let criterion: Scenarios.Criterion
    let assumptions: ScenarioPlan.Assumptions
    /// Seconds.
    let runTime: Double?
    /// How many sites must each hold it.
    let places: Int
    let found: Summary.Criterion?
    /// What counted runs gave to it.
    let values: [Double]
    /// The step in which they are recorded, where the definition states it.
    let resolution: Double?

    /// What is found out of a kind of statistic.
    struct Answer {
        var fewest: CriterionPlan.Need?
        var powered: CriterionPlan.Need?
        var allowances: [CriterionPlan.Allowance] = []
        var note: Summary.Text?
    }

    func plan() throws(AggregationError) -> CriterionPlan {
        let answer: Answer
        let level: Double
        do throws(StatisticsError) {
            guard let stated = criterion.confidence else {
                throw StatisticsError(.invalidParameter, "a description has none", at: "confidence")
            }
            level = stated.level
            answer = try self.answer(Question(requirement: Requirement(criterion), confidence: Confidence(stated)))
        } catch {
            throw AggregationError(.invalidStatistic, "\(error)", at: "criterion \(criterion.id)")
        }
        return CriterionPlan(
            id: criterion.id, label: criterion.label, statistic: criterion.statistic.name,
            comparator: criterion.comparator, threshold: criterion.threshold.value,
            unit: criterion.threshold.unit.code, confidence: level, places: places, fewest: answer.fewest,
            powered: answer.powered, allowances: answer.allowances, note: answer.note,
            found: found.map { CriterionPlan.Found(n: $0.n ?? 0, verdict: $0.verdict, moreRuns: $0.moreRuns) })
    }

    private func answer(_ question: Question) throws(StatisticsError) -> Answer {
        switch criterion.statistic {
        case .proportion(let trials, let method): try proportion(trials, method, question)
        case .quantile(let q, _): try quantile(q, question)
        case .mean: try mean(question)
        case .tolerance(let share, _, let around): try tolerance(share, around, question)
        case .rate(let event): try rate(event, question)
        case .mtbf(let event): try timeBetween(event, question)
        case .availability: availability()
        case .poseAccuracy(_, _, let cycles), .poseRepeatability(_, let cycles): poses(cycles)
        }
    }

    /// The power that each place needs so that all of them together have that of the assumptions.
    var powerAtEachPlace: Double { places == 1 ? assumptions.power : pow(assumptions.power, 1 / Double(places)) }

    /// So many runs at each place.
    func runs(_ count: Int?, _ assumption: Summary.Text) -> CriterionPlan.Need {
        CriterionPlan.Need(runs: count.map { $0 * places }, exposure: nil, assumption: assumption)
    }

    /// So many seconds at each place, as runs where it is known how long one takes.
    func time(_ seconds: Double?, _ assumption: Summary.Text) -> CriterionPlan.Need? {
        guard let seconds else { return nil }
        let count = runTime.flatMap { runTime -> Int? in
            let runs = (seconds / runTime).rounded(.up)
            return runs < 0x1p53 ? Int(runs) * places : nil
        }
        return CriterionPlan.Need(runs: count, exposure: seconds * Double(places), assumption: assumption)
    }

    /// What is assumed to be true of the criterion, if anything was said.
    var truth: Double? { assumptions.truths[criterion.id] }

    /// A number in the criterion's unit.
    func figure(_ value: Double) -> String {
        criterion.threshold.unit == .one ? Figure.percent(value) : Figure.text(value, criterion.threshold.unit.code)
    }
}
