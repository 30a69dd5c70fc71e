import Aggregation
import Foundation
import Telemetry
import Testing

@testable import Reports

@Suite("HTML page")
struct HTMLTests {
    @Test(
        "another parser finds a whole page that fetches and runs nothing", arguments: SampleSummary.all,
        ReportLanguage.allCases)
    func wellFormed(_ sample: SampleSummary, language: ReportLanguage) throws {
        let page = Report.text(sample.summary, format: .html, language: language)
        let faults = String(decoding: try PythonPeer.run("check_html.py", input: page), as: UTF8.self)
        #expect(faults.isEmpty, "\(faults)")
    }

    @Test(
        "the check of a page finds what is wrong with one",
        arguments: [
            ("<p><b>x</p></b>", "closes nothing"), ("<script></script>", "no place"), ("<p onclick='x'>", "handler"),
            ("<p style='x'></p>", "could fetch"), ("<div><p></p>", "never closed"), ("<svg></svg>", "neither hidden"),
            ("<i id=a></i><i id=a></i>", "twice"), ("<h1></h1><h3></h3>", "skips"),
            ("<p></p>", "DOCTYPE"), ("<table><p></p></table>", "table"), ("<rect fill='url(x.svg#a)'>", "could fetch"),
            ("<rect fill='url(#nowhere)'>", "nothing has the id"),
        ])
    func checkCanFail(_ html: String, fault: String) throws {
        let faults = String(decoding: try PythonPeer.run("check_html.py", input: html), as: UTF8.self)
        #expect(faults.contains(fault), "\(faults)")
    }

    @Test("no text from outside becomes markup")
    func escaping() {
        let page = Report.text(.hostile, format: .html)
        #expect(!page.contains("<script"))
        #expect(!page.contains("<img"))
        #expect(page.contains("&lt;script&gt;"))
        #expect(!Report.text(.hostile, format: .html, language: .chinese).unicodeScalars.contains("\u{202E}"))
    }

    @Test("the verdict comes before everything else", arguments: SampleSummary.all, ReportLanguage.allCases)
    func verdictFirst(_ sample: SampleSummary, language: ReportLanguage) throws {
        let page = Report.text(sample.summary, format: .html, language: language)
        let word = Wording(language: language).word(sample.summary.verdict)
        let verdict = try #require(page.range(of: "<span class=\"word\">\(word)</span>"))
        let table = try #require(page.range(of: "<table"))
        #expect(verdict.lowerBound < table.lowerBound)
        #expect(page.contains("<html lang=\"\(language.tag)\">"))
    }

    @Test("all runs are in it, and a long ledger waits folded")
    func ledger() {
        let long = Report.text(.proven, format: .html)
        #expect(Summary.proven.ledger.allSatisfy { long.contains("<th scope=\"row\">\($0.run)</th>") })
        #expect(long.contains("<details>"))
        #expect(Report.text(.refutedAtOneSite, format: .html).contains("<details open=\"open\">"))
    }

    @Test("a page of 10,000 runs is one that a browser opens, and says where the rest of them is")
    func manyRuns() throws {
        let summary = Summary.long(10_000)
        let page = Report.text(summary, format: .html)
        #expect(page.utf8.count < 1_500_000)
        #expect(page.split(separator: "<tr").count < 1300)
        #expect(page.contains("and 9000 more; the CSV ledger has them all"))
        #expect(page.contains("neighbours share a place"))
        let faults = String(decoding: try PythonPeer.run("check_html.py", input: page), as: UTF8.self)
        #expect(faults.isEmpty, "\(faults)")
        // For a look: FIELDPROOF_PAGES=folder, then Tools/pages folder/many.html.
        if let folder = ProcessInfo.processInfo.environment["FIELDPROOF_PAGES"] {
            try Data(page.utf8).write(to: URL(filePath: folder).appending(path: "many.html"))
        }
    }

    @Test("what warns a reader is there exactly when there is something to warn of")
    func warnings() {
        let open = Report.text(.fullOfHoles, format: .html)
        #expect(open.contains("class=\"tag\">Interim"))
        #expect(open.contains("These runs were staged"))
        let changed = Report.text(.refutedAtOneSite, format: .html)
        #expect(changed.contains("The definition was changed after the first run"))
        #expect(!Report.text(.proven, format: .html).contains("class=\"notice\""))
    }
}
