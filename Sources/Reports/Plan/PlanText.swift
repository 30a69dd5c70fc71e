package import Aggregation
import Scenarios

/// A plan as a terminal shows it.
package struct PlanText {
    private let plan: ScenarioPlan
    private let wording: Wording

    package init(_ plan: ScenarioPlan, language: ReportLanguage) {
        self.plan = plan
        wording = Wording(language: language)
    }

    /// Lines, each ended by a newline.
    package var text: String {
        var lines = ["\(plan.scenario) \(plan.version)", ""]
        for criterion in plan.criteria { lines += describe(criterion) + [""] }
        lines += total
        return lines.map { $0 + "\n" }.joined()
    }

    private func describe(_ criterion: CriterionPlan) -> [String] {
        let scale = CriterionScale(criterion, wording)
        let level = Figure.percent(criterion.confidence)
        var heading = "\(criterion.id): \(wording.text(criterion.label)) "
        heading += wording.requirement(criterion.comparator, scale.threshold)
        heading += wording.pick(", at \(level) confidence", "，置信度 \(level)")
        if criterion.places > 1 {
            heading += wording.pick(", at each of \(criterion.places) sites", "，\(criterion.places) 个站点各自满足")
        }
        var rows: [(String, String)] = []
        if let fewest = criterion.fewest { rows.append((wording.pick("at best", "最少"), need(fewest, criterion))) }
        if let powered = criterion.powered {
            let power = Figure.percent(plan.power)
            let name =
                criterion.isSequential ? wording.pick("expected", "预期") : wording.pick("\(power) power", "功效 \(power)")
            rows.append((name, need(powered, criterion)))
        }
        if criterion.allowances.count > 1 {
            let steps = criterion.allowances.map {
                "\(Figure.count($0.runs)) \(wording.pick("with", "次可有")) \(Figure.count($0.misses))"
            }
            rows.append((wording.pick("misses", "失败数"), steps.joined(separator: wording.pick(", ", "、"))))
        }
        if let found = criterion.found { rows.append((wording.pick("so far", "目前"), soFar(found))) }
        if let note = criterion.note { rows.append((wording.pick("note", "说明"), wording.text(note))) }
        let width = rows.map { VisibleText.columns($0.0) }.max() ?? 0
        return [heading]
            + rows.map { name, text in
                "  " + name + String(repeating: " ", count: width - VisibleText.columns(name) + 2) + text
            }
    }

    private func need(_ need: CriterionPlan.Need, _ criterion: CriterionPlan) -> String {
        var parts: [String] = []
        if let exposure = need.exposure {
            parts.append(
                wording.pick("\(Span.text(seconds: exposure)) of run time", "运行时间 \(Span.text(seconds: exposure))"))
        }
        if let runs = need.runs {
            var text = wording.runs(runs)
            if criterion.places > 1 {
                let each = wording.runs(runs / criterion.places)
                text += wording.pick(" (\(each) at each site)", "（每站点 \(each)）")
            }
            parts.append(text)
            if need.exposure == nil, let runTime = plan.runTime {
                let span = Span.text(seconds: runTime.seconds * Double(runs))
                parts.append(runTime.source == .timeout ? wording.pick("at most \(span)", "至多 \(span)") : span)
            }
        } else if need.exposure == nil {
            parts.append(wording.notKnown)
        }
        let separator = wording.pick(", ", "，")
        return parts.joined(separator: separator) + separator + wording.text(need.assumption)
    }

    private func soFar(_ found: CriterionPlan.Found) -> String {
        [
            wording.runs(found.n), wording.word(found.verdict).lowercased(),
            wording.remaining(found.verdict, found.moreRuns, n: found.n),
        ]
        .compactMap(\.self).joined(separator: wording.pick(", ", "，"))
    }

    private var total: [String] {
        var lines: [String] = []
        if let runs = plan.fewestRuns {
            lines.append(
                wording.pick("No pass before \(wording.runs(runs))", "至少 \(wording.runs(runs))后方可能通过") + duration(runs)
                    + wording.pick(".", "。"))
        }
        if let runs = plan.poweredRuns {
            lines.append(
                wording.pick(
                    "Plan \(wording.runs(runs))\(duration(runs)) for the subject assumed above; the power is that of each criterion by itself.",
                    "按上述假设请计划 \(wording.runs(runs))\(duration(runs))；功效为各判据单独的功效。"))
        }
        if lines.isEmpty {
            lines.append(
                wording.pick(
                    "How many runs the scenario needs cannot be told beforehand; run some, then plan again.",
                    "所需运行数无法预先得知；请运行数次后重新规划。"))
        }
        return lines
    }

    private func duration(_ runs: Int) -> String {
        guard let runTime = plan.runTime else { return "" }
        let span = Span.text(seconds: runTime.seconds * Double(runs))
        return switch runTime.source {
        case .timeout: wording.pick(", at most \(span)", "（至多 \(span)）")
        case .given, .observed: wording.pick(", \(span)", "（\(span)）")
        }
    }
}

extension CriterionPlan {
    fileprivate var isSequential: Bool { statistic == "proportion" && allowances.isEmpty }
}
