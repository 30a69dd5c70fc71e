package import Aggregation
import Telemetry

/// The run ledger as a table: a header, then one row a run, by RFC 4180 (UTF-8, CRLF after every row, no byte order
/// mark).
///
/// Excluded runs are in it, with the reason. A field without a value is empty.
package struct CSVLedgerWriter: SummaryWriter {
    package static let format = ReportFormat.csv

    package init() {}

    /// What a column holds, for programs that describe the table.
    package struct Column: Hashable, Sendable {
        /// A field type of Frictionless Table Schema.
        package enum Kind: String, Sendable {
            case string
            case number
            case boolean
            case datetime
        }

        /// The header, as it is before quoting.
        package var name: String
        package var kind: Kind
        /// UCUM code, for numbers.
        package var unit: String?
        package var description: String
    }

    /// The columns of a summary's ledger: those that are always there, then one for each criterion over one value a
    /// run, headed by the criterion's id and, in brackets, its unit.
    package static func columns(of summary: Summary) -> [Column] {
        fixed
            + valued(summary).map { criterion in
                Column(
                    name: CSVField.inert("\(criterion.id) [\(criterion.unit)]"), kind: .number, unit: criterion.unit,
                    description: "What the run gave to the criterion \(criterion.id): \(criterion.label.en)")
            }
    }

    package func write(_ summary: Summary, to output: inout some TextOutputStream) {
        row(Self.columns(of: summary).map(\.name), to: &output)
        let valued = Self.valued(summary)
        for entry in summary.ledger {
            let values = valued.map { criterion in
                entry.values.first { $0.criterion == criterion.id }.map { Self.number($0.value) } ?? ""
            }
            row(Self.fields(entry) + values, to: &output)
        }
    }

    private static func fields(_ entry: Summary.LedgerEntry) -> [String] {
        [
            entry.run.text, entry.site.text, CSVField.inert(entry.subject ?? ""), entry.start?.description ?? "",
            entry.stop?.description ?? "", entry.duration.map(number) ?? "", CSVField.inert(entry.outcome ?? ""),
            CSVField.inert(entry.failureMode ?? ""), entry.intervention.map { $0 ? "true" : "false" } ?? "",
            CSVField.inert(entry.excluded ?? ""), CSVField.inert(entry.flags.joined(separator: " ")),
        ] + fields(entry.completeness)
    }

    private static func fields(_ data: Summary.RunCompleteness?) -> [String] {
        [
            data.map { String($0.delivered) } ?? "", data.map { String($0.lost) } ?? "",
            data.map { String($0.missing) } ?? "", data.map { String($0.missingFrames) } ?? "",
            data?.coverage.map(number) ?? "", data?.longestGap.map(number) ?? "", data?.clockError.map(number) ?? "",
            data.map { $0.broken.map(\.rawValue).joined(separator: " ") } ?? "",
        ]
    }

    private func row(_ fields: [String], to output: inout some TextOutputStream) {
        output.write(CSVField.row(fields))
    }

    /// The shortest text that reads back as the same double; empty for what is no number.
    private static func number(_ value: Double) -> String {
        value.isFinite ? "\(value)" : ""
    }

    private static func valued(_ summary: Summary) -> [Summary.Criterion] {
        let given = summary.ledger.reduce(into: Set<String>()) { ids, entry in
            for value in entry.values { ids.insert(value.criterion) }
        }
        return summary.criteria.filter { given.contains($0.id) }
    }

    private static let fixed = [
        Column(name: "run", kind: .string, unit: nil, description: "Id of the run; unique with its site"),
        Column(name: "site", kind: .string, unit: nil, description: "Id of the site"),
        Column(name: "subject", kind: .string, unit: nil, description: "The system under test"),
        Column(name: "start", kind: .datetime, unit: nil, description: "RFC 3339, UTC"),
        Column(name: "stop", kind: .datetime, unit: nil, description: "RFC 3339, UTC"),
        Column(name: "duration_s", kind: .number, unit: "s", description: "Seconds from start to stop"),
        Column(
            name: "outcome", kind: .string, unit: nil, description: "A word of the definition; empty when none was told"
        ),
        Column(name: "failure_mode", kind: .string, unit: nil, description: "How it failed"),
        Column(name: "intervention", kind: .boolean, unit: nil, description: "Whether a person had to step in"),
        Column(
            name: "excluded", kind: .string, unit: nil, description: "Why it does not count; empty when it counts"),
        Column(name: "flags", kind: .string, unit: nil, description: "What is odd about the record, parted by spaces"),
        Column(name: "delivered", kind: .number, unit: "1", description: "Samples and events within the run"),
        Column(
            name: "lost", kind: .number, unit: "1",
            description:
                "Samples declared lost in holes of the streams that touch the run: at most so many are the run's"),
        Column(
            name: "missing", kind: .number, unit: "1",
            description: "Samples neither there nor declared lost, in such holes"),
        Column(
            name: "missing_frames", kind: .number, unit: "1",
            description: "Frames neither there nor declared lost, in such holes"),
        Column(
            name: "coverage", kind: .number, unit: "1",
            description: "Share of the run that samples of the worst metric cover"),
        Column(name: "longest_gap_s", kind: .number, unit: "s", description: "Longest time that a metric was silent"),
        Column(
            name: "clock_error_s", kind: .number, unit: "s",
            description: "Bound on the error of the samples' times; empty when it is not known"),
        Column(
            name: "broken", kind: .string, unit: nil,
            description: "Rules of completeness that the run does not keep by itself, parted by spaces"),
    ]
}
