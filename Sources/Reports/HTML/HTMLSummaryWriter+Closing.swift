import Aggregation

/// What the numbers rest on: metrics, rules about the data, and how to check everything.
extension HTMLSummaryWriter {
    func metrics(_ summary: Summary, into page: inout Markup) {
        guard !summary.metrics.isEmpty else { return }
        section("metrics", wording.metrics, into: &page) { page in
            page.element("p", ["class": "intro"], wording.metricsIntro(summary.metrics))
            let numbers = [
                wording.samplesColumn, wording.mean, wording.standardDeviation, wording.minimum, wording.median, "p95",
                "p99", wording.maximum, wording.refused,
            ]
            let columns = [Column.text(wording.metric), .text(wording.unit)] + numbers.map(Column.number)
            table(wording.metrics, class: "small", columns: columns, into: &page) { page in
                page.element("tbody") { page in
                    for metric in summary.metrics { row(metric, into: &page) }
                }
            }
        }
    }

    private func row(_ metric: Summary.Metric, into page: inout Markup) {
        let numbers = [metric.mean, metric.stddev, metric.min, metric.p50, metric.p95, metric.p99, metric.max]
        page.element("tr") { page in
            page.element("th", ["scope": "row", "class": "free"], metric.id)
            page.element("td", UnitSymbol.text(metric.unit))
            page.element("td", ["class": "number"], Figure.count(metric.count))
            for number in numbers {
                page.element("td", ["class": "number"], number.map { Figure.text($0) } ?? Figure.missing)
            }
            page.element("td", ["class": "number"], Figure.count(metric.refused))
        }
    }

    func governance(_ rules: Summary.Governance, into page: inout Markup) {
        section("governance", wording.governance, into: &page) { page in
            pairs(wording.governance(rules), class: "pairs", into: &page)
        }
    }

    func reproduction(_ summary: Summary, into page: inout Markup) {
        section("reproduction", wording.reproduction, into: &page) { page in
            pairs(wording.reproduction(summary), class: "pairs digests", into: &page)
            page.element("p", wording.verifyIntro)
            page.element("pre") { $0.element("code", wording.verifyCommand) }
            page.element("p", ["class": "muted"], wording.sourceNote)
        }
    }

    private func pairs(_ rows: [(name: String, value: String)], class name: String, into page: inout Markup) {
        page.element("dl", ["class": name]) { page in
            for row in rows {
                page.element("div") { page in
                    page.element("dt", row.name)
                    page.element("dd", row.value)
                }
            }
        }
    }
}
