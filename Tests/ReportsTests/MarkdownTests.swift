import Aggregation
import Telemetry
import Testing

@testable import Reports

@Suite("Markdown")
struct MarkdownTests {
    @Test(
        "a text means itself",
        arguments: [
            ("a|b", "a\\|b"), ("<b>", "&lt;b&gt;"), ("*x* `y`", "\\*x\\* \\`y\\`"),
            ("line\r\nbreak", "line\u{FFFD} break"),
            ("[a](b)", "\\[a\\](b)"), ("snake_case", "snake_case"), ("_em_", "\\_em_"), ("@all", "@<!-- -->all"),
            ("http://x", "http&#58;//x"), ("www.x.org", "www&#46;x.org"), ("\\", "\\\\"), ("a & b", "a &amp; b"),
            ("#12", "\\#12"), ("at 12:30", "at 12:30"), ("why: this", "why: this"), ("say :100:", "say &#58;100:"),
            ("mailto:x", "mailto&#58;x"),
        ])
    func escaping(_ text: String, markdown: String) {
        #expect(MarkdownText.escaped(text) == markdown)
    }

    @Test(
        "code holds back-quotes, bars and line breaks",
        arguments: [("a", "`a`"), ("a`b", "`` a`b ``"), ("``", "``` `` ```"), ("a|b", "`a\\|b`"), ("a\nb", "`a b`")])
    func code(_ text: String, markdown: String) {
        #expect(MarkdownText.code(text) == markdown)
    }

    @Test("the rows of a table have as many cells as its head", arguments: SampleSummary.all, ReportLanguage.allCases)
    func tables(_ sample: SampleSummary, language: ReportLanguage) {
        var width: Int?
        for line in Report.text(sample.summary, format: .md, language: language)
            .split(separator: "\n", omittingEmptySubsequences: false)
        {
            guard line.hasPrefix("|") else {
                width = nil
                continue
            }
            let bars = line.replacing("\\|", with: "").count { $0 == "|" }
            #expect(bars == width ?? bars, "\(line)")
            width = width ?? bars
        }
    }

    @Test("a short ledger is told whole, of a long one the runs to read")
    func ledger() {
        let short = Report.text(.refutedAtOneSite, format: .md)
        #expect(Summary.refutedAtOneSite.ledger.allSatisfy { short.contains("| \($0.run) |") })
        let long = Report.text(.proven, format: .md)
        let told = Summary.proven.ledger.filter { long.contains("| \($0.run) |") }
        #expect(told.map(\.run.text) == ["r57", "r90"])
    }

    @Test("no text from outside becomes a heading, HTML or a link")
    func hostile() {
        let text = Report.text(.hostile, format: .md)
        // In code nothing is markup, and an escaped bracket ends no link.
        let prose = text.replacing(/(`+)[^`].*?[^`]\1(?!`)/, with: "").replacing("\\]", with: "")
        #expect(prose.contains("&lt;script&gt;"))
        for markup in ["<script", "<img", "\n# not", "](", "@everyone", "http:"] { #expect(!prose.contains(markup)) }
    }
}
