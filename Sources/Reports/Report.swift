package import Aggregation

/// Summaries as texts, by the name of a format.
package enum Report {
    /// The report in one format; `language` matters to those for people, HTML and Markdown, only.
    package static func text(_ summary: Summary, format: ReportFormat, language: ReportLanguage = .english) -> String {
        var text = ""
        write(summary, format: format, language: language, to: &text)
        return text
    }

    /// As ``text(_:format:language:)``, into a stream.
    package static func write(
        _ summary: Summary, format: ReportFormat, language: ReportLanguage = .english,
        to output: inout some TextOutputStream
    ) {
        writer(for: format, language: language).write(summary, to: &output)
    }

    /// The writer of a format.
    package static func writer(for format: ReportFormat, language: ReportLanguage = .english) -> any SummaryWriter {
        switch format {
        case .json: JSONSummaryWriter()
        case .html: HTMLSummaryWriter(language: language)
        case .csv: CSVLedgerWriter()
        case .md: MarkdownSummaryWriter(language: language)
        }
    }
}
