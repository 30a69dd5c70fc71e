import JSON
import Scenarios
import Telemetry

/// Runs as lines: a table for people, or JSON for programs.
struct RunListing {
    private let asJSON: Bool
    private var rows: [[String]] = [["scenario", "run", "site", "subject", "start", "seconds", "outcome", "notes"]]

    init(asJSON: Bool) { self.asJSON = asJSON }

    mutating func add(_ run: Run, of scenario: Identifier) {
        if asJSON {
            printJSON(run, of: scenario)
            return
        }
        let seconds = run.duration.map { String(Double(($0 + 500_000) / 1_000_000) / 1000) } ?? "-"
        let failure = run.failureMode.map { " (\($0))" } ?? ""
        rows.append([
            scenario.text, run.id.text, run.site.text, run.subject ?? "-", run.start?.description ?? "-", seconds,
            (run.outcome ?? "-") + failure, run.flags.names.joined(separator: " "),
        ])
    }

    func end() {
        guard !asJSON else { return }
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        for row in rows {
            var line = ""
            for (cell, width) in zip(row, widths) {
                line += cell + String(repeating: " ", count: width - cell.count + 2)
            }
            while line.last == " " { line.removeLast() }
            print(line)
        }
    }

    private func printJSON(_ run: Run, of scenario: Identifier) {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("scenario", scenario.text)
        writer.member("run", run.id.text)
        writer.member("site", run.site.text)
        writer.member("subject", run.subject)
        writer.member("start", run.start?.description)
        writer.member("stop", run.stop?.description)
        writer.member("outcome", run.outcome)
        writer.member("failure_mode", run.failureMode)
        writer.member("intervention", run.intervention)
        writer.member("flags", run.flags.names)
        writer.endObject()
        print(String(decoding: writer.bytes, as: UTF8.self))
    }
}
