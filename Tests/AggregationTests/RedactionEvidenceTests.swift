import Aggregation
import JSON
import Scenarios
import Telemetry
import Testing

@Suite("Proof of redaction")
struct RedactionEvidenceTests {
    private static let demands = """
        governance: {redact: [{series: "person.*", action: drop}, {series: "room.position.*", action: coarsen}]}
        """

    private static func pattern(_ text: String) throws -> SeriesPattern { try #require(SeriesPattern(text)) }

    /// A start whose record has these rules; nil for no record.
    private static func start(
        _ agent: String, epoch: UInt64 = 1, _ rules: [(String, RedactionRecord.Rule.Detail)]?, series: Set<String> = []
    ) throws -> EdgeStart {
        let rules = try rules?.map { RedactionRecord.Rule(try pattern($0), $1) }
        return EdgeStart(
            site: try Bench.identifier("deqing"), agent: try Bench.identifier(agent),
            install: UUIDBytes(high: 1, low: 1),
            epoch: epoch, records: rules.map { [RedactionRecord($0, epoch: epoch)] } ?? [], series: series)
    }

    private static let metre = Unit("m") ?? .one
    private static let all: [(String, RedactionRecord.Rule.Detail)] = [
        ("person.*", .drop), ("room.*", .coarsen(step: 0.5, unit: metre)),
    ]

    private func summary(_ starts: [EdgeStart], more: String = demands, failures: Int = 0) throws -> Summary {
        var bench = try Bench(more: more)
        try bench.attempts(40, "success")
        try bench.attempts(failures, "failure")
        var evidence = bench.evidence([:])
        evidence.starts = starts
        return try Summary(evidence)
    }

    @Test("it is there when every start has every rule on record")
    func proven() throws {
        let summary = try summary([
            try Self.start("box-01", Self.all, series: ["room.position.x"]),
            try Self.start("box-02", [("*", .drop)]),
        ])
        #expect(summary.verdict == .pass)
        #expect(summary.governance.redactions.map(\.isApplied) == [true, true])
        #expect(summary.completeness.checks.last == .init(id: .redaction, value: 0, limit: 0, unit: "1", holds: true))
        #expect(summary.json["governance"]?["redact"]?.array?.first?["lacking"] == nil)
        #expect(try Summary(json: summary.json) == summary)
    }

    @Test("a start without a record, with another rule or a narrower one blocks a pass, and its agent is named")
    func lacking() throws {
        let summary = try summary([
            try Self.start("box-01", Self.all), try Self.start("box-01", epoch: 2, nil),
            try Self.start("box-02", [("person.name", .drop), ("room.position.*", .drop)]),
            try Self.start("box-03", [("person.*", .pseudonymise(key: "k", tags: [])), Self.all[1]]),
        ])
        #expect(summary.verdict == .inconclusive)
        #expect(summary.completeness.verdict == .complete, "nothing is missing")
        #expect(summary.completeness.checks.last == .init(id: .redaction, value: 3, limit: 0, unit: "1", holds: false))
        #expect(summary.governance.redactions.map(\.isApplied) == [false, false])
        #expect(
            summary.governance.redactions.map(\.lacking) == [
                ["deqing/box-01", "deqing/box-02", "deqing/box-03"], ["deqing/box-01"],
            ])
        #expect(
            summary.reason.en
                == "There is no record that deqing/box-01, deqing/box-02, deqing/box-03 applied 'drop person.*', which the "
                + "definition demands; there is no record that deqing/box-01 applied 'coarsen room.position.*', which the "
                + "definition demands.")
        #expect(try Summary(json: summary.json) == summary)
    }

    @Test("series in the archive that should have been dropped are a breach, whatever is on record")
    func breach() throws {
        let summary = try summary(
            [try Self.start("box-01", Self.all, series: ["person.name", "person.age", "arm.force", "personal"])])
        #expect(summary.verdict == .inconclusive)
        let redaction = summary.governance.redactions[0]
        #expect(redaction.isApplied == false && redaction.lacking.isEmpty)
        #expect(redaction.breaches == [.init(agent: "deqing/box-01", series: ["person.age", "person.name"])])
        #expect(
            summary.reason.en
                == "The archive has person.age, person.name of deqing/box-01, which should have been dropped at the edge."
        )
        #expect(summary.reason.zh == "档案中存有 deqing/box-01 本应在边缘端丢弃的 person.age、person.name。")
        #expect(try Summary(json: summary.json) == summary)
    }

    @Test("a verdict that stands on other grounds says so all the same")
    func besides() throws {
        let summary = try summary([try Self.start("box-01", nil)], failures: 40)
        #expect(summary.verdict == .fail)
        #expect(summary.reason.en.contains("there is no record that deqing/box-01 applied 'drop person.*'"))
    }

    @Test("a definition that demands none has no check, and its summary no member for it")
    func none() throws {
        let summary = try summary([try Self.start("box-01", nil, series: ["person.name"])], more: "")
        #expect(summary.verdict == .pass)
        #expect(!summary.completeness.checks.contains { $0.id == .redaction })
        #expect(summary.json["governance"]?["redact"] == .array([]))
    }
}
