import Aggregation

/// Runs and their ledger.
extension Wording {
    var noRuns: String { pick("No runs in this period.", "本时间段内没有运行。") }

    func outcomes(_ runs: Summary.Runs) -> String {
        runs.outcomes.map { "\($0.outcome) \(Figure.count($0.count))" }.joined(separator: pick(", ", "，"))
    }

    func outcome(_ entry: Summary.LedgerEntry) -> String { entry.outcome ?? pick("no outcome", "无结果") }

    /// Why it does not count, and what is odd about it; empty for an ordinary run.
    func remarks(_ entry: Summary.LedgerEntry) -> String {
        var remarks: [String] = []
        if let excluded = entry.excluded { remarks.append(pick("excluded: ", "已排除：") + reason(excluded)) }
        remarks += entry.flags.map(flag)
        return remarks.joined(separator: pick("; ", "；"))
    }

    func intervention(_ entry: Summary.LedgerEntry) -> String {
        entry.intervention.map { $0 ? yes : no } ?? Figure.missing
    }

    private func reason(_ excluded: String) -> String {
        if excluded == "unfinished" { return flag(excluded) }
        if excluded == "undeclared site" { return flag("undeclared-site") }
        if let series = excluded.wholeSuffix(after: "no consent: ") {
            return pick("no consent for \(series)", "\(series) 未取得同意")
        }
        guard let outcome = excluded.wholeSuffix(after: "outcome ") else { return excluded }
        return pick("outcome \(outcome)", "结果为 \(outcome)")
    }

    private func flag(_ name: String) -> String {
        switch name {
        case "unfinished": pick("not finished", "未结束")
        case "stop-without-start": pick("stop without a start", "有结束而无开始")
        case "overlapping": pick("overlaps another run", "与其他运行重叠")
        case "conflicting-markers": pick("markers contradict each other", "标记相互矛盾")
        case "unknown-outcome": pick("outcome not in the definition", "结果不在定义之内")
        case "timed-out": pick("took longer than the timeout", "超过时限")
        case "undeclared-site": pick("site not in the definition", "场地不在定义之内")
        case "time-unknown": pick("order known, time unknown", "先后已知，时间未知")
        case "marked-by-rule": pick("marked by a rule", "由规则标记")
        default: name
        }
    }

    func metricsIntro(_ metrics: [Summary.Metric]) -> String {
        let error = metrics.map(\.relativeError).max() ?? 0
        let base = pick(
            "All samples in the counted runs. They are correlated, so they describe and prove nothing by themselves.",
            "计入运行中的全部样本。样本彼此相关，仅作描述，本身不构成证明。")
        guard error > 0 else { return base }
        let text = Figure.percent(error)
        return base
            + pick(
                " Median, p95 and p99 are within \(text) of the exact values.",
                "中位数、p95、p99 与精确值之差不超过 \(text)。")
    }

    var failures: String { pick("Runs to read", "需要关注的运行") }

    var failuresNote: String {
        pick(
            "Runs that count and did not succeed, runs with an intervention, and runs whose record is odd or lacks data.",
            "计入但未成功的运行、有人工干预的运行，以及记录异常或数据有缺的运行。")
    }

    var failureModes: String { pick("Failure modes", "失效模式") }

    func allRuns(_ count: Int) -> String { pick("All \(runs(count))", "全部 \(runs(count))") }

    func moreRows(_ count: Int) -> String {
        pick("and \(Figure.count(count)) more; the CSV ledger has them all", "另有 \(Figure.count(count)) 行，完整内容见 CSV 记录")
    }

    var durationStrip: String { pick("Duration of the counted runs", "计入运行的时长") }

    func valueStrip(_ criterion: Summary.Criterion) -> String {
        pick("Values behind \(quoted(criterion.id)), one a run", "\(quoted(criterion.id))的逐次运行数值")
    }

    func stripLegend(_ runsPerMark: Int) -> String {
        let mark = pick("each mark is up to \(runs(runsPerMark))", "每个标记至多代表 \(runs(runsPerMark))")
        let one = pick("each mark is one run", "每个标记为一次运行")
        return pick(
            "Dot: success; cross: any other outcome; ", "圆点：成功；叉号：其他结果；")
            + (runsPerMark > 1 ? mark : one) + pick(".", "。")
    }

    func stripDescription(_ count: Int, least: String, median: String, most: String) -> String {
        pick(
            "\(runs(count)) from \(least) to \(most), median \(median).",
            "\(runs(count))，自 \(least) 至 \(most)，中位数 \(median)。")
    }
}

extension String {
    fileprivate func wholeSuffix(after prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }
}
