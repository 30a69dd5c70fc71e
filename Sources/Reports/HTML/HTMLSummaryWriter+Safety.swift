import Aggregation
import Scenarios

/// Safety rules, all of them, kept or not.
extension HTMLSummaryWriter {
    func safety(_ summary: Summary, into page: inout Markup) {
        section("safety", wording.safety, into: &page) { page in
            guard !summary.safety.isEmpty else { return page.element("p", wording.noSafetyRules) }
            page.element("p", ["class": "intro"], wording.safetyIntro)
            let columns: [Column] = [
                .text(wording.rule), .text(wording.severity), .text(wording.requirement), .number(wording.count),
                .text(wording.firstTime), .text(wording.verdictColumn),
            ]
            table(wording.safety, columns: columns, into: &page) { page in
                page.element("tbody") { page in
                    for rule in summary.safety { row(rule, into: &page) }
                }
            }
        }
    }

    private func row(_ rule: Summary.Safety, into page: inout Markup) {
        page.element("tr") { page in
            page.element("th", ["scope": "row", "class": "free"], rule.id)
            page.element("td", ["class": rule.severity == .critical ? "strong" : ""], wording.severity(rule.severity))
            page.element("td", ["class": "free"], wording.text(rule.condition))
            page.element("td", ["class": "number"], Figure.count(rule.count))
            page.element("td", ["class": "time"], rule.first.map { Span.text($0) } ?? Figure.missing)
            page.element("td") { chip(rule.verdict, wording.safetyVerdict(rule.verdict), into: &$0) }
        }
    }
}
