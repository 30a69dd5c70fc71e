import Aggregation
import Foundation
import JSON
import Scenarios
import Telemetry
import Testing

@Suite("The form of a summary")
struct SummaryFormatTests {
    /// One summary of each verdict, with every section filled.
    static func examples() throws -> [(name: String, summary: Summary)] {
        try [("pass", 0), ("inconclusive", 1), ("fail", 20)].map { name, failures in
            var bench = try Bench(
                criteria: """
                    {id: success-rate, statistic: proportion, outcome: success, at-least: 0.9, \
                    confidence: 0.95, by: site, rule: all}
                    {id: cycle-median, statistic: quantile, q: 0.5, metric: cycle-time, at-most: 12 s, \
                    confidence: 0.95, bound: two-sided}
                    {id: force-mean, statistic: mean, metric: grip-force, over: samples, at-most: 40 N}
                    """,
                more: """
                    sites: [{id: deqing, name: Deqing, environment: indoor}]
                    runs: {exclude: {outcome: invalid, at-most: 10%}, timeout: 120s}
                    safety: [{id: e-stop, event: estop.pressed, at-most: 0, severity: critical}]
                    completeness: {loss-at-most: 1%}
                    governance:
                      classification: internal
                      retention: 180d
                      redact: [{series: "person.*", action: pseudonymise}]
                      share: {summary: public, series: partner, raw: none}
                      smallest-cell: 5
                    """)
            try bench.attempts(35, "success", seconds: 9)
            try bench.attempts(failures, "failure", seconds: 11)
            try bench.attempt("invalid")
            var account = try Bench.account(accepted: 1000, lost: 2, pending: 1, missing: [7...8])
            let third = try #require(bench.runs[2].window)
            account.holes = [
                StreamAccount.Hole(
                    missingFrames: 2, lost: 2, missing: 1, boot: nil, sinceBoot: 0...0,
                    times: third.lowerBound...third.lowerBound)
            ]
            bench.streams = [account]
            return (name, try bench.summary())
        }
    }

    @Test("the golden summaries are what is written, and read back as they were")
    func golden() throws {
        let folder = try Self.folder()
        for (name, summary) in try Self.examples() {
            #expect(summary.verdict.rawValue == name)
            let file = folder.appending(path: "\(name).summary.json")
            if ProcessInfo.processInfo.environment["AGGREGATION_REGENERATE"] != nil {
                try Data(summary.json.pretty()).write(to: file)
            }
            let written = try [UInt8](Data(contentsOf: file))
            #expect(
                summary.json.pretty() == written, "AGGREGATION_REGENERATE=1 swift test writes the golden files anew")
            let read = try Summary(json: JSONParser.parse(written))
            #expect(read == summary)
            #expect(read.json.pretty() == written)
        }
    }

    private static func change(_ value: JSONValue, _ path: ArraySlice<String>, to new: JSONValue?) -> JSONValue {
        guard let key = path.first else { return new ?? .null }
        if var object = value.object {
            if path.count == 1 {
                object[key] = new
            } else {
                object[key] = object[key].map { change($0, path.dropFirst(), to: new) }
            }
            return .object(object)
        }
        guard var array = value.array, let index = Int(key) else { return value }
        array[index] = change(array[index], path.dropFirst(), to: new)
        return .array(array)
    }

    /// Where, and with what; nil takes the member out.
    private static let mutations: [(path: String, value: JSONValue?)] = [
        ("schema", "fieldproof/summary/v2"), ("verdict", "passed"), ("verdict", nil), ("extra", 1), ("reason", nil),
        ("interim", "no"), ("period.from", "yesterday"), ("scenario.digest", 7), ("scenario.setting", "virtual"),
        ("scenario.name", "x"), ("runs.total", -1), ("runs.counted", 1.5), ("runs.outcomes.success", "many"),
        ("criteria.0.estimate", "NaN"), ("criteria.0.lower", nil), ("criteria.0.comparator", ">"),
        ("criteria.0.method", "guess"), ("criteria.0.morerun", 1), ("criteria.0.bound", "one"),
        ("criteria.0.strata.0.n", nil), ("criteria.0.strata.0.verdict", "maybe"), ("safety.0.severity", "fatal"),
        ("safety.0.first", 0), ("completeness.verdict", "ok"), ("completeness.pending", nil),
        ("completeness.checks.0.holds", 1), ("completeness.streams.0.install", "xyz"),
        ("completeness.streams.0.missing", [[1]]), ("metrics.0.relative_error", nil), ("metrics.0.p50", "1"),
        ("ledger.0.site", "De Qing"), ("ledger.0.values.cycle-median", .null),
        ("ledger.0.completeness", nil), ("ledger.0.completeness.delivered", -1), ("ledger.0.completeness.missing", nil),
        ("ledger.0.completeness.broken", ["speed"]), ("completeness.untimed", nil),
        ("completeness.streams.0.time_known", 1), ("governance.share.raw", "all"),
        ("governance.smallest_cell", nil), ("reproduction.definitions", "sha256:"), ("reproduction", nil),
    ]

    @Test("a member that is missing, unknown or wrong is refused with its path")
    func strict() throws {
        let summary = try Self.examples()[0].summary.json
        for mutation in Self.mutations {
            let path = mutation.path.split(separator: ".").map(String.init)
            let changed = Self.change(summary, path[...], to: mutation.value)
            #expect(changed != summary, "\(mutation.path)")
            let error = #expect(throws: AggregationError.self, "\(mutation.path)") { try Summary(json: changed) }
            #expect(error?.place.contains(path.last { Int($0) == nil } ?? "") == true, "\(mutation.path)")
        }
    }

    @Test("the JSON Schema takes the golden summaries and refuses every mutation, by an independent validator")
    func schema() throws {
        let summaries = try Self.examples().map(\.summary.json)
        let mutated = Self.mutations.map { mutation in
            Self.change(summaries[0], mutation.path.split(separator: ".").map(String.init)[...], to: mutation.value)
        }
        var lines = (summaries + mutated).map { String(decoding: $0.compact(), as: UTF8.self) }
        lines.append(lines[0].replacing("\"interim\":false", with: "\"interim\":NaN"))
        let answers = try validate(lines)
        try #require(answers.count == lines.count)
        #expect(answers.prefix(summaries.count).allSatisfy { $0 == "valid" }, "\(answers.prefix(summaries.count))")
        for (mutation, answer) in zip(Self.mutations, answers.dropFirst(summaries.count)) {
            #expect(answer != "valid", "\(mutation.path)")
        }
        #expect(answers.last?.hasPrefix("not JSON") == true)
    }

    private static func folder() throws -> URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
    }

    /// One answer a line from Python's jsonschema.
    private func validate(_ lines: [String]) throws -> [String] {
        let folder = try Self.folder()
        let schema = folder.appending(
            path: "../../../Sources/Aggregation/Aggregation.docc/Resources/summary-v1.schema.json")
        let input = FileManager.default.temporaryDirectory.appending(path: "summaries-\(UUID().uuidString)")
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: input)
        defer { try? FileManager.default.removeItem(at: input) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", folder.appending(path: "validate.py").path, schema.standardizedFileURL.path]
        process.standardInput = try FileHandle(forReadingFrom: input)
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let answer = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(decoding: answer, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
