import Scenarios
import Telemetry
import Testing

@testable import Aggregation

@Suite("Comparisons")
struct SummaryComparisonTests {
    @Test(
        "two shares differ when Newcombe's interval holds no zero, and which is better depends on the requirement",
        arguments: [
            ("success", "at-least: 0.5", CriterionComparison.Finding.better),
            ("failure", "at-most: 0.9", .better),
            ("success", "at-most: 0.9", .worse),
        ])
    func shares(_ outcome: String, _ limit: String, _ finding: CriterionComparison.Finding) throws {
        let criteria = "{id: rate, statistic: proportion, outcome: \(outcome), \(limit)}"
        var old = try Bench(criteria: criteria)
        try old.attempts(56, "success")
        try old.attempts(14, "failure")
        var new = try Bench(criteria: criteria)
        try new.attempts(76, "success")
        try new.attempts(4, "failure")
        let comparison = try SummaryComparison(baseline: old.summary(), candidate: new.summary())
        let criterion = comparison.criteria[0]
        #expect(criterion.finding == finding)
        #expect(criterion.method == .newcombe)
        #expect(abs(abs(criterion.estimate ?? 0) - 0.15) < 1e-12)
        #expect((criterion.baseline.n, criterion.candidate.n) == (70, 80))
    }

    @Test("Newcombe's published example: 56 of 70 and 48 of 80 differ by 0.2, 0.0524 to 0.3339")
    func published() throws {
        var old = try Bench()
        try old.attempts(48, "success")
        try old.attempts(32, "failure")
        var new = try Bench()
        try new.attempts(56, "success")
        try new.attempts(14, "failure")
        let criterion = try SummaryComparison(baseline: old.summary(), candidate: new.summary()).criteria[0]
        // Newcombe 1998, table II, example (a), method 10.
        #expect(abs((criterion.lower ?? 0) - 0.0524) < 5e-5)
        #expect(abs((criterion.upper ?? 0) - 0.3339) < 5e-5)
    }

    @Test("of a criterion by site all sites are compared, not the one that decides")
    func bySite() throws {
        func bench(_ failures: Int) throws -> Bench {
            var bench = try Bench(
                criteria: "{id: rate, statistic: proportion, outcome: success, at-least: 0.5, by: site, rule: all}",
                more: "sites: [{id: deqing}, {id: suzhou}]")
            try bench.attempts(20, "success", site: "deqing")
            try bench.attempts(20 - failures, "success", site: "suzhou")
            try bench.attempts(failures, "failure", site: "suzhou")
            return bench
        }
        let criterion = try SummaryComparison(baseline: bench(4).summary(), candidate: bench(0).summary()).criteria[0]
        #expect(abs((criterion.estimate ?? 0) - 0.1) < 1e-12)
    }

    @Test("means go by Welch, quantiles by a shift of all values, and too few values say nothing")
    func values() throws {
        func bench(_ durations: [Int64]) throws -> Bench {
            var bench = try Bench(
                criteria: """
                    {id: mean, statistic: mean, metric: cycle-time, at-most: 12 s}
                    {id: median, statistic: quantile, q: 0.5, metric: cycle-time, at-most: 12 s}
                    """)
            for seconds in durations { try bench.attempt("success", seconds: seconds) }
            return bench
        }
        let old = try bench([10, 11, 12, 13, 14, 15, 16, 17]).summary()
        let criteria = try SummaryComparison(baseline: old, candidate: bench([5, 6, 7, 8, 9, 10, 11, 12]).summary())
            .criteria
        #expect(criteria.map(\.method) == [.welch, .hodgesLehmann])
        #expect(criteria.map(\.estimate) == [-5, -5])
        #expect(criteria.map(\.finding) == [.better, .better])
        // Welch with equal spreads: t(0.975; 14) × √(6/8 + 6/8) = 2.144787 × 1.224745.
        #expect(abs((criteria[0].upper ?? 0) - (-5 + 2.144_786_688 * 1.5.squareRoot())) < 1e-6)
        let few = try SummaryComparison(baseline: old, candidate: bench([5]).summary()).criteria
        #expect(few.map(\.finding) == [.unknown, .unknown])
    }

    @Test("rates are compared by their ratio, and times between events by its inverse")
    func rates() throws {
        func bench(_ faults: [Int64]) throws -> Bench {
            var bench = try Bench(
                criteria: """
                    {id: faults, statistic: rate, event: fault, at-most: 9 /h}
                    {id: mtbf, statistic: mtbf, event: fault, at-least: 1 min}
                    """)
            for _ in 0..<4 { try bench.run(seconds: 3600, ["fault": faults]) }
            return bench
        }
        let criteria = try SummaryComparison(
            baseline: bench([1, 2, 3, 4, 5]).summary(), candidate: bench([1]).summary()
        ).criteria
        #expect(criteria.map(\.measure) == [.ratio, .ratio])
        #expect(abs((criteria[0].estimate ?? 0) - 0.2) < 1e-12)
        #expect(abs((criteria[1].estimate ?? 0) - 5) < 1e-12)
        #expect(criteria.map(\.finding) == [.better, .better])
        // 4 of 24: Clopper–Pearson 0.95 is 0.0474 to 0.3738.
        #expect(abs((criteria[0].upper ?? 0) - 0.373_8 / (1 - 0.373_8)) < 1e-3)
        let none = try SummaryComparison(baseline: bench([]).summary(), candidate: bench([]).summary()).criteria
        #expect(none.map(\.finding) == [.open, .open], "no events on either side: any ratio is possible")
        #expect(none.map(\.estimate) == [nil, nil])
    }

    @Test("runs that are not known help neither side")
    func unknown() throws {
        var old = try Bench()
        try old.attempts(70, "success")
        for _ in 0..<30 { try old.attempt(nil) }
        var new = try Bench()
        try new.attempts(90, "success")
        try new.attempts(10, "failure")
        let criterion = try SummaryComparison(baseline: old.summary(), candidate: new.summary()).criteria[0]
        #expect((criterion.finding, criterion.estimate) == (.unknown, nil))
        #expect(criterion.note != nil)

        func bench(hangs: Int) throws -> Bench {
            var bench = try Bench(
                criteria: "{id: median, statistic: quantile, q: 0.5, metric: cycle-time, at-most: 12 s}",
                more: "runs: {timeout: 60s}")
            for _ in 0..<20 { try bench.attempt("success", seconds: hangs > 0 ? 5 : 10) }
            for _ in 0..<hangs { try bench.attempt(nil, seconds: 600, isStopped: false) }
            return bench
        }
        let hanging = try SummaryComparison(baseline: bench(hangs: 0).summary(), candidate: bench(hangs: 20).summary())
        #expect(hanging.criteria[0].finding == .unknown)
    }

    @Test("numbers that cannot be, as a forged file may have them, are refused")
    func forged() throws {
        var bench = try Bench()
        try bench.attempts(5, "success")
        var forged = try bench.summary()
        forged.criteria[0].estimate = 1e300
        #expect(throws: AggregationError.self) { try SummaryComparison(baseline: bench.summary(), candidate: forged) }
        forged.criteria[0].estimate = 1
        forged.criteria[0].n = .max
        #expect(throws: AggregationError.self) { try SummaryComparison(baseline: bench.summary(), candidate: forged) }
    }

    @Test("what a reader must know first is said, and another scenario is refused")
    func cautions() throws {
        var old = try Bench()
        try old.attempts(5, "success")
        let summary = try old.summary()
        #expect(try SummaryComparison(baseline: summary, candidate: summary).cautions == [.commonRuns])
        var other = summary
        other.scenario.digest = "sha256:" + String(repeating: "0", count: 64)
        other.scenario.setting = .simulated
        other.isInterim = true
        #expect(
            try SummaryComparison(baseline: summary, candidate: other).cautions
                == [.definitions, .settings, .interim, .commonRuns])
        other.scenario.id = try Bench.identifier("else")
        #expect(throws: AggregationError.self) { try SummaryComparison(baseline: summary, candidate: other) }
    }
}
