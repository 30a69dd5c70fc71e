import Aggregation

/// The criteria: numbers to read, and a bar against the threshold to see.
extension HTMLSummaryWriter {
    func criteria(_ summary: Summary, into page: inout Markup) {
        section("criteria", wording.criteria, into: &page) { page in
            page.element("p", ["class": "intro"], wording.criteriaIntro)
            let columns: [Column] = [
                .text(wording.criterion), .number(wording.measured), .number(wording.boundsColumn),
                .number(wording.runsColumn), .text(wording.verdictColumn),
            ]
            table(wording.criteria, class: "criteria", columns: columns, into: &page) { page in
                for (index, criterion) in summary.criteria.enumerated() {
                    page.element("tbody") { self.criterion(criterion, number: index + 1, columns.count, into: &$0) }
                }
            }
        }
    }

    private func criterion(_ criterion: Summary.Criterion, number: Int, _ width: Int, into page: inout Markup) {
        let rows = IntervalRow.rows(of: criterion, wording)
        let hasStrata = !criterion.strata.isEmpty
        // Without all runs together the site rows hold every number, and the head row only names the criterion.
        let head = hasStrata && criterion.site != nil ? nil : rows.first
        page.element("tr", ["class": "head"]) { page in
            page.element("th", ["scope": "rowgroup", "class": "free"]) { page in
                page.element("span", ["class": "name"], criterion.id)
                page.element("span", ["class": "detail"], wording.requirement(criterion))
                page.element("span", ["class": "detail muted"], wording.methodAndConfidence(criterion))
                if let tally = head?.tally { page.element("span", ["class": "detail muted"], tally) }
                for remark in wording.remarks(criterion) {
                    page.element("span", ["class": "detail muted"], remark)
                }
            }
            cells(head, of: criterion, into: &page)
            page.element("td") { page in
                chip(criterion.verdict, wording.word(criterion.verdict), into: &page)
                if let remaining = wording.remaining(criterion.verdict, criterion.moreRuns, n: criterion.n) {
                    page.element("span", ["class": "detail muted"], remaining)
                }
            }
        }
        for row in rows.dropFirst(head == nil ? 0 : 1) { stratum(row, of: criterion, into: &page) }
        page.element("tr", ["class": "drawing"]) { page in
            page.element("td", ["colspan": "\(width)"]) { page in
                IntervalDrawing(criterion, rows, wording).draw(id: "criterion-\(number)", into: &page)
            }
        }
    }

    private func stratum(_ row: IntervalRow, of criterion: Summary.Criterion, into page: inout Markup) {
        page.element("tr", ["class": "stratum"]) { page in
            page.element("th", ["scope": "row"]) { page in
                page.text(row.name)
                if row.decides { page.element("span", ["class": "tag"], wording.decides) }
                if let tally = row.tally { page.element("span", ["class": "detail muted"], tally) }
            }
            cells(row, of: criterion, into: &page)
            page.element("td") { page in
                chip(row.verdict, wording.word(row.verdict), into: &page)
                if let remaining = wording.remaining(row.verdict, row.moreRuns, n: row.n) {
                    page.element("span", ["class": "detail muted"], remaining)
                }
            }
        }
    }

    /// Estimate, bounds and count; empty where the head of a group has none of its own.
    private func cells(_ row: IntervalRow?, of criterion: Summary.Criterion, into page: inout Markup) {
        let estimate = row.map { $0.estimateText ?? Figure.missing } ?? ""
        let bounds = row.map { wording.bounds($0.lowerText, $0.upperText) ?? Figure.missing } ?? ""
        page.element("td", ["class": "number"], estimate)
        page.element("td", ["class": "number"], bounds)
        page.element("td", ["class": "number"]) { page in
            guard let row else { return }
            page.text(wording.values(row.n, of: criterion.method))
            if let missing = wording.withoutValue(row.missing) {
                page.element("span", ["class": "detail muted"], missing)
            }
        }
    }
}
