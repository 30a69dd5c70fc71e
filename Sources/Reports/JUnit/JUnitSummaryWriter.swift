package import Aggregation
import Scenarios
import Telemetry

/// JUnit XML as Maven Surefire writes it and Jenkins, GitLab and others read it: a scenario is a suite, a requirement a
/// test case.
///
/// A report has a failure exactly when the verdict is fail; a strict one exactly when it is anything but pass. So a build
/// that ends red or green by it ends as the scenario did.
package struct JUnitSummaryWriter: SummaryWriter {
    package static let format = ReportFormat.junit

    private let isStrict: Bool
    private let wording = Wording(language: .english)

    /// `isStrict`: what is inconclusive counts as failed.
    package init(isStrict: Bool = false) { self.isStrict = isStrict }

    package func write(_ summary: Summary, to output: inout some TextOutputStream) {
        let cases =
            [wording.verdictCase(summary)] + summary.criteria.flatMap(wording.testCases)
            + summary.safety.map(wording.testCase) + summary.completeness.checks.map(wording.testCase)
        let marks = cases.map { $0.mark(isStrict: isStrict) }
        let failures = String(marks.count { if case .failure = $0 { true } else { false } })
        let skipped = String(marks.count { if case .skipped = $0 { true } else { false } })
        let tests = String(cases.count)
        let id = summary.scenario.id.text
        var xml = XMLText()
        xml.element(
            "testsuites",
            [
                "name": "fieldproof", "tests": tests, "failures": failures, "errors": "0", "skipped": skipped,
                "time": "0",
            ]
        ) { xml in
            xml.element(
                "testsuite",
                [
                    "name": id, "tests": tests, "failures": failures, "errors": "0", "skipped": skipped, "time": "0",
                    // ISO 8601 without a zone, as Ant defined it; UTC.
                    "timestamp": String(summary.period.to.description.prefix(19)),
                ]
            ) { xml in
                xml.element("properties", [:]) { xml in
                    for (name, value) in properties(summary) {
                        xml.element("property", ["name": name, "value": value])
                    }
                }
                for (testCase, mark) in zip(cases, marks) { write(testCase, mark, of: id, &xml) }
            }
        }
        output.write(xml.xml)
    }

    private func write(_ testCase: TestCase, _ mark: TestCase.Mark, of scenario: String, _ xml: inout XMLText) {
        xml.element("testcase", ["classname": "\(scenario).\(testCase.group)", "name": testCase.name, "time": "0"]) {
            let details = testCase.details.joined(separator: "\n")
            switch mark {
            case .passed: $0.element("system-out", text: details)
            case .skipped(let message):
                $0.element("skipped", ["message": message])
                $0.element("system-out", text: details)
            case .failure(let type, let message):
                $0.element("failure", ["type": type.description, "message": message], text: details)
            }
        }
    }

    /// What the numbers are about, and with what they can be computed again.
    private func properties(_ summary: Summary) -> [(name: String, value: String)] {
        let scenario = summary.scenario
        var properties = [
            ("schema", Summary.schema), ("scenario", scenario.id.text), ("version", scenario.version),
            ("digest", scenario.digest), ("registered", scenario.registered ?? ""),
        ]
        properties += scenario.title.map { ("title.\($0.language)", $0.text) }
        properties += [
            ("setting", scenario.setting.rawValue), ("verdict", summary.verdict.rawValue),
            ("reason", summary.reason.en), ("interim", String(summary.isInterim)),
            ("period.from", summary.period.from.description), ("period.to", summary.period.to.description),
            ("runs.total", text(summary.runs.total)), ("runs.counted", text(summary.runs.counted)),
            ("runs.excluded", text(summary.runs.excluded)),
        ]
        properties += summary.runs.outcomes.map { ("runs.outcomes.\($0.outcome)", text($0.count)) }
        for criterion in summary.criteria { properties += numbers(criterion) }
        let data = summary.completeness
        properties += [
            ("completeness", data.verdict.rawValue),
            ("completeness.accepted", data.isShared ? String(data.accepted) : ""),
            ("completeness.delivered", data.isShared ? String(data.delivered) : ""),
            ("completeness.lost", data.isShared ? String(data.lost) : ""),
            ("completeness.pending", data.isShared ? String(data.pending) : ""),
            ("software", summary.reproduction.software),
            ("archive", summary.reproduction.archive),
        ]
        return properties + summary.reproduction.definitions.map { ("definition", $0) }
    }

    /// Empty where a count is not shared.
    private func text(_ count: Int?) -> String { count.map { String($0) } ?? "" }

    /// With every digit, and empty where a number cannot be stated.
    private func numbers(_ criterion: Summary.Criterion) -> [(name: String, value: String)] {
        let numbers: [(String, Double?)] = [
            ("confidence", criterion.confidence), ("estimate", criterion.estimate), ("lower", criterion.lower),
            ("upper", criterion.upper), ("threshold", criterion.threshold), ("exposure_s", criterion.exposure),
        ]
        var properties = [
            ("method", criterion.method.rawValue), ("unit", criterion.unit), ("n", text(criterion.n)),
            ("events", criterion.events.map { String($0) } ?? ""),
        ]
        for (name, number) in numbers {
            properties.append((name, number.flatMap { $0.isFinite ? "\($0)" : nil } ?? ""))
        }
        return properties.map { ("criterion.\(criterion.id).\($0.0)", $0.1) }
    }
}
