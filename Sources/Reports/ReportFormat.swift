/// The forms in which a summary is handed to readers.
package enum ReportFormat: String, CaseIterable, Sendable {
    /// The summary itself, `fieldproof/summary/v1`; every other format is a view of it.
    case json
    /// One self-contained page for the screen and for A4 paper.
    case html
    /// The run ledger as a table, one row a run (RFC 4180).
    case csv
    /// GitHub-flavoured Markdown for issues, pull requests and wikis.
    case md
    /// Test cases for a build server: JUnit XML, as Maven Surefire writes it.
    case junit

    /// The media type to send it with (RFC 6838), with its parameters.
    package var mediaType: String {
        switch self {
        case .json: "application/json"
        case .html: "text/html; charset=utf-8"
        case .csv: "text/csv; charset=utf-8; header=present"
        case .md: "text/markdown; charset=utf-8; variant=GFM"
        case .junit: "application/xml"
        }
    }

    /// The ending of a file of it, without the dot.
    package var fileExtension: String {
        switch self {
        case .json, .html, .csv, .md: rawValue
        case .junit: "xml"
        }
    }
}
