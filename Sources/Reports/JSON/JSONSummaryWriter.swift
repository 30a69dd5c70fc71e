package import Aggregation
import JSON

/// The summary itself, `fieldproof/summary/v1`: members in the order of the schema, two spaces a level, a final line
/// feed.
package struct JSONSummaryWriter: SummaryWriter {
    package static let format = ReportFormat.json

    package init() {}

    package func write(_ summary: Summary, to output: inout some TextOutputStream) {
        output.write(String(decoding: summary.json.pretty(), as: UTF8.self))
    }
}
