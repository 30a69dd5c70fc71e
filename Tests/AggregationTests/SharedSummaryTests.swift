import Aggregation
import JSON
import Scenarios
import Telemetry
import Testing

@Suite("A summary for readers outside")
struct SharedSummaryTests {
    private static func governance(_ least: Int, _ classification: String = "internal") -> String {
        let personal = classification == "personal" ? ", consent: {required: true}, retention: 30d" : ""
        return "governance: {classification: \(classification), smallest-cell: \(least)\(personal)}"
    }

    private static let bySite = """
        {id: rate, statistic: proportion, outcome: success, at-least: 0.5, confidence: 0.95, by: site, rule: pooled}
        {id: time, statistic: mean, metric: cycle-time, at-most: 99 s, confidence: 0.95, by: site, rule: pooled}
        """

    /// Counted runs of one outcome by site.
    private func summary(
        _ counts: [(site: String, outcome: String, count: Int)], least: Int, classification: String = "internal",
        criteria: String = bySite
    ) throws -> Summary {
        let sites = Set(counts.map(\.site)).sorted().map { "{id: \($0)}" }.joined(separator: ", ")
        var bench = try Bench(
            criteria: criteria, more: "sites: [\(sites)]\n" + Self.governance(least, classification))
        for (index, part) in counts.enumerated() {
            try bench.attempts(part.count, part.outcome, seconds: Int64(10 + index), site: part.site)
        }
        return try bench.summary()
    }

    @Test("the owner has all of it")
    func owner() throws {
        let summary = try summary([("a", "success", 3)], least: 5)
        #expect(summary.shared(with: .none) == summary)
    }

    @Test("without small cells every count and bound stays; what is one run's alone goes")
    func large() throws {
        let whole = try summary([("a", "success", 20), ("b", "success", 30)], least: 5)
        let shared = whole.shared(with: .public)
        #expect(shared.runs == whole.runs && shared.criteria == whole.criteria && shared.verdict == whole.verdict)
        #expect(shared.ledger.isEmpty && shared.metrics.allSatisfy { $0.min == nil && $0.max == nil })
        #expect(shared.metrics.map(\.mean) == whole.metrics.map(\.mean))
        #expect("\(shared.period.from)" == "2026-11-22T00:00:00Z" && "\(shared.period.to)" == "2026-11-23T00:00:00Z")
        #expect(shared.reason.en == "Every criterion holds, and the data are complete enough.")
        #expect(shared.governance.sharing?.audience == .public && shared.governance.sharing?.isWithheld == false)
    }

    @Test("a small site goes from every criterion, and the next smallest with it")
    func sites() throws {
        let whole = try summary([("a", "success", 30), ("b", "success", 2), ("c", "success", 12)], least: 5)
        let shared = whole.shared(with: .partner)
        for criterion in shared.criteria {
            #expect(criterion.n == 44 && criterion.estimate != nil, "all sites together are no small cell")
            #expect(criterion.strata.map(\.n) == [30, nil, nil])
            #expect(criterion.strata.map { $0.estimate == nil } == [false, true, true])
            #expect(criterion.strata.map(\.moreRuns).dropFirst().allSatisfy { $0 == nil })
        }
        #expect(shared.governance.sharing?.suppressed.contains("criteria.time.c") == true)
    }

    @Test(
        "a share of which one side is small is left out everywhere, since with the number of runs it gives that side away"
    )
    func share() throws {
        let shared = try summary(
            [("a", "success", 30), ("a", "failure", 2), ("b", "success", 20)], least: 5
        ).shared(with: .public)
        let rate = shared.criteria[0]
        #expect(rate.verdict == .pass && rate.estimate == nil && rate.lower == nil && rate.n == nil)
        #expect(rate.strata.allSatisfy { $0.estimate == nil && $0.n == nil })
        #expect(shared.criteria[1].estimate != nil && shared.criteria[1].n == 52)
        #expect(
            shared.runs.outcomes.filter { ["success", "failure"].contains($0.outcome) }.allSatisfy { $0.count == nil })
        #expect(shared.runs.total == 52)
    }

    @Test("what hidden sites have in common is not the difference of all runs and the others")
    func difference() throws {
        let shared = try summary(
            [
                ("a", "success", 30), ("a", "failure", 10), ("b", "success", 3), ("c", "success", 8),
                ("c", "failure", 1),
            ],
            least: 5
        ).shared(with: .public)
        #expect(shared.criteria[0].estimate == nil, "11 failures less 10 at the site that is shown leave 1")
        #expect(shared.criteria[1].estimate != nil)
    }

    @Test("a small number of runs that do not count is not the difference of two others")
    func excluded() throws {
        var bench = try Bench(
            more: "runs: {outcomes: [success, failure, invalid], exclude: {outcome: invalid, at-most: 50%}}\n"
                + Self.governance(5))
        try bench.attempts(30, "success")
        try bench.attempts(2, "invalid")
        let whole = try bench.summary()
        try #require(whole.runs.excluded == 2)
        let shared = whole.shared(with: .public)
        #expect(shared.runs.excluded == nil && shared.runs.total == nil && shared.runs.counted == 30)
        #expect(shared.runs.outcomes.filter { $0.count == nil }.count >= 2)
    }

    @Test("with fewer runs in all nothing is left but the verdict")
    func withheld() throws {
        let shared = try summary([("a", "success", 4)], least: 5).shared(with: .public)
        #expect(shared.governance.sharing?.isWithheld == true)
        #expect(shared.criteria.isEmpty && shared.ledger.isEmpty && shared.metrics.isEmpty && shared.safety.isEmpty)
        #expect(shared.runs == Summary.Runs(total: nil, counted: nil, excluded: nil, outcomes: []))
        #expect(shared.json["completeness"]?["accepted"] == .null && shared.json["runs"]?["total"] == .null)
        #expect(shared.reason.en == "The verdict rests on fewer than 5 runs, so no number of them is shared.")
    }

    @Test("of people's runs, where single ones may be shown, ids and subjects are numbers")
    func personal() throws {
        let whole = try summary([("a", "success", 2), ("a", "failure", 1)], least: 1, classification: "personal")
        let shared = whole.shared(with: .partner)
        #expect(shared.ledger.map(\.run.text) == ["run-1", "run-2", "run-3"])
        #expect(shared.ledger.allSatisfy { $0.subject == "subject-1" && $0.failureMode == nil })
        #expect(shared.criteria == whole.criteria)
        #expect(whole.shared(with: .none).ledger == whole.ledger)
    }

    @Test("where few samples of a metric are marked, neither their number nor their share is told")
    func marked() throws {
        var whole = try summary([("a", "success", 30)], least: 5)
        try #require(!whole.metrics.isEmpty)
        for (count, isHidden) in [(4, true), (5, false)] {
            whole.metrics[0].marked = count
            whole.completeness.checks = [.init(id: .marked, value: 0.125, limit: 0.5, unit: "1", holds: true)]
            let shared = whole.shared(with: .public)
            let told: Int? = isHidden ? nil : count
            let share: Double? = isHidden ? nil : 0.125
            #expect(shared.metrics[0].marked == told)
            #expect(shared.completeness.checks[0].value == share)
            let suppressed = shared.governance.sharing?.suppressed ?? []
            #expect(suppressed.contains("completeness.checks.marked-at-most") == isHidden)
            #expect(try Summary(json: shared.json) == shared)
        }
    }

    @Test("it is read back as it was written, whatever was left out", arguments: [1, 2, 5, 100])
    func json(least: Int) throws {
        let whole = try summary([("a", "success", 30), ("b", "failure", 2), ("b", "invalid", 1)], least: least)
        for audience in [Governance.Audience.partner, .public] {
            let shared = whole.shared(with: audience)
            #expect(try Summary(json: shared.json) == shared)
            #expect(shared.shared(with: audience).criteria == shared.criteria)
        }
    }
}
