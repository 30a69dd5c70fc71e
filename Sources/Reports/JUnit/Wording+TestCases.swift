import Aggregation
import Scenarios
import Telemetry

/// Requirements as test cases, in the words of the other reports.
extension Wording {
    /// The verdict itself, which also rests on what is no requirement of its own, such as how many runs may be excluded.
    func verdictCase(_ summary: Summary) -> TestCase {
        let reason = text(summary.reason)
        let result: TestCase.Result =
            switch summary.verdict {
            case .pass: .passed
            case .fail: .failed(message: reason)
            case .inconclusive: .undecided(message: reason)
            }
        let warnings = [
            sharingNote(summary.governance),
            summary.isInterim ? interimNote : nil, settingWarning(summary.scenario.setting),
            definitionWarning(summary.scenario),
        ]
        return TestCase(
            group: "verdict", name: "verdict", result: result,
            details: ["\(word(summary.verdict))\(colon)\(reason)", runCounts(summary.runs)]
                + warnings.compactMap(\.self))
    }

    /// A criterion; where every site must hold by itself, its sites too.
    func testCases(_ criterion: Summary.Criterion) -> [TestCase] {
        let rows = IntervalRow.rows(of: criterion, self)
        let isEachSite = criterion.site != nil && !criterion.strata.isEmpty
        let deciding = isEachSite ? rows.first { $0.decides } : rows.first
        var details = [requirement(criterion), methodAndConfidence(criterion)]
        details += rows.map { interval($0.name, $0) + valueCount($0) }
        details += criterion.method == .description ? [criterion.note].compactMap(\.self) : remarks(criterion)
        var cases = [
            TestCase(
                group: "criteria", name: criterion.id, result: result(criterion, deciding, criterion.verdict),
                details: details)
        ]
        guard isEachSite else { return cases }
        for row in rows {
            cases.append(
                TestCase(
                    group: "criteria.\(criterion.id)", name: row.name, result: result(criterion, row, row.verdict),
                    details: [requirement(criterion), interval(row.name, row) + valueCount(row)]))
        }
        return cases
    }

    private func valueCount(_ row: IntervalRow) -> String {
        guard row.n != nil else { return "" }
        return " " + counted(row.n, "value", "values", "个数值") + (withoutValue(row.missing).map { ", " + $0 } ?? "")
            + "."
    }

    private func result(_ criterion: Summary.Criterion, _ row: IntervalRow?, _ verdict: Verdict?) -> TestCase.Result {
        guard let verdict else { return .noted(message: "\(word(verdict)): it takes no part in the verdict") }
        let asked = requirement(criterion.comparator, CriterionScale(criterion, self).threshold)
        let interval = row.flatMap { self.bounds($0.lowerText, $0.upperText) }
        let none = row?.n == nil && row != nil ? "the bounds are not shared" : "there are no bounds yet"
        var found = interval.map { "the bounds are \($0)" } ?? none
        if criterion.site != nil, let row { found += " at \(row.name)" }
        switch verdict {
        case .pass: return .passed
        case .fail: return .failed(message: "\(found), and \(asked) is asked")
        case .inconclusive:
            let rest = remaining(verdict, row?.moreRuns, n: row?.n).map { "; \($0)" } ?? ""
            return .undecided(message: "\(found), which does not decide whether it is \(asked)\(rest)")
        }
    }

    /// Only a critical breach is a failure: no other fails the scenario.
    func testCase(_ rule: Summary.Safety) -> TestCase {
        let condition = text(rule.condition)
        let times = counted(rule.count, "time", "times", "次")
        let first = rule.first.map { ", first at \($0)" } ?? ""
        let breach = "breached \(times)\(first): \(condition)"
        let result: TestCase.Result =
            switch (rule.verdict, rule.severity) {
            case (.pass, _): .passed
            case (.fail, .critical): .failed(message: breach)
            case (.fail, let severity):
                .noted(
                    message: "\(breach); a breach of severity \(self.severity(severity)) does not decide the verdict")
            case (.inconclusive, .critical):
                .undecided(message: "the data have holes in which a breach could hide: \(condition)")
            case (.inconclusive, _):
                .noted(message: "the data have holes in which a breach could hide: \(condition)")
            }
        return TestCase(
            group: "safety", name: rule.id, result: result,
            details: [
                "\(severity(rule.severity))\(colon)\(condition)", "\(safetyVerdict(rule.verdict)), \(times)\(first)",
            ])
    }

    /// A check that does not hold blocks a pass and never is a reason to fail.
    func testCase(_ check: Summary.Check) -> TestCase {
        let found = "\(name(of: check.id))\(colon)\(value(check)), \(limit(check)) is asked"
        return TestCase(
            group: "completeness", name: check.id.rawValue,
            result: check.holds
                ? .passed : .undecided(message: "\(found); such data may not prove a pass"), details: [found])
    }
}
