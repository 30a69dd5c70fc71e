import Scenarios

extension Scenarios.Criterion {
    /// What is estimated, in words, to stand after an article.
    var label: Summary.Text {
        switch statistic {
        case .proportion(let outcome, _):
            return Summary.Text(en: "\(outcome) rate", zh: "\(outcome) 比率")
        case .quantile(let q, let observed):
            return Summary.Text(
                en: "\(Figure.ordinal(q)) percentile of \(observed.label.en)",
                zh: "\(observed.label.zh) 的 \(Figure.percent(q)) 分位数")
        case .mean(let observed):
            return Summary.Text(en: "mean of \(observed.label.en)", zh: "\(observed.label.zh) 的平均值")
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
