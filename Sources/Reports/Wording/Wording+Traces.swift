import Aggregation
import Scenarios

/// Metrics over the runs.
extension Wording {
    var traces: String { pick("Over the runs", "随运行的变化") }

    func tracesIntro(_ runs: Int, isGrouped: Bool) -> String {
        let base = pick(
            "Each metric over all runs, in the order in which they began. A band or a bar reaches from the least to the "
                + "greatest sample; it shows and proves nothing by itself.",
            "各指标随运行开始先后的变化。带或条从最小样本到最大样本，仅作展示，本身不构成证明。")
        guard isGrouped else { return base }
        return base
            + pick(
                " With \(self.runs(runs)), neighbours share a place, and there those that count are told.",
                "共\(self.runs(runs))，相邻运行合并显示，只含计入的运行。")
    }

    var legendSuccess: String { pick("success", "成功") }
    var legendOther: String { pick("any other outcome", "其他结果") }
    var legendExcluded: String { pick("does not count", "不计入") }
    var legendHole: String {
        pick("no samples; below the plot: data with holes", "无样本；图下方：数据有缺口")
    }
    var legendThreshold: String { pick("threshold of a criterion", "判据阈值") }
    var legendLevel: String { pick("limit of a safety rule", "安全规则限值") }

    /// `Lines: cycle-p95 at most 12 s, hot-joint at most 70 °C.`; nil without limits.
    func limits(_ trace: Summary.Trace, unit: String) -> String? {
        guard !trace.limits.isEmpty else { return nil }
        let words = trace.limits.map { limit in
            "\(quoted(limit.id)) " + requirement(limit.comparator, quantity(Figure.exact(limit.value), unit))
        }
        return pick("Lines: ", "线：") + words.joined(separator: pick(", ", "，")) + pick(".", "。")
    }

    /// What a screen reader says.
    func traceDescription(_ drawing: TraceDrawing) -> String {
        let points = drawing.trace.stretches.flatMap(\.points).compactMap(\.self)
        func text(_ number: Double?) -> String {
            number.map { quantity(Figure.text($0), drawing.metric.unit) } ?? Figure.missing
        }
        let (least, most) = (text(points.map(\.min).min()), text(points.map(\.max).max()))
        let silent = drawing.trace.stretches.filter { $0.points.allSatisfy { $0 == nil } }.reduce(0) {
            $0 + $1.runs.count
        }
        var sentence = pick(
            "\(runs(drawing.ledger.count)), samples from \(least) to \(most).",
            "\(runs(drawing.ledger.count))，样本自 \(least) 至 \(most)。")
        if silent > 0 { sentence += pick(" \(runs(silent)) without samples.", "\(runs(silent))无样本。") }
        if let limits = limits(drawing.trace, unit: drawing.metric.unit) { sentence += pick(" ", "") + limits }
        return sentence
    }
}
