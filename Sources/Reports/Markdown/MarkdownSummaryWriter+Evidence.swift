import Aggregation
import Scenarios
import Telemetry

/// Criteria, safety and completeness.
extension MarkdownSummaryWriter {
    func criteria(_ criteria: [Summary.Criterion]) -> String {
        var text = "## \(wording.criteria)\n\n"
        text += MarkdownText.header([
            (wording.criterion, .text), (wording.requirement, .text), (wording.measured, .number),
            (wording.boundsColumn, .number), (wording.runsColumn, .number), (wording.verdictColumn, .text),
        ])
        for criterion in criteria {
            let rows = IntervalRow.rows(of: criterion, wording)
            let isBySite = !criterion.strata.isEmpty
            let head = isBySite && criterion.site != nil ? nil : rows.first
            var requirement = [
                wording.requirement(criterion), wording.methodAndConfidence(criterion), head?.tally,
            ]
            requirement += wording.remarks(criterion)
            text += MarkdownText.row(
                [MarkdownText.code(criterion.id), lines(requirement)] + cells(head, criterion)
                    + [mark(criterion.verdict, criterion.moreRuns, n: criterion.n)])
            for row in rows.dropFirst(head == nil ? 0 : 1) {
                let name = "↳ \(escaped(row.name))" + (row.decides ? " (\(wording.decides))" : "")
                text += MarkdownText.row(
                    [name, lines([row.tally])] + cells(row, criterion) + [mark(row.verdict, row.moreRuns, n: row.n)])
            }
        }
        return text
    }

    private func lines(_ texts: [String?]) -> String { texts.compactMap { $0.map(escaped) }.joined(separator: "<br>") }

    private func mark(_ verdict: Verdict?, _ moreRuns: Int?, n: Int?) -> String {
        mark(verdict, wording.word(verdict))
            + (wording.remaining(verdict, moreRuns, n: n).map { "<br>\(escaped($0))" } ?? "")
    }

    /// Estimate, bounds and count; empty where the head of a group has none of its own.
    private func cells(_ row: IntervalRow?, _ criterion: Summary.Criterion) -> [String] {
        guard let row else { return ["", "", ""] }
        return [
            escaped(row.estimateText ?? Figure.missing),
            escaped(wording.bounds(row.lowerText, row.upperText) ?? Figure.missing),
            lines([wording.values(row.n, of: criterion.method), wording.withoutValue(row.missing)]),
        ]
    }

    func safety(_ rules: [Summary.Safety]) -> String {
        var text = "## \(wording.safety)\n\n"
        guard !rules.isEmpty else { return text + wording.noSafetyRules + "\n" }
        text += MarkdownText.header([
            (wording.rule, .text), (wording.severity, .text), (wording.requirement, .text), (wording.count, .number),
            (wording.firstTime, .text), (wording.verdictColumn, .text),
        ])
        for rule in rules {
            text += MarkdownText.row([
                MarkdownText.code(rule.id), wording.severity(rule.severity), escaped(wording.text(rule.condition)),
                Figure.count(rule.count), rule.first.map { Span.text($0) } ?? Figure.missing,
                mark(rule.verdict, wording.safetyVerdict(rule.verdict)),
            ])
        }
        return text
    }

    func completeness(_ data: Summary.Completeness) -> String {
        var text = "## \(wording.completeness)\n\n"
        text += "**\(wording.word(data))**\(wording.colon)\(escaped(wording.explanation(data)))\n"
        if !data.checks.isEmpty {
            text += "\n"
            text += MarkdownText.header([
                (wording.condition, .text), (wording.value, .number), (wording.limit, .number),
                (wording.holdsColumn, .text),
            ])
            for check in data.checks {
                text += MarkdownText.row([
                    escaped(wording.name(of: check.id)), wording.value(check), wording.limit(check),
                    mark(check.holds ? .pass : .fail, check.holds ? wording.yes : wording.no),
                ])
            }
        }
        let holed = data.streams.filter {
            !$0.missing.isEmpty || $0.declaredLost > 0 || $0.uncountedFrames > 0 || $0.tail == .unproven
        }
        guard !holed.isEmpty else { return text }
        text += "\n"
        text += MarkdownText.header([
            (wording.agent, .text), (wording.priorityClass, .text), (wording.through, .number),
            (wording.missingFrames, .text), (wording.declaredLost, .number), (wording.end, .text),
        ])
        for stream in holed {
            text += MarkdownText.row([
                "\(stream.site)/\(stream.agent)", stream.priority.name, Figure.count(stream.through),
                escaped(wording.ranges(stream.missing)), wording.declaredLost(stream),
                escaped(wording.tail(stream.tail)),
            ])
        }
        return text
    }
}
