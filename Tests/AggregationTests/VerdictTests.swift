import Aggregation
import Frames
import Scenarios
import Telemetry
import Testing

@Suite("Verdicts")
struct VerdictTests {
    /// Clopper–Pearson at 0.95, one-sided: 0.9ⁿ ≤ 0.05 from n = 29 on, 0.95ⁿ ≤ 0.05 from n = 59 on.
    @Test(
        "a proportion passes, fails or stays open by its bounds",
        arguments: [
            ("at-least: 0.9", 29, 0, Verdict.pass, 0), ("at-least: 0.9", 28, 0, .inconclusive, 1),
            ("at-least: 0.9", 10, 0, .inconclusive, 19), ("at-least: 0.95", 59, 0, .pass, 0),
            ("at-least: 0.9", 5, 5, .fail, 0), ("at-most: 0.1", 0, 29, .pass, 0),
            ("at-most: 0.1", 0, 28, .inconclusive, 1),
            ("at-most: 0.1", 5, 5, .fail, 0), ("at-least: 0.9", 9, 1, .inconclusive, nil),
        ] as [(String, Int, Int, Verdict, Int?)])
    func proportion(_ limit: String, _ successes: Int, _ failures: Int, _ verdict: Verdict, _ more: Int?) throws {
        var bench = try Bench(
            criteria: "{id: rate, statistic: proportion, outcome: success, \(limit), confidence: 0.95}")
        try bench.attempts(successes, "success")
        try bench.attempts(failures, "failure")
        let summary = try bench.summary()
        #expect(summary.verdict == verdict)
        #expect(summary.criteria[0].verdict == verdict)
        #expect(summary.criteria[0].moreRuns == more)
        #expect(summary.criteria[0].n == successes + failures)
    }

    @Test("the reason names the deciding criterion with its numbers, in both languages")
    func reason() throws {
        var bench = try Bench()
        try bench.attempts(40, "success")
        let reason = try bench.summary().reason
        #expect(
            reason.en
                == "The success rate is at least 0.928 with 95 % confidence, above the required 0.9, over 40 runs.")
        #expect(reason.zh == "success 比率至少为 0.928（置信度 95 %），要求不低于 0.9，共 40 次运行。")
        #expect(reason["zh-Hans"] == reason.zh)
        #expect(reason["fr"] == reason.en)
    }

    @Test("a run without a known outcome counts against the criterion, and is shown")
    func unknownOutcome() throws {
        var bench = try Bench()
        try bench.attempts(29, "success")
        try bench.attempt(nil)
        let criterion = try bench.summary().criteria[0]
        #expect(criterion.verdict == .inconclusive)
        #expect(criterion.missing == 1)
        #expect(criterion.n == 30)
    }

    @Test("every site must hold by itself, and the worst one decides")
    func strata() throws {
        var bench = try Bench(
            criteria: """
                {id: all, statistic: proportion, outcome: success, at-least: 0.9, confidence: 0.95, by: site, rule: all}
                {id: pooled, statistic: proportion, outcome: success, at-least: 0.9, \
                confidence: 0.95, by: site, rule: pooled}
                """, more: "sites: [{id: deqing}, {id: suzhou}, {id: wuhan}]")
        try bench.attempts(59, "success", site: "deqing")
        try bench.attempts(25, "success", site: "suzhou")
        var summary = try bench.summary()
        #expect(summary.criteria[0].strata.map(\.verdict) == [.pass, .inconclusive, .inconclusive])
        #expect(summary.criteria[0].strata.map(\.moreRuns) == [0, 4, 29])
        #expect(summary.criteria[0].moreRuns == 33)
        #expect(summary.criteria[0].site?.text == "wuhan")
        #expect(summary.criteria[1].verdict == .pass)
        #expect(summary.criteria[1].site == nil)
        #expect(summary.criteria[1].n == 84)
        #expect(summary.verdict == .inconclusive)

        try bench.attempts(6, "failure", site: "wuhan")
        summary = try bench.summary()
        #expect(summary.verdict == .fail)
        #expect(summary.criteria[0].site?.text == "wuhan")
        #expect(summary.reason.en.contains("at wuhan"))
    }

    @Test(
        "a quantile needs enough runs, and takes a run that never ended for a long one",
        arguments: [
            (59, 0, Verdict.pass), (58, 0, .inconclusive), (59, 1, .inconclusive), (91, 1, .inconclusive),
            (92, 1, .pass),
        ])
    func quantile(_ quick: Int, _ endless: Int, _ verdict: Verdict) throws {
        var bench = try Bench(
            criteria: "{id: p95, statistic: quantile, q: 0.95, metric: cycle-time, at-most: 12 s, confidence: 0.95}",
            more: "runs: {timeout: 120s}")
        try bench.attempts(quick, "success", seconds: 11)
        for _ in 0..<endless { try bench.attempt(nil, seconds: 600, isStopped: false) }
        let criterion = try bench.summary().criteria[0]
        #expect(criterion.verdict == verdict)
        #expect(criterion.unit == "s")
        #expect(criterion.n == quick + endless)
    }

    @Test("a mean over runs of which one has no value stays open")
    func missing() throws {
        var bench = try Bench(
            criteria: "{id: force, statistic: mean, metric: grip-force, reduce: max, at-most: 40 N, confidence: 0.95}")
        for force in [30.0, 31, 32] {
            let key = try bench.attempt("success")
            bench.aggregates[key] = try aggregate(of: [force], bench, key)
        }
        var criterion = try bench.summary().criteria[0]
        #expect(criterion.verdict == .pass)
        #expect(criterion.estimate == 31)
        // 31 ± t(0.95; 2) / √3 with t = 2.919986 (tables).
        #expect(abs((criterion.upper ?? 0) - (31 + 2.919_985_580_353_726 / 3.0.squareRoot())) < 1e-9)
        try bench.attempt("success")
        criterion = try bench.summary().criteria[0]
        #expect(criterion.verdict == .inconclusive)
        #expect(criterion.missing == 1)
        #expect(criterion.upper == nil)
    }

    @Test("values are exact where they were kept; else the sketch's error goes into the bounds, and exact ones decide")
    func sketchEdge() throws {
        var bench = try Bench(
            criteria: "{id: tail, statistic: mean, metric: grip-force, reduce: p95, at-most: 10.05 N, confidence: 0.95}"
        )
        var exact: [RunKey: RunAggregate] = [:]
        for run in 0..<5 {
            let key = try bench.attempt("success")
            let forces = (0..<200).map { 9 + Double($0) / 190 + 1e-4 * Double(run) }
            bench.aggregates[key] = try aggregate(of: forces, bench, key, mostValues: 199)
            exact[key] = try aggregate(of: forces, bench, key)
            #expect(try #require(bench.aggregates[key]).lacksExactValues(bench.definition))
            #expect(!(try #require(exact[key]).lacksExactValues(bench.definition)))
            #expect(exact[key] == (try aggregate(of: forces, bench, key, mostValues: 200)))
        }
        let summary = try bench.summary()
        #expect(summary.criteria[0].verdict == .inconclusive)
        #expect(summary.criteria[0].moreRuns == nil, "more runs do not help against the sketch's error")
        #expect(try bench.evidence(bench.aggregates).criteriaOpenBySketch() == ["tail"])
        bench.aggregates = exact
        let decided = try bench.summary()
        #expect(decided.criteria[0].verdict == .pass)
        #expect(abs((decided.criteria[0].estimate ?? 0) - (9 + 189.0 / 190 + 2e-4)) < 1e-12)
        #expect(try bench.evidence(exact).criteriaOpenBySketch() == [])
    }

    @Test("a description has an estimate, and neither confidence nor part in the verdict")
    func description() throws {
        var bench = try Bench(
            criteria: """
                {id: ok, statistic: proportion, outcome: success, at-least: 0.5, confidence: 0.95}
                {id: force, statistic: mean, metric: grip-force, over: samples, at-most: 1 N}
                """)
        for _ in 0..<10 {
            let key = try bench.attempt("success")
            bench.aggregates[key] = try aggregate(of: [30, 50], bench, key)
        }
        let summary = try bench.summary()
        let criterion = summary.criteria[1]
        #expect(summary.verdict == .pass)
        #expect(criterion.verdict == nil)
        #expect(criterion.estimate == 40)
        #expect(criterion.n == 20)
        #expect(criterion.confidence == nil && criterion.bound == nil && criterion.lower == nil)
        #expect(criterion.note == "no confidence: samples are correlated")
    }

    private func aggregate(
        of forces: [Double], _ bench: Bench, _ key: RunKey, mostValues: Int = RunFold.mostValues
    ) throws -> RunAggregate {
        let run = try bench.run(key)
        let start = try #require(run.start)
        var source = try FrameSource()
        let samples = forces.enumerated().map { offset, force in
            Sample(
                series: SeriesID(rawValue: 1), timestamp: start.advanced(byNanoseconds: Int64(offset) * 1_000_000),
                value: .double(force))
        }
        var fold = RunFold(run: run, definition: bench.definition, mostValues: mostValues)
        fold.begin(
            stream: source.stream, series: [SeriesID(rawValue: 1): Series("gripper.force", unit: Unit("N") ?? .one)])
        try fold.add(try source.frame(samples))
        return fold.finish()
    }
}
