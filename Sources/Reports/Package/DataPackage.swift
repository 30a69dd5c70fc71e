package import Aggregation
import Frames
import JSON
import Scenarios
import Telemetry

/// A summary as a Frictionless Data Package 1.0: tables that any program can read, with a description of each column, and
/// the summary itself.
package struct DataPackage: Hashable, Sendable {
    /// One file of the package.
    package struct File: Hashable, Sendable {
        /// Its name; there are no directories.
        package var name: String
        package var bytes: [UInt8]
    }

    /// What makes a directory a package.
    package static let descriptor = "datapackage.json"

    /// The descriptor last, so that who sees it sees all others.
    package let files: [File]

    package init(_ summary: Summary) {
        let tables = summary.tables
        let json = File(name: "summary.json", bytes: Array(Report.text(summary, format: .json).utf8))
        var files: [File] = []
        var resources: [JSONValue] = []
        for table in tables {
            let file = File(name: table.path, bytes: Array(table.csv.utf8))
            files.append(file)
            resources.append(Self.resource(table, file))
        }
        resources.append(
            Self.resource(
                json, "summary", title: "Summary",
                "The evidence that all tables are views of; the normative form, \(Summary.schema)"))
        let descriptor = Self.descriptor(of: summary, resources)
        files += [json, File(name: Self.descriptor, bytes: descriptor.pretty())]
        self.files = files
    }

    /// All files in one, a ZIP file of stored members.
    package var zip: [UInt8] { StoredZIP.bytes(files) }

    /// The names of all files that a package ever has.
    package static let fileNames: Set<String> = [
        "runs.csv", "criteria.csv", "strata.csv", "safety.csv", "metrics.csv", "checks.csv", "streams.csv",
        "summary.json", descriptor,
    ]

    private static func descriptor(of summary: Summary, _ resources: [JSONValue]) -> JSONValue {
        let scenario = summary.scenario
        let share = summary.governance.share
        return [
            // A "tabular-data-package" may hold tables only, and this one holds the summary too.
            "profile": "data-package",
            "name": .string(scenario.id.text),
            "title": .string(scenario.title(in: "en")),
            "description": .string(
                "\(summary.verdict.rawValue): \(summary.reason.en)\n\nTexts in tables that would look like a formula to a "
                    + "spreadsheet, or begin with an apostrophe, have one apostrophe before them."),
            "version": .string(scenario.version),
            "keywords": ["fieldproof", "validation", .string(scenario.setting.rawValue)],
            "period": [
                "from": .string(summary.period.from.description), "to": .string(summary.period.to.description),
            ],
            "verdict": .string(summary.verdict.rawValue),
            "definition": .string(scenario.digest),
            "archive": .string(summary.reproduction.archive),
            "software": .string(summary.reproduction.software),
            "governance": [
                "classification": .string(summary.governance.classification.rawValue),
                "share": [
                    "summary": .string(share.summary.rawValue), "series": .string(share.series.rawValue),
                    "raw": .string(share.raw.rawValue),
                ],
            ],
            "resources": .array(resources),
        ]
    }

    private static func resource(_ table: Table, _ file: File) -> JSONValue {
        [
            "profile": "tabular-data-resource",
            "name": .string(table.name),
            "path": .string(file.name),
            "title": .string(table.title),
            "description": .string(table.description),
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "bytes": .integer(Int64(file.bytes.count)),
            "hash": .string("sha256:\(FrameDigest(of: file.bytes))"),
            "dialect": [
                "delimiter": ",", "lineTerminator": "\r\n", "quoteChar": "\"", "doubleQuote": true, "header": true,
                "skipInitialSpace": false,
            ],
            "schema": table.schema,
        ]
    }

    private static func resource(_ file: File, _ name: String, title: String, _ description: String) -> JSONValue {
        [
            "profile": "data-resource",
            "name": .string(name),
            "path": .string(file.name),
            "title": .string(title),
            "description": .string(description),
            "format": "json",
            "mediatype": "application/json",
            "encoding": "utf-8",
            "bytes": .integer(Int64(file.bytes.count)),
            "hash": .string("sha256:\(FrameDigest(of: file.bytes))"),
        ]
    }
}
