import Aggregation
import Foundation
import Reports
import Telemetry
import Testing

@Suite("CSV ledger")
struct CSVTests {
    private func rows(_ summary: Summary) throws -> [[String]] {
        let data = try PythonPeer.run("read_csv.py", input: Report.text(summary, format: .csv))
        return try JSONDecoder().decode([[String]].self, from: data)
    }

    @Test("another reader finds a header and one row a run, all of one width", arguments: SampleSummary.all)
    func shape(_ sample: SampleSummary) throws {
        let rows = try rows(sample.summary)
        #expect(rows.first == CSVLedgerWriter.columns(of: sample.summary).map(\.name))
        #expect(rows.count == sample.summary.ledger.count + 1)
        #expect(Set(rows.map(\.count)).count == 1)
        #expect(rows.dropFirst().map { $0.first } == sample.summary.ledger.map { $0.run.text })
    }

    @Test("a text that looks like a formula comes back by taking one apostrophe away")
    func formulas() throws {
        let summary = Summary.hostile
        let rows = try rows(summary).dropFirst()
        for (row, entry) in zip(rows, summary.ledger) {
            let field = row[7]
            let text = field.hasPrefix("'") ? String(field.dropFirst()) : field
            #expect(text.unicodeScalars.elementsEqual((entry.failureMode ?? "").unicodeScalars))
        }
        let texts = rows.flatMap { [$0[2], $0[6], $0[7], $0[9], $0[10]] }
        #expect(!texts.contains { $0.first.map { "=+-@\t\r\n＝＋－＠".contains($0) } ?? false })
    }

    @Test("rows end with CR LF")
    func lineEnds() {
        let text = Report.text(.proven, format: .csv)
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        #expect(lines.dropLast().allSatisfy { $0.last == UInt8(ascii: "\r") })
        #expect(lines.last?.isEmpty == true)
    }

    @Test("values a run gave stand under their criterion and its unit; what is not known is empty")
    func values() throws {
        let rows = try rows(.refutedAtOneSite)
        #expect(rows[0].suffix(2) == ["cycle-p95 [s]", "force-mean [N]"])
        let success = try #require(rows.dropFirst().first { $0[6] == "success" })
        #expect(success[5] == success[19])
        let open = try #require(rows.dropFirst().first { $0[6].isEmpty })
        #expect(open.suffix(2) == ["", ""])
        #expect(open[10] == "timed-out unfinished")
    }
}
