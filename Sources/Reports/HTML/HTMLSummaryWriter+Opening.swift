import Aggregation
import Telemetry

/// Page one: what was asked, what the answer is, what to do now.
extension HTMLSummaryWriter {
    func opening(_ summary: Summary, into page: inout Markup) {
        let scenario = summary.scenario
        page.element("header") { page in
            page.element("p", ["class": "eyebrow"]) { page in
                page.text("\(wording.documentKind) · ")
                page.element("code", "\(scenario.id) \(scenario.version)")
                page.text(" · \(wording.setting(scenario.setting))")
            }
            page.element("h1", scenario.title(in: wording.language.tag))
        }
        page.element("section", ["class": "verdict \(summary.verdict.rawValue)", "aria-labelledby": "verdict"]) {
            page in
            page.element("h2", ["id": "verdict"]) { page in
                VerdictSign(verdict: summary.verdict).draw(into: &page)
                page.element("span", ["class": "word"], wording.word(summary.verdict))
                if summary.isInterim { page.element("span", ["class": "tag"], wording.interim) }
            }
            page.element("p", ["class": "meaning"], wording.meaning(summary.verdict))
            page.element("p", ["class": "reason"], wording.text(summary.reason))
        }
        for warning in warnings(summary) { page.element("p", ["class": "notice"], warning) }
        facts(summary, into: &page)
    }

    private func warnings(_ summary: Summary) -> [String] {
        [
            summary.isInterim ? wording.interimNote : nil, wording.settingWarning(summary.scenario.setting),
            wording.definitionWarning(summary.scenario), wording.sharingNote(summary.governance),
        ].compactMap { $0 }
    }

    private func facts(_ summary: Summary, into page: inout Markup) {
        let sites = summary.ledger.reduce(into: Set<String>()) { $0.insert($1.site.text) }.sorted()
        var facts = [
            (wording.period, wording.ends(of: summary.period)), (wording.runLedger, [wording.runCounts(summary.runs)]),
        ]
        if !sites.isEmpty { facts.append((wording.site, [wording.shortList(sites)])) }
        facts.append((wording.data, [wording.word(summary.completeness)]))
        page.element("dl", ["class": "facts"]) { page in
            for (name, values) in facts {
                page.element("div") { page in
                    page.element("dt", name)
                    for value in values { page.element("dd", value) }
                }
            }
        }
    }

    func nextSteps(_ summary: Summary, into page: inout Markup) {
        section("next", wording.whatNext, into: &page) { page in
            page.element("ol") { page in
                for step in wording.nextSteps(summary) { page.element("li", step) }
            }
        }
    }
}
