import Aggregation
import Foundation
import JSON
import Reports
import Signing
import Testing

@Suite("Signed statement")
struct StatementTests {
    private func statement(_ summary: Summary) throws -> JSONValue {
        try JSONParser.parse(SummaryStatement.bytes(of: summary))
    }

    @Test("an envelope is what was reviewed: Ed25519 signs alike each time", arguments: SampleSummary.all)
    func golden(_ sample: SampleSummary) throws {
        let key = try SigningKey(seed: Array(1...32))
        var envelope = Envelope(SummaryStatement.bytes(of: sample.summary), type: SummaryStatement.mediaType)
        try envelope.sign(with: key)
        try Golden.check(String(decoding: envelope.json.pretty(), as: UTF8.self), "\(sample.name).dsse.json")
        #expect(envelope.isSigned(by: key.publicKey))
    }

    @Test("the predicate is the whole summary, and reads back as it", arguments: SampleSummary.all)
    func predicate(_ sample: SampleSummary) throws {
        let statement = try statement(sample.summary)
        #expect(statement["_type"]?.string == "https://in-toto.io/Statement/v1")
        #expect(try Summary(json: #require(statement["predicate"])) == sample.summary)
        let schema = try JSONParser.parse(SummarySchema.text)
        #expect(statement["predicateType"] == schema["$id"])
    }

    @Test("subjects are named by what they are, each once, and each has a digest", arguments: SampleSummary.all)
    func subjects(_ sample: SampleSummary) throws {
        let subjects = try #require(try statement(sample.summary)["subject"]?.array)
        let names = subjects.compactMap { $0["name"]?.string }
        #expect(names.count == subjects.count && Set(names).count == names.count)
        #expect(names.prefix(2) == ["summary.json", "definition"])
        for subject in subjects { #expect(subject["digest"]?["sha256"]?.string?.utf8.count == 64) }
        // The hostile one's archive is no digest.
        #expect(names.contains("archive") == (sample.name != "hostile"))
    }

    @Test("a definition that was changed is there beside the registered one")
    func changed() throws {
        let subjects = try #require(try statement(.refutedAtOneSite)["subject"]?.array)
        let digests = subjects.compactMap { $0["digest"]?["sha256"]?.string }
        #expect(
            digests.contains(String(digest("c").dropFirst(7))) && digests.contains(String(digest("a").dropFirst(7))))
    }
}
