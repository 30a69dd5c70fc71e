package import Aggregation

/// Summaries as texts, by the name of a format.
package enum Report {
    /// The report in one format; `language` matters to those for people, HTML and Markdown, only, and `isStrict` to JUnit.
    package static func text(
        _ summary: Summary, format: ReportFormat, language: ReportLanguage = .english, isStrict: Bool = false
    ) -> String {
        var text = ""
        write(summary, format: format, language: language, isStrict: isStrict, to: &text)
        return text
    }

    /// As ``text(_:format:language:isStrict:)``, into a stream.
    package static func write(
        _ summary: Summary, format: ReportFormat, language: ReportLanguage = .english, isStrict: Bool = false,
        to output: inout some TextOutputStream
    ) {
        writer(for: format, language: language, isStrict: isStrict).write(summary, to: &output)
    }

    /// The writer of a format.
    ///
    /// `isStrict`: whether what is inconclusive counts as failed where a format knows only passed and failed.
    package static func writer(
        for format: ReportFormat, language: ReportLanguage = .english, isStrict: Bool = false
    ) -> any SummaryWriter {
        switch format {
        case .json: JSONSummaryWriter()
        case .html: HTMLSummaryWriter(language: language)
        case .csv: CSVLedgerWriter()
        case .md: MarkdownSummaryWriter(language: language)
        case .junit: JUnitSummaryWriter(isStrict: isStrict)
        }
    }
}
