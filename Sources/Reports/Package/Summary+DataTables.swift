import Aggregation
import Telemetry

/// Whether the data are all there, as tables.
extension Summary {
    var checksTable: Table {
        var rows = TableRows<Check>()
        rows.plain(
            .init("check", .string, "Id of the condition", isRequired: true, words: .words(Check.ID.self))
        ) { $0.id.rawValue }
        rows.number(
            .init("value", .number, unit: .stated(in: "column unit"), "What was found; empty when it is not known")
        ) {
            $0.value
        }
        rows.number(.init("limit", .number, unit: .stated(in: "column unit"), "What was asked for", isRequired: true)) {
            $0.limit
        }
        rows.text(.init("unit", .string, "UCUM code of both", isRequired: true)) { $0.unit }
        rows.plain(.init("holds", .boolean, "Whether it holds; without all of them there is no pass", isRequired: true))
        {
            $0.holds ? "true" : "false"
        }
        return rows.table(
            "checks", title: "Conditions of completeness", "What was asked of the data as a whole",
            primaryKey: ["check"], completeness.checks)
    }

    var streamsTable: Table {
        var rows = TableRows<StreamState>()
        rows.plain(.init("site", .string, "Id of the site", isRequired: true)) { $0.site.text }
        rows.plain(.init("agent", .string, "Id of the agent", isRequired: true)) { $0.agent.text }
        rows.plain(.init("install", .string, "Which installation of the agent", isRequired: true)) {
            $0.install.description
        }
        rows.count(.init("epoch", .integer, "Which start of it", isRequired: true, least: 0)) { $0.epoch }
        rows.plain(
            .init(
                "class", .string, "How precious the samples are", isRequired: true,
                words: PriorityClass.allCases.map(\.name))
        ) { $0.priority.name }
        rows.count(
            .init("through", .integer, unit: "1", "All frames up to this number are there", isRequired: true, least: 0)
        ) { $0.through }
        rows.plain(
            .init("missing", .string, "Frames neither there nor declared lost: first-last, parted by spaces")
        ) { stream in stream.missing.map { "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: " ") }
        rows.count(
            .init("declared_lost", .integer, unit: "1", "Samples declared lost", isRequired: true, least: 0)
        ) { $0.declaredLost }
        rows.count(
            .init(
                "uncounted_frames", .integer, unit: "1",
                "Frames declared lost of which nobody knows how many samples they held", isRequired: true, least: 0)
        ) { $0.uncountedFrames }
        rows.plain(
            .init(
                "time_known", .boolean, "Whether the clock was synchronised at some time of the boot", isRequired: true)
        ) { $0.isTimeKnown ? "true" : "false" }
        rows.plain(
            .init(
                "tail", .string, "What is known of the stream's end", isRequired: true,
                words: .words(StreamTail.self))
        ) { $0.tail.rawValue }
        rows.plain(
            .init(
                "silent_since", .datetime, "Last word of an agent that ought to have been heard again (RFC 3339, UTC)")
        ) { $0.silentSince?.description }
        rows.plain(
            .init("proven_through", .datetime, "Up to when it is known to be whole, where a run goes on beyond that")
        ) { $0.provenThrough?.description }
        return rows.table(
            "streams", title: "Streams",
            "How far each stream is accounted for: an agent numbers its frames without gaps",
            primaryKey: ["site", "agent", "install", "epoch", "class"], completeness.streams)
    }
}

extension Table.Column {
    /// A column of the ledger.
    init(_ column: CSVLedgerWriter.Column) {
        let kind: Kind =
            switch column.kind {
            case .string: .string
            case .number: .number
            case .boolean: .boolean
            case .datetime: .datetime
            }
        let isShare = column.name == "coverage"
        let isCount = ["delivered", "lost", "missing", "missing_frames"].contains(column.name)
        self.init(
            column.name, isCount ? .integer : kind, unit: column.unit.map(Unit.code), column.description,
            isRequired: ["run", "site"].contains(column.name), least: isShare || isCount ? 0 : nil,
            most: isShare ? 1 : nil)
    }
}
