package import Aggregation
import Frames
import JSON
import Telemetry

/// What is signed of a summary: an in-toto Statement, version 1, whose predicate is the whole summary.
///
/// The `test-result` predicate that in-toto publishes knows passed, warned and failed only. It has no word for evidence that is
/// inconclusive, and none for intervals, completeness or the registered definition, so the predicate is the summary itself.
package enum SummaryStatement {
    /// The media type of an in-toto statement, which is the payload type of its envelope (in-toto attestation 1.0).
    package static let mediaType = "application/vnd.in-toto+json"

    /// What kind of predicate it is: the `$id` of the summary's JSON Schema.
    package static let predicateType = "urn:fieldproof:summary:v1"

    /// The statement as JSON without white space.
    ///
    /// Its subjects are the summary as ``JSONSummaryWriter`` writes it, the definitions by the hash of their canonical JSON, and
    /// the archive by the hash over the frames that the summary rests on.
    package static func bytes(of summary: Summary) -> [UInt8] {
        let scenario = summary.scenario
        let text = Array(Report.text(summary, format: .json).utf8)
        var subjects = [subject("summary.json", "sha256:\(FrameDigest(of: text))")]
        let definitions =
            [scenario.digest] + [scenario.registered].compactMap(\.self) + summary.reproduction.definitions
        var seen: Set<String> = []
        for digest in definitions where seen.insert(digest).inserted {
            let name = digest == scenario.digest ? "definition" : "definition \(seen.count)"
            subjects.append(subject(name, digest))
        }
        subjects.append(subject("archive", summary.reproduction.archive))
        let statement: JSONValue = [
            "_type": "https://in-toto.io/Statement/v1",
            "subject": .array(subjects.compactMap(\.self)),
            "predicateType": .string(predicateType),
            "predicate": summary.json,
        ]
        return statement.compact()
    }

    /// Nil for what is no SHA-256: a subject without a digest is none.
    private static func subject(_ name: String, _ digest: String) -> JSONValue? {
        let prefix = "sha256:"
        guard digest.hasPrefix(prefix) else { return nil }
        let digits = digest.dropFirst(prefix.count)
        guard digits.utf8.count == 64, digits.utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) }) else {
            return nil
        }
        return ["name": .string(name), "digest": ["sha256": .string(String(digits))]]
    }
}
