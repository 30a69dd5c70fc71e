import Scenarios
import Telemetry
import Testing

@testable import Aggregation

@Suite("Plans")
struct ScenarioPlanTests {
    @Test("a share needs the runs of the acceptance tables, at every site")
    func share() throws {
        let bench = try Bench(
            criteria: "{id: rate, statistic: proportion, outcome: success, at-least: 0.95, by: site, rule: all}",
            more: "sites: [{id: deqing}, {id: suzhou}]\nruns: {timeout: 60s}")
        let plan = try ScenarioPlan(bench.definition)
        let criterion = plan.criteria[0]
        // The 95 %/95 % plans: 59 without a failure, 93 with one, 124 with two, and so on.
        #expect(criterion.allowances.map(\.runs) == [59, 93, 124, 153, 181, 208])
        #expect(criterion.allowances.map(\.misses) == [0, 1, 2, 3, 4, 5])
        #expect((criterion.places, criterion.fewest?.runs, plan.fewestRuns) == (2, 118, 118))
        #expect(plan.runTime == ScenarioPlan.RunTime(seconds: 60, source: .timeout))
        #expect(criterion.found == nil)
    }

    @Test("what is assumed decides how many runs have the power")
    func power() throws {
        let bench = try Bench()
        var assumptions = ScenarioPlan.Assumptions()
        assumptions.truths = ["ok": 0.95]
        let likely = try #require(try ScenarioPlan(bench.definition, assumptions).poweredRuns)
        assumptions.truths = ["ok": 0.99]
        let sure = try #require(try ScenarioPlan(bench.definition, assumptions).poweredRuns)
        assumptions.truths = ["ok": 0.9]
        #expect(
            try ScenarioPlan(bench.definition, assumptions).poweredRuns == nil, "at the limit no number of runs does")
        // 181 runs allow 11 failures, 8.9 are expected (binomial tables).
        #expect(sure < likely && sure > 29 && (150...250).contains(likely))
        assumptions.truths = ["ok": 2]
        #expect(throws: AggregationError.self) { try ScenarioPlan(bench.definition, assumptions) }
    }

    @Test("times become runs once it is known how long one takes")
    func times() throws {
        var bench = try Bench(
            criteria: """
                {id: mtbf, statistic: mtbf, event: fault, at-least: 100 h, confidence: 0.90}
                {id: alarms, statistic: rate, event: alarm, at-most: 1 /d, confidence: 0.95}
                {id: up, statistic: availability, down: fault, up: repaired, at-least: 0.9}
                """)
        var plan = try ScenarioPlan(bench.definition)
        #expect(plan.criteria.map { $0.fewest?.runs } == [nil, nil, nil])
        #expect(abs((plan.criteria[0].fewest?.exposure ?? 0) - 230.258_509 * 3600) < 1)
        #expect(abs((plan.criteria[1].fewest?.exposure ?? 0) - 2.995_732 * 86_400) < 1)
        #expect(plan.fewestRuns == nil)
        try bench.run(seconds: 36_000, [:])
        try bench.run(seconds: 36_000, [:])
        plan = try ScenarioPlan(bench.definition, summary: bench.summary())
        #expect(plan.runTime == ScenarioPlan.RunTime(seconds: 36_000, source: .observed))
        #expect(plan.criteria.map { $0.fewest?.runs } == [24, 8, nil])
        #expect(plan.criteria[0].found == CriterionPlan.Found(n: 2, verdict: .inconclusive, moreRuns: 22))
    }

    @Test("a mean is planned by its distance from the limit in standard deviations, once they are known")
    func mean() throws {
        var bench = try Bench(criteria: "{id: t, statistic: mean, metric: cycle-time, at-most: 12 s}")
        #expect(try ScenarioPlan(bench.definition).poweredRuns == 27, "half a standard deviation, one-sided, 80 %")
        for seconds in [9, 10, 11, 9, 10, 11] as [Int64] { try bench.attempt("success", seconds: seconds) }
        // d = 2 / 0.894 = 2.24.
        #expect(try ScenarioPlan(bench.definition, summary: bench.summary()).poweredRuns == 4)
        for _ in 0..<6 { try bench.attempt("success", seconds: 30) }
        #expect(try ScenarioPlan(bench.definition, summary: bench.summary()).poweredRuns == nil)
    }

    @Test("a quantile needs runs enough for a bound to exist, a sequential test some on average")
    func others() throws {
        let bench = try Bench(
            criteria: """
                {id: p95, statistic: quantile, q: 0.95, metric: cycle-time, at-most: 12 s}
                {id: p10, statistic: quantile, q: 0.10, metric: cycle-time, at-least: 1 s}
                {id: seq, statistic: proportion, outcome: success, at-least: 0.9, plan: sprt, expect: 0.99}
                {id: rp, statistic: iso9283-rp, metrics: [grip-force], at-most: 1 N}
                """)
        let plan = try ScenarioPlan(bench.definition)
        #expect(plan.criteria.map { $0.fewest?.runs } == [59, 29, 32, 30])
        #expect(plan.criteria[3].powered?.runs == 30, "the cycles of ISO 9283")
        // Wald: about (1 - β) ln 20 / (0.99 ln 1.1 + 0.01 ln 0.1) = 38 runs at 0.99.
        #expect((33...45).contains(plan.criteria[2].powered?.runs ?? 0))
    }
}
