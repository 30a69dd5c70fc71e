import Scenarios
import Telemetry

extension Scenarios.Criterion {
    /// What is estimated, in words, to stand after an article.
    var label: Summary.Text {
        switch statistic {
        case .proportion(.runs(let outcome, let among), _):
            guard !among.isEmpty else { return Summary.Text(en: "\(outcome) rate", zh: "\(outcome) 比率") }
            let words = among.joined(separator: ", ")
            return Summary.Text(
                en: "\(outcome) rate among runs that end \(words)", zh: "结果为 \(words) 的运行中 \(outcome) 的比率")
        case .proportion(.events(let hit, let miss, _), _):
            return Summary.Text(
                en: "share of \(hit) among \(hit) and \(miss)", zh: "\(hit) 占 \(hit) 与 \(miss) 的比率")
        case .quantile(let q, let observed):
            return Summary.Text(
                en: "\(Figure.ordinal(q)) percentile of \(observed.label.en)",
                zh: "\(observed.label.zh) 的 \(Figure.percent(q)) 分位数")
        case .mean(let observed, _):
            return Summary.Text(en: "mean of \(observed.label.en)", zh: "\(observed.label.zh) 的平均值")
        case .tolerance(let share, let observed, nil):
            let (en, zh) = comparator == .atMost ? ("at or below", "不高于") : ("at or above", "不低于")
            return Summary.Text(
                en: "limit \(en) which \(Figure.percent(share)) of all runs lie in \(observed.label.en)",
                zh: "\(observed.label.zh) 中 \(Figure.percent(share)) 的运行\(zh)的界限")
        case .tolerance(let share, let observed, let centre?):
            let around = Figure.text(centre, threshold.unit.code)
            return Summary.Text(
                en: "distance from \(around) that \(Figure.percent(share)) of all runs keep in \(observed.label.en)",
                zh: "\(observed.label.zh) 中 \(Figure.percent(share)) 的运行与 \(around) 的偏差")
        case .rate(let event): return Summary.Text(en: "rate of \(event)", zh: "\(event) 的发生率")
        case .mtbf(let event):
            return Summary.Text(en: "mean time between \(event) events", zh: "\(event) 的平均间隔时间")
        case .availability(let down, let up):
            return Summary.Text(
                en: "availability, down from \(down) to \(up)", zh: "可用度（\(down) 至 \(up) 为停机）")
        case .poseAccuracy(let axes, _, _):
            let names = axes.map(\.metric).joined(separator: ", ")
            return Summary.Text(en: "pose accuracy (AP) of \(names)", zh: "\(names) 的位姿准确度 AP")
        case .poseRepeatability(let axes, _):
            let names = axes.map(\.metric).joined(separator: ", ")
            return Summary.Text(en: "pose repeatability (RP) of \(names)", zh: "\(names) 的位姿重复性 RP")
        }
    }
}

extension Scenarios.Criterion.Observation {
    fileprivate var label: Summary.Text {
        switch self {
        case .runDuration(let metric): Summary.Text(en: metric, zh: metric)
        case .samples(let metric): Summary.Text(en: "all samples of \(metric)", zh: "\(metric) 全部样本")
        case .perRun(let metric, let reduction):
            switch reduction {
            case .mean: Summary.Text(en: "the mean \(metric) of a run", zh: "每次运行 \(metric) 平均值")
            case .max: Summary.Text(en: "the greatest \(metric) of a run", zh: "每次运行 \(metric) 最大值")
            case .min: Summary.Text(en: "the least \(metric) of a run", zh: "每次运行 \(metric) 最小值")
            case .p95: Summary.Text(en: "the 95th percentile of \(metric) in a run", zh: "每次运行 \(metric) 95 % 分位数")
            case .last: Summary.Text(en: "the last \(metric) of a run", zh: "每次运行 \(metric) 末值")
            case .duration: Summary.Text(en: "the duration of \(metric) in a run", zh: "每次运行 \(metric) 持续时间")
            }
        }
    }
}
