import Aggregation
import JSON
import Scenarios
import Telemetry
import Testing

@testable import Reports

/// Numbers that stand for few runs, each of them a number that stands nowhere else.
@Suite("What is left out of a shared summary is in no report of it")
struct SharingTests {
    private static let secret = ["7311.25", "7322.5", "7333.75", "7344.5", "7355.25", "7366.5"]

    /// A sample summary whose smallest cell is larger than one of its sites.
    private static func summary() throws -> Summary {
        var summary = Summary.proven
        summary.governance.smallestCell = 5
        summary.governance.classification = .personal
        for index in summary.ledger.indices { summary.ledger[index].subject = "Anna Secret" }
        var criterion = try #require(summary.criteria.first)
        criterion.statistic = "mean"
        criterion.site = nil
        (criterion.events, criterion.missing) = (nil, 0)
        func stratum(_ site: String, n: Int, _ estimate: Double, _ lower: Double, _ upper: Double) throws
            -> Summary.Stratum
        {
            Summary.Stratum(
                site: try #require(Identifier(site)), estimate: estimate, lower: lower, upper: upper, n: n, missing: 0,
                verdict: .pass, moreRuns: 0)
        }
        criterion.strata = [
            try stratum("secret-one", n: 3, 7311.25, 7322.5, 7333.75),
            try stratum("secret-two", n: 9, 7344.5, 7355.25, 7366.5),
            try stratum("large", n: 400, 8400.5, 8300.5, 8500.5),
        ]
        summary.criteria[0] = criterion
        return summary
    }

    private static func reports(_ summary: Summary) -> [(name: String, text: String)] {
        var reports: [(String, String)] = ReportFormat.allCases.flatMap { format in
            [ReportLanguage.english, .chinese].map { language in
                ("\(format) \(language)", Report.text(summary, format: format, language: language))
            }
        }
        reports.append(("statement", String(decoding: SummaryStatement.bytes(of: summary), as: UTF8.self)))
        reports += DataPackage(summary).files.map { ("package \($0.name)", String(decoding: $0.bytes, as: UTF8.self)) }
        return reports
    }

    @Test("the owner's own reports have them, so the test can fail")
    func owner() throws {
        let texts = Self.reports(try Self.summary()).map(\.text).joined()
        for number in Self.secret { #expect(texts.contains(number), "\(number)") }
        #expect(texts.contains(Summary.proven.ledger[0].run.text))
    }

    @Test("no format of the shared one has any of them, nor a run's id, subject or time")
    func shared() throws {
        let whole = try Self.summary()
        let entry = try #require(whole.ledger.first)
        for (name, text) in Self.reports(whole.shared(with: .public)) {
            for number in Self.secret { #expect(!text.contains(number), "\(name) has \(number)") }
            #expect(!text.contains(entry.start?.description ?? "never"), "\(name)")
            if let subject = entry.subject { #expect(!text.contains(subject), "\(name)") }
        }
    }

    @Test("one of too few runs has its verdict and no number of theirs in any format")
    func withheld() throws {
        var whole = try Self.summary()
        whole.governance.smallestCell = 100_000
        let counted = whole.runs.counted.map(String.init) ?? "none"
        try #require(counted.count >= 2)
        for (name, text) in Self.reports(whole.shared(with: .partner)) {
            for number in Self.secret + ["8400.5"] { #expect(!text.contains(number), "\(name) has \(number)") }
            #expect(!text.contains("\(counted) runs") && !text.contains("\(counted) 次"), "\(name)")
        }
        #expect(Report.text(whole.shared(with: .partner), format: .md).contains("Pass"))
    }

    @Test("every page says for whom it was made, and its JSON reads back")
    func note() throws {
        let shared = try Self.summary().shared(with: .public)
        let page = Report.text(shared, format: .html)
        #expect(page.contains("Made for everyone: numbers that stand for fewer than 5 runs"))
        #expect(Report.text(shared, format: .md).contains("The ledger is not shared"))
        #expect(try Summary(json: JSONParser.parse(Array(Report.text(shared, format: .json).utf8))) == shared)
    }

    @Test("a ledger without the runs that do not count says so, where consent has to do with it")
    func counted() throws {
        var whole = Summary.proven
        (whole.governance.smallestCell, whole.governance.classification) = (1, .internal)
        whole.governance.consent = .init(series: ["person.*"])
        let index = try #require(whole.ledger.indices.last)
        whole.ledger[index].excluded = "no consent: pulse"
        let name = whole.ledger[index].run.text
        let shared = whole.shared(with: .public)
        try #require(!shared.ledger.isEmpty)
        for format in [ReportFormat.html, .md] {
            let words = "Only runs that count are listed"
            #expect(Report.text(shared, format: format, language: .english).contains(words), "\(format)")
            #expect(!Report.text(whole, format: format, language: .english).contains(words), "\(format)")
            #expect(Report.text(shared, format: format, language: .chinese).contains("仅列出计入的运行"), "\(format)")
        }
        for (report, text) in Self.reports(shared) {
            #expect(!text.contains("no consent: ") && !text.contains("\"\(name)\""), "\(report)")
        }
    }
}
