import Aggregation
import Scenarios
import Telemetry

/// The requirements and what was found, as tables.
extension Summary {
    /// Every table of a summary, those that others refer to first.
    var tables: [Table] {
        [runsTable, criteriaTable, strataTable, safetyTable, metricsTable, checksTable, streamsTable]
    }

    private var runsTable: Table {
        Table(
            name: "runs", title: "Run ledger",
            description: (governance.sharing?.hasCountedRunsOnly == true
                ? "Every run that counts" : "Every run, excluded ones too")
                + ", with the value that it gave to each criterion over one value a run",
            columns: CSVLedgerWriter.columns(of: self).map(Table.Column.init), primaryKey: ["site", "run"],
            csv: Report.text(self, format: .csv))
    }

    private var criteriaTable: Table {
        var rows = TableRows<Criterion>()
        rows.text(.init("criterion", .string, "Id of the criterion", isRequired: true)) { $0.id }
        rows.text(.init("label", .string, "What is estimated, in words", isRequired: true)) { $0.label.en }
        rows.text(.init("statistic", .string, "Kind of the statistic", isRequired: true)) { $0.statistic }
        rows.plain(
            .init("method", .string, "How the bounds were made", isRequired: true, words: .words(Method.self))
        ) { $0.method.rawValue }
        rows.numbers(statedIn: "column unit")
        rows.number(
            .init(
                "confidence", .number, unit: "1", "What the bounds hold at; empty for descriptions", least: 0, most: 1)
        ) { $0.confidence }
        rows.plain(
            .init("bound", .string, "Whether each bound holds at it, or both together", words: .words(Bound.self))
        ) { $0.bound?.rawValue }
        rows.plain(
            .init("comparator", .string, "How it must stand to the threshold", isRequired: true, words: [">=", "<="])
        ) { $0.comparator.rawValue }
        rows.number(
            .init("threshold", .number, unit: .stated(in: "column unit"), "What was asked for", isRequired: true)
        ) { $0.threshold }
        rows.text(
            .init("unit", .string, "UCUM code of threshold, estimate and bounds", isRequired: true)
        ) { $0.unit }
        rows.findings()
        rows.plain(.init("site", .string, "The site that decides, where every site must hold by itself")) {
            $0.site?.text
        }
        rows.text(.init("note", .string, "What has to be known about it")) { $0.note ?? $0.obstacle?.text.en }
        return rows.table(
            "criteria", title: "Criteria", "What was required, estimated and found", primaryKey: ["criterion"], criteria
        )
    }

    private var strataTable: Table {
        var rows = TableRows<StratumRow>()
        rows.text(.init("criterion", .string, "Id of the criterion", isRequired: true)) { $0.criterion }
        rows.plain(.init("site", .string, "Id of the site", isRequired: true)) { $0.stratum.site.text }
        rows.numbers(statedIn: "column unit of the criterion")
        rows.findings()
        let items = criteria.flatMap { criterion in
            criterion.strata.map { StratumRow(criterion: criterion.id, stratum: $0) }
        }
        return rows.table(
            "strata", title: "Criteria by site", "What each criterion that is grouped by site says of each site",
            primaryKey: ["criterion", "site"],
            references: [.init(columns: ["criterion"], table: "criteria", tableColumns: ["criterion"])], items)
    }

    private var safetyTable: Table {
        var rows = TableRows<Safety>()
        rows.text(.init("rule", .string, "Id of the rule", isRequired: true)) { $0.id }
        rows.plain(
            .init(
                "severity", .string, "A critical breach fails the scenario", isRequired: true,
                words: .words(SafetyRule.Severity.self))
        ) { $0.severity.rawValue }
        rows.text(.init("condition", .string, "The rule, in words", isRequired: true)) { $0.condition.en }
        rows.count(
            .init("count", .integer, unit: "1", "Breaches, or events, in all runs; empty where not shared", least: 0)
        ) { $0.count }
        rows.plain(.init("first", .datetime, "When it first happened (RFC 3339, UTC)")) { $0.first?.description }
        rows.plain(
            .init(
                "verdict", .string, "Inconclusive where a breach could hide in holes of the data", isRequired: true,
                words: .words(Verdict.self))
        ) { $0.verdict.rawValue }
        return rows.table(
            "safety", title: "Safety rules", "Over all runs, excluded ones too", primaryKey: ["rule"], safety)
    }

    private var metricsTable: Table {
        var rows = TableRows<Metric>()
        rows.text(.init("metric", .string, "Id of the metric", isRequired: true)) { $0.id }
        rows.text(.init("unit", .string, "UCUM code of all its numbers", isRequired: true)) { $0.unit }
        rows.count(.init("count", .integer, unit: "1", "Samples; empty where not shared", least: 0)) { $0.count }
        rows.count(
            .init(
                "refused", .integer, unit: "1",
                "Samples left out: unreliable, or no finite number; empty where not shared", least: 0)
        ) { $0.refused }
        rows.count(
            .init(
                "marked", .integer, unit: "1",
                "Samples that count although out of their sensor's range or past its calibration; empty where not shared",
                least: 0)
        ) { $0.marked }
        let numbers: [(String, String, KeyPath<Metric, Double?>)] = [
            ("mean", "Mean", \.mean), ("stddev", "Standard deviation", \.stddev), ("min", "Least", \.min),
            ("max", "Greatest", \.max), ("p50", "Median", \.p50), ("p95", "95th percentile", \.p95),
            ("p99", "99th percentile", \.p99),
        ]
        for (name, description, path) in numbers {
            rows.number(.init(name, .number, unit: .stated(in: "column unit"), description)) { $0[keyPath: path] }
        }
        rows.number(
            .init(
                "relative_error", .number, unit: "1", "The largest of the three percentiles; 0 when they are exact",
                isRequired: true, least: 0, most: 1)
        ) { $0.relativeError }
        return rows.table(
            "metrics", title: "Metrics",
            "All samples in the counted runs; they are correlated, so they describe and prove nothing by themselves",
            primaryKey: ["metric"], metrics)
    }
}

extension [String] {
    static func words<Word: CaseIterable & RawRepresentable>(_ type: Word.Type) -> [String]
    where Word.RawValue == String { Word.allCases.map(\.rawValue) }
}

/// What a criterion and one of its strata have in common.
private protocol Estimated {
    var estimate: Double? { get }
    var lower: Double? { get }
    var upper: Double? { get }
    var n: Int? { get }
    var missing: Int? { get }
    var events: Int? { get }
    var exposure: Double? { get }
    var verdict: Verdict? { get }
    var moreRuns: Int? { get }
}

extension Summary.Criterion: Estimated {}

/// A stratum, which by itself does not know whose it is.
private struct StratumRow: Estimated {
    var criterion: String
    var stratum: Summary.Stratum

    var estimate: Double? { stratum.estimate }
    var lower: Double? { stratum.lower }
    var upper: Double? { stratum.upper }
    var n: Int? { stratum.n }
    var missing: Int? { stratum.missing }
    var events: Int? { stratum.events }
    var exposure: Double? { stratum.exposure }
    var verdict: Verdict? { stratum.verdict }
    var moreRuns: Int? { stratum.moreRuns }
}

extension TableRows where Item: Estimated {
    fileprivate mutating func numbers(statedIn place: String) {
        number(.init("estimate", .number, unit: .stated(in: place), "The estimate; empty without data")) { $0.estimate }
        number(.init("lower", .number, unit: .stated(in: place), "Lower bound; empty where there is none")) { $0.lower }
        number(.init("upper", .number, unit: .stated(in: place), "Upper bound; empty where there is none")) { $0.upper }
    }

    fileprivate mutating func findings() {
        count(.init("n", .integer, unit: "1", "Values behind the estimate; empty where not shared", least: 0)) { $0.n }
        count(
            .init(
                "missing", .integer, unit: "1", "Counted runs whose value is not known; empty where not shared",
                least: 0)
        ) { $0.missing }
        count(
            .init("events", .integer, unit: "1", "Events counted; empty where the statistic counts none", least: 0)
        ) { $0.events }
        number(.init("exposure_s", .number, unit: "s", "The time over which events were counted", least: 0)) {
            $0.exposure
        }
        plain(
            .init(
                "verdict", .string, "descriptive: it takes no part in the scenario's verdict", isRequired: true,
                words: .words(Verdict.self) + ["descriptive"])
        ) { $0.verdict?.rawValue ?? "descriptive" }
        count(
            .init(
                "more_runs", .integer, unit: "1",
                "How many more runs would decide; 0 when decided, empty when none can be told", least: 0)
        ) { $0.moreRuns }
    }
}
