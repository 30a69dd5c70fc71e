import Scenarios
import Statistics
import Telemetry

extension CriterionPlanning {
    /// A mean needs to be told from its limit: how many runs depends on its distance in standard deviations.
    func mean(_ question: Question) throws(StatisticsError) -> Answer {
        if let open = openByRounding { return open }
        let (effect, words) = try effect(question)
        guard let effect, effect > 0 else {
            return Answer(
                fewest: runs(2, Summary.Text(en: "values that are nearly equal", zh: "数值几乎相同")),
                note: Summary.Text(
                    en: "by the runs so far the mean is not on the good side of its limit",
                    zh: "就目前运行而言，平均值不在达标一侧"))
        }
        return Answer(
            fewest: runs(2, Summary.Text(en: "values that are nearly equal", zh: "数值几乎相同")),
            powered: runs(
                try Moments.runs(effect: effect, power: powerAtEachPlace, at: question.confidence), words))
    }

    /// What values that a sensor rounds show of a mean; nil where rounding is no matter.
    private var openByRounding: Answer? {
        let fewest = runs(2, Summary.Text(en: "values that are nearly equal", zh: "数值几乎相同"))
        switch Rounding(of: values, step: resolution) {
        case .fine: return nil
        case .unknown:
            return Answer(
                fewest: fewest,
                note: Summary.Text(
                    en: "all values so far are equal, which proves nothing: state the 'resolution' of the metric",
                    zh: "目前全部数值相同，不能证明任何结论：请在指标中声明 resolution"))
        case .coarse(let step):
            guard abs(distance(Moments(values).mean)) <= 0.5 * step else { return nil }
            let text = figure(step)
            return Answer(
                note: Summary.Text(
                    en: "the mean so far is within half a step of its limit, and values come in steps of \(text): no "
                        + "number of runs decides; measure more finely",
                    zh: "目前的平均值与阈值相差不到半个步长，而数值步长为 \(text)：再多运行也无法判定，请采用更精细的测量"))
        }
    }

    /// How many standard deviations the mean lies on the good side; half a one where nothing is known.
    private func effect(_ question: Question) throws(StatisticsError) -> (Double?, Summary.Text) {
        let moments = Moments(values)
        if let truth, let deviation = moments.standardDeviation, deviation > 0 {
            return (distance(truth) / deviation, observed(deviation, truth))
        }
        if let deviation = moments.standardDeviation, deviation > 0 {
            return (distance(moments.mean) / deviation, observed(deviation, moments.mean))
        }
        return (
            0.5,
            Summary.Text(
                en: "if the true mean lies half a standard deviation on the good side; plan again after some runs",
                zh: "若真实平均值位于达标侧半个标准差处；运行数次后请重新规划")
        )
    }

    private func distance(_ mean: Double) -> Double {
        criterion.comparator == .atLeast ? mean - criterion.threshold.value : criterion.threshold.value - mean
    }

    private func observed(_ deviation: Double, _ mean: Double) -> Summary.Text {
        Summary.Text(
            en:
                "if the true mean is \(figure(mean)) and the standard deviation \(figure(deviation)), as \(values.count) runs had it",
            zh: "若真实平均值为 \(figure(mean))、标准差为 \(figure(deviation))（据 \(values.count) 次运行）")
    }

    func tolerance(_ share: Double, _ around: Double?, _ question: Question) throws(StatisticsError) -> Answer {
        let moments = Moments(values)
        let note = Summary.Text(
            en: "values are taken to be normal; where they are not, use a quantile", zh: "假定数值服从正态分布；否则请用分位数")
        let fewest = runs(2, Summary.Text(en: "values that are nearly equal", zh: "数值几乎相同"))
        if Rounding(of: values, step: resolution) == .unknown {
            return Answer(
                fewest: fewest,
                note: Summary.Text(
                    en: note.en
                        + "; all values so far are equal, which proves nothing: state the 'resolution' of the metric",
                    zh: note.zh + "；目前全部数值相同，不能证明任何结论：请在指标中声明 resolution"))
        }
        guard moments.count < 2 else { return Answer(fewest: fewest, note: note) }
        return Answer(
            fewest: fewest,
            note: Summary.Text(
                en: note.en + "; how many runs depends on their spread: plan again after some",
                zh: note.zh + "；所需运行数取决于离散程度，运行数次后请重新规划"))
    }

    func rate(_ event: String, _ question: Question) throws(StatisticsError) -> Answer {
        guard let second = Unit("/s"), let scale = Unit.convert(1, from: second, to: criterion.threshold.unit) else {
            return Answer()
        }
        guard case .atMost(let limit) = question.requirement else {
            return Answer(
                note: Summary.Text(
                    en: "a rate that must be high needs events; plan again after some runs", zh: "下限型发生率需要事件；运行数次后请重新规划"
                ))
        }
        let truth = truth ?? limit / 2
        let free = try EventRate.eventFreeExposure(proving: limit, at: question.confidence)
        let powered = try EventRate.exposure(
            meeting: question.requirement, ifRateIs: truth, power: powerAtEachPlace, at: question.confidence)
        return Answer(
            fewest: time(free.map { $0 * scale }, without(event)),
            powered: time(
                powered.map { $0 * scale },
                Summary.Text(en: "if the true rate is \(figure(truth))", zh: "若真实发生率为 \(figure(truth))")))
    }

    func timeBetween(_ event: String, _ question: Question) throws(StatisticsError) -> Answer {
        guard let scale = Unit.convert(1, from: criterion.threshold.unit, to: .second) else { return Answer() }
        guard case .atLeast(let limit) = question.requirement else {
            return Answer(
                note: Summary.Text(
                    en: "a time between events that must be short needs events; plan again after some runs",
                    zh: "上限型间隔时间需要事件；运行数次后请重新规划"))
        }
        let truth = truth ?? limit * 2
        let free = try MeanTimeBetweenFailures.failureFreeTime(proving: limit, at: question.confidence)
        let powered = try MeanTimeBetweenFailures.time(
            proving: limit, ifMeanIs: truth, power: powerAtEachPlace, at: question.confidence)
        return Answer(
            fewest: time(free * scale, without(event)),
            powered: time(
                powered.map { $0 * scale },
                Summary.Text(
                    en: "if the true mean time is \(figure(truth))", zh: "若真实平均间隔为 \(figure(truth))")))
    }

    private func without(_ event: String) -> Summary.Text {
        Summary.Text(en: "without a single \(event)", zh: "无一次 \(event)")
    }

    func availability() -> Answer {
        Answer(
            note: Summary.Text(
                en:
                    "rests on outages: without a full one, nothing is known of how long one lasts; plan again after some",
                zh: "以停机为依据：没有完整的停机就无法得知其持续时间；发生后请重新规划"))
    }

    func poses(_ cycles: Int) -> Answer {
        let isPrescribed = cycles == Scenarios.Criterion.prescribedCycles
        let why =
            isPrescribed
            ? Summary.Text(en: "the cycles that ISO 9283:1998 prescribes", zh: "ISO 9283:1998 规定的循环次数")
            : Summary.Text(
                en: "the cycles that the definition asks for, where ISO 9283:1998 prescribes 30",
                zh: "定义要求的循环次数（ISO 9283:1998 规定 30 次）")
        return Answer(fewest: runs(cycles, why), powered: runs(cycles, why))
    }
}
