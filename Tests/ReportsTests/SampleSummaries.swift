import Aggregation
import Scenarios
import Telemetry
import Testing

/// Hand-made summaries, one for each thing that a report has to be able to say.
struct SampleSummary: Sendable, CustomTestStringConvertible {
    var name: String
    var summary: Summary

    var testDescription: String { name }

    /// All of them; their names are those of the golden files.
    static var all: [SampleSummary] {
        [
            SampleSummary(name: "pass", summary: .proven), SampleSummary(name: "fail", summary: .refutedAtOneSite),
            SampleSummary(name: "inconclusive", summary: .fullOfHoles),
            SampleSummary(name: "empty", summary: .withoutRuns),
            SampleSummary(name: "single", summary: .single),
            SampleSummary(name: "statistics", summary: .ofEveryStatistic),
            SampleSummary(name: "hostile", summary: .hostile),
        ]
    }
}

/// Digests are made up but look like digests.
func digest(_ digit: Character) -> String { "sha256:" + String(repeating: digit, count: 64) }

func identifier(_ text: String) -> Identifier {
    guard let identifier = Identifier(text) else { preconditionFailure("not an identifier: \(text)") }
    return identifier
}

func time(_ text: String) -> Timestamp {
    guard let time = Timestamp(rfc3339: text) else { preconditionFailure("not a time: \(text)") }
    return time
}

extension Summary {
    /// What is alike in all of them; each changes what it is about.
    static func template(_ verdict: Verdict, en: String, zh: String) -> Summary {
        Summary(
            scenario: Scenario(
                id: identifier("grasp-and-place"), version: "1.2.0", digest: digest("a"), registered: digest("a"),
                title: [
                    Scenario.Title(language: "en", text: "Grasp and place"),
                    Scenario.Title(language: "zh", text: "抓取与放置"),
                ], setting: .real),
            verdict: verdict, reason: Text(en: en, zh: zh), isInterim: false,
            period: Period(from: time("2026-11-02T00:00:00Z"), to: time("2026-11-20T18:00:00Z")),
            runs: Runs(total: 0, counted: 0, excluded: 0, outcomes: []), criteria: [], safety: [],
            completeness: Completeness(
                verdict: .complete, accepted: 1_482_310, delivered: 1_482_310, lost: 0, pending: 0, duplicates: 214,
                untimed: 0, unusable: 0, coverage: 0.99982, longestGap: 1.25, clockError: 0.0031,
                checks: [
                    Check(id: .loss, value: 0, limit: 0, unit: "1", holds: true),
                    Check(id: .gap, value: 1.25, limit: 5, unit: "s", holds: true),
                    Check(id: .coverage, value: 0.99982, limit: 0.99, unit: "1", holds: true),
                    Check(id: .clockError, value: 0.0031, limit: 0.5, unit: "s", holds: true),
                ], streams: [.sample("deqing", "arm-07", .event, 412), .sample("deqing", "arm-07", .metric, 29_881)]),
            metrics: [], ledger: [],
            governance: Governance(
                classification: .internal, isConsentRequired: false, retention: 180 * 86_400,
                redactions: [Governance.Redaction(series: "person.*", action: .pseudonymise)],
                share: Governance.Sharing(summary: .public, series: .partner, raw: .none), smallestCell: 5),
            reproduction: Reproduction(
                software: "fieldproof 1.0.0", archive: digest("b"), definitions: [digest("a")]))
    }

    /// Puts the ledger in and counts it.
    mutating func record(_ ledger: [LedgerEntry], outcomes: [String] = ["success", "failure", "aborted", "invalid"]) {
        self.ledger = ledger
        let excluded = ledger.count { $0.excluded != nil }
        runs = Runs(
            total: ledger.count, counted: ledger.count - excluded, excluded: excluded,
            outcomes: outcomes.map { outcome in
                Runs.Outcome(outcome: outcome, count: ledger.count { $0.outcome == outcome })
            })
    }
}

extension Summary.StreamState {
    static func sample(
        _ site: String, _ agent: String, _ priority: PriorityClass, _ through: UInt64,
        missing: [ClosedRange<UInt64>] = [], lost: UInt64 = 0
    ) -> Self {
        Self(
            site: identifier(site), agent: identifier(agent),
            install: UUIDBytes(high: 0x6f1c_2a9e_4b7d_4c01, low: 0x9a55_d03e_7781_b2f4), epoch: 3, priority: priority,
            through: through, missing: missing, declaredLost: lost)
    }
}

extension Summary.LedgerEntry {
    /// Run `number` of a site, every twenty minutes, its duration a little different from that of the run before.
    static func sample(
        _ number: Int, site: String = "deqing", outcome: String? = "success", failureMode: String? = nil,
        intervention: Bool? = false, excluded: String? = nil, flags: [String] = [], slow: Double = 0
    ) -> Self {
        let start = time("2026-11-03T08:00:00Z").advanced(byNanoseconds: Int64(number) * 1_200_000_000_000)
        // A fixed low-discrepancy sequence (golden ratio), so that the drawing has a spread without a generator.
        let share = (Double(number) * 0.618_033_988_749_895).truncatingRemainder(dividingBy: 1)
        let duration = ((8 + 2.4 * share * share + slow) * 1000).rounded() / 1000
        return Self(
            run: identifier("r\(number)"), site: identifier(site), subject: "arm-07", start: start,
            stop: start.advanced(byNanoseconds: Int64((duration * 1000).rounded()) * 1_000_000), outcome: outcome,
            failureMode: failureMode, intervention: intervention, excluded: excluded, flags: flags,
            values: outcome == "success"
                ? [
                    Value(criterion: "cycle-p95", value: duration),
                    Value(criterion: "force-mean", value: 30 + 8 * share),
                ]
                : [],
            completeness: Summary.RunCompleteness(
                delivered: UInt64(duration * 1000), lost: 0, missing: 0, missingFrames: 0, coverage: 1,
                longestGap: 0.02,
                clockError: 0.0031, broken: []))
    }
}
