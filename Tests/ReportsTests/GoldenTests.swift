import Aggregation
import Foundation
import JSON
import Reports
import Telemetry
import Testing

/// Where the golden files lie, and how they are compared.
///
/// `FIELDPROOF_RECORD=1 swift test --filter Golden` writes them anew; the diff shows what changed.
enum Golden {
    static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

    static func check(_ text: String, _ file: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let url = fixtures.appending(path: "golden/\(file)")
        if ProcessInfo.processInfo.environment["FIELDPROOF_RECORD"] == "1" {
            try Data(text.utf8).write(to: url)
            return
        }
        let expected = String(decoding: try Data(contentsOf: url), as: UTF8.self)
        guard text != expected else { return }
        let found = text.split(separator: "\n", omittingEmptySubsequences: false)
        let wanted = expected.split(separator: "\n", omittingEmptySubsequences: false)
        let line = zip(found, wanted).enumerated().first { $0.element.0 != $0.element.1 }?.offset
        let place = line ?? min(found.count, wanted.count)
        Issue.record(
            """
            \(file):\(place + 1) differs
            wanted: \(wanted.indices.contains(place) ? wanted[place] : "nothing")
            found:  \(found.indices.contains(place) ? found[place] : "nothing")
            """, sourceLocation: sourceLocation)
    }
}

@Suite("Golden reports")
struct GoldenTests {
    @Test("a report for people is what was reviewed", arguments: SampleSummary.all, ReportLanguage.allCases)
    func people(_ sample: SampleSummary, language: ReportLanguage) throws {
        for format in [ReportFormat.html, .md] {
            try Golden.check(
                Report.text(sample.summary, format: format, language: language),
                "\(sample.name).\(language.rawValue).\(format.fileExtension)")
        }
    }

    @Test("a report for programs is what was reviewed, whatever the language", arguments: SampleSummary.all)
    func programs(_ sample: SampleSummary) throws {
        for format in [ReportFormat.json, .csv, .junit] {
            let text = Report.text(sample.summary, format: format)
            #expect(text == Report.text(sample.summary, format: format, language: .chinese))
            try Golden.check(text, "\(sample.name).\(format.fileExtension)")
        }
    }

    @Test("a strict report for build servers is what was reviewed", arguments: SampleSummary.all)
    func strict(_ sample: SampleSummary) throws {
        try Golden.check(
            Report.text(sample.summary, format: .junit, isStrict: true), "\(sample.name).strict.xml")
    }

    @Test("JSON reads back as the same summary", arguments: SampleSummary.all)
    func readsBack(_ sample: SampleSummary) throws {
        let json = try JSONParser.parse(Report.text(sample.summary, format: .json))
        #expect(try Summary(json: json) == sample.summary)
    }

    @Test("the writer of a format writes that format", arguments: ReportFormat.allCases)
    func writers(_ format: ReportFormat) {
        #expect(type(of: Report.writer(for: format)).format == format)
    }

    @Test("every report ends with a line break", arguments: SampleSummary.all, ReportFormat.allCases)
    func finalLineBreak(_ sample: SampleSummary, format: ReportFormat) {
        #expect(Report.text(sample.summary, format: format).utf8.last == UInt8(ascii: "\n"))
    }
}
