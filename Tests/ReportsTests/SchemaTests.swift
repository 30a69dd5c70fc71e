import Aggregation
import Foundation
import JSON
import Reports
import Telemetry
import Testing

@Suite("JSON Schema of the summary")
struct SchemaTests {
    /// Where each summary is not valid.
    private func faults(_ summaries: [String]) throws -> [[String]] {
        let given: JSONValue = [
            "schema": .string(SummarySchema.text), "summaries": .array(summaries.map(JSONValue.string)),
        ]
        let output = try PythonPeer.run("check_schema.py", input: String(decoding: given.compact(), as: UTF8.self))
        return try String(decoding: output, as: UTF8.self).split(separator: "\n").map { line in
            try JSONDecoder().decode([String].self, from: Data(line.utf8))
        }
    }

    @Test("the published schema is that of the documentation, byte for byte")
    func published() throws {
        let file = Golden.fixtures.appending(
            path: "../../../Sources/Aggregation/Aggregation.docc/Resources/summary-v1.schema.json")
        #expect(try Data(contentsOf: file.standardizedFileURL) == Data(SummarySchema.text.utf8))
    }

    @Test("another validator finds schema and summaries sound; ids and digests that are none are all it finds")
    func summaries() throws {
        let samples = SampleSummary.all
        let found = try faults(samples.map { Report.text($0.summary, format: .json) })
        try #require(found.count == samples.count)
        for (sample, faults) in zip(samples, found) where sample.name != "hostile" {
            #expect(faults.isEmpty, "\(sample.name): \(faults)")
        }
        let hostile = Set(try #require(found.last))
        #expect(
            hostile == [
                "criteria/0/id pattern", "safety/0/id pattern", "metrics/0/id pattern", "reproduction/archive pattern",
                "ledger/8/flags/0 enum",
            ])
    }

    @Test(
        "what is no summary is refused",
        arguments: [
            (#""interim": false"#, #""interim": "no""#), (#""version": "1.2.0""#, #""version": "1.2.0", "extra": 1"#),
            (#""from": "2026-11-02T00:00:00Z""#, #""from": "2026-13-02T00:00:00Z""#),
            (#""verdict": "pass""#, #""verdict": "maybe""#), (#""interim": false,"#, ""), (#""n": 142"#, #""n": 14.5"#),
        ])
    func refused(_ part: String, _ change: String) throws {
        let text = Report.text(.proven, format: .json)
        let changed = text.replacing(part, with: change)
        try #require(changed != text)
        #expect(try faults([changed]).first?.isEmpty == false)
    }
}
