package import Aggregation
import Scenarios

/// A comparison as a terminal shows it.
package struct ComparisonText {
    private let comparison: SummaryComparison
    private let names: (baseline: String, candidate: String)
    private let wording: Wording

    /// - Parameters:
    ///   - comparison: what to show.
    ///   - baseline: what a person calls it.
    ///   - candidate: the same.
    ///   - language: of the words.
    package init(_ comparison: SummaryComparison, baseline: String, candidate: String, language: ReportLanguage) {
        self.comparison = comparison
        names = (VisibleText.of(baseline), VisibleText.of(candidate))
        wording = Wording(language: language)
    }

    /// Lines, each ended by a newline.
    package var text: String {
        var lines = [
            wording.pick(
                "\(comparison.scenario): \(names.candidate) beside \(names.baseline)",
                "\(comparison.scenario)：\(names.candidate) 对比 \(names.baseline)")
        ]
        lines += comparison.cautions.map { "! " + caution($0) }
        for criterion in comparison.criteria { lines += [""] + describe(criterion) }
        lines.append("")
        if !comparison.unmatched.isEmpty {
            lines.append(
                wording.pick("Not in both: ", "仅一方有：") + comparison.unmatched.joined(separator: wording.pick(", ", "、"))
            )
        }
        let level = Figure.percent(comparison.confidence)
        lines.append(
            wording.pick(
                "Each interval holds with \(level) confidence by itself; of many criteria, some differ by chance.",
                "每个区间各自的置信度为 \(level)；判据众多时，个别差异可能出于偶然。"))
        return lines.map { $0 + "\n" }.joined()
    }

    private func caution(_ caution: SummaryComparison.Caution) -> String {
        switch caution {
        case .definitions: wording.pick("judged by different definitions", "所依据的定义不同")
        case .settings:
            wording.pick("the settings differ: what holds in one need not hold in the other", "场景设置不同：一方成立者未必在另一方成立")
        case .incomplete: wording.pick("the data of one are incomplete", "其中一方数据不完整")
        case .interim: wording.pick("one is interim: its runs are not over", "其中一方为中期结果")
        case .sites:
            wording.pick(
                "several sites are added up; compare them one by one ('report --site')",
                "多个站点合并计算；请逐站点比较（report --site）")
        case .commonRuns: wording.pick("they have runs in common, so they are not independent", "两者含有相同的运行，并不独立")
        }
    }

    private func describe(_ criterion: CriterionComparison) -> [String] {
        let scale = ComparisonScale(criterion)
        var rows: [(String, String)] = [
            (names.baseline, side(criterion.baseline, scale)), (names.candidate, side(criterion.candidate, scale)),
        ]
        let name =
            criterion.measure == .ratio ? wording.pick("ratio", "比值") : wording.pick("difference", "差值")
        if let estimate = criterion.estimate {
            let bounds = wording.bounds(criterion.lower.map(scale.change), criterion.upper.map(scale.change))
            rows.append(
                (
                    name,
                    [scale.change(estimate), bounds, criterion.method.map(method)].compactMap(\.self)
                        .joined(separator: wording.pick(", ", "，"))
                ))
        }
        rows.append(("", finding(criterion.finding)))
        if let note = criterion.note { rows.append(("", wording.text(note))) }
        let width = rows.map { VisibleText.columns($0.0) }.max() ?? 0
        return ["\(criterion.id): \(wording.text(criterion.label))"]
            + rows.map { name, text in
                "  " + name + String(repeating: " ", count: width - VisibleText.columns(name) + 2) + text
            }
    }

    private func side(_ side: CriterionComparison.Side, _ scale: ComparisonScale) -> String {
        [
            side.estimate.map(scale.text) ?? wording.noValue, wording.runs(side.n), wording.withoutValue(side.missing),
            wording.word(side.verdict).lowercased(),
        ].compactMap(\.self).joined(separator: wording.pick(", ", "，"))
    }

    private func method(_ method: CriterionComparison.Method) -> String {
        switch method {
        case .newcombe: wording.pick("Newcombe", "Newcombe 法")
        case .welch: wording.pick("Welch’s t", "Welch t 法")
        case .hodgesLehmann: wording.pick("Hodges–Lehmann", "Hodges–Lehmann 法")
        case .conditionalBinomial: wording.pick("conditional binomial", "条件二项分布")
        }
    }

    private func finding(_ finding: CriterionComparison.Finding) -> String {
        switch finding {
        case .better: wording.pick("\(names.candidate) is better", "\(names.candidate) 更好")
        case .worse: wording.pick("\(names.candidate) is worse", "\(names.candidate) 更差")
        case .open: wording.pick("no difference is shown", "未显示出差异")
        case .unknown: wording.pick("nothing can be said of a difference", "无法判断是否存在差异")
        }
    }
}

/// How the numbers of a comparison are written: shares in percent, their differences in percentage points.
private struct ComparisonScale {
    private let isShare: Bool
    private let isRatio: Bool
    private let unit: String

    init(_ criterion: CriterionComparison) {
        isShare = Summary.Criterion.sharing.contains(criterion.statistic)
        isRatio = criterion.measure == .ratio
        unit = criterion.unit
    }

    func text(_ value: Double) -> String {
        isShare ? Figure.percent(value) : UnitSymbol.attach(unit, to: Figure.text(value))
    }

    func change(_ value: Double) -> String {
        if isRatio { return "×\(Figure.text(value))" }
        let sign = value > 0 ? "+" : ""
        if isShare { return sign + Figure.text(value * 100) + "\u{202F}pp" }
        return sign + UnitSymbol.attach(unit, to: Figure.text(value))
    }
}
