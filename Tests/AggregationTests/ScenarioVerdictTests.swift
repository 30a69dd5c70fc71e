import Aggregation
import Frames
import Scenarios
import Telemetry
import Testing

@Suite("The scenario's verdict")
struct ScenarioVerdictTests {
    @Test("no run: inconclusive, with the number that is needed at least")
    func noRuns() throws {
        let summary = try Bench().summary(registered: nil)
        #expect(summary.verdict == .inconclusive)
        #expect(summary.criteria[0].moreRuns == 29)
        #expect(summary.reason.en == "No run counts yet; at least 29 are needed for the success rate.")
    }

    @Test("the worst criterion decides")
    func worst() throws {
        var bench = try Bench(
            criteria: """
                {id: ok, statistic: proportion, outcome: success, at-least: 0.9, confidence: 0.95}
                {id: quick, statistic: quantile, q: 0.5, metric: cycle-time, at-most: 5 s, confidence: 0.95}
                """)
        try bench.attempts(29, "success")
        let summary = try bench.summary()
        #expect(summary.criteria.map(\.verdict) == [.pass, .fail])
        #expect(summary.verdict == .fail)
        #expect(summary.reason.en.hasPrefix("The 50th percentile of cycle-time is at least 10 s"))
    }

    @Test(
        "too many exclusions block a pass, as many as allowed do not",
        arguments: [(4, Verdict.pass), (5, .inconclusive)])
    func exclusions(_ invalid: Int, _ verdict: Verdict) throws {
        var bench = try Bench(more: "runs: {exclude: {outcome: invalid, at-most: 5%}}")
        try bench.attempts(80, "success")
        try bench.attempts(invalid, "invalid")
        let summary = try bench.summary()
        #expect(summary.verdict == verdict)
        #expect(summary.runs.counted == 80)
        #expect(summary.runs.excluded == invalid)
        #expect(summary.runs.outcomes.map(\.count) == [80, 0, 0, invalid])
    }

    @Test("an open run makes the summary interim and is not counted")
    func interim() throws {
        var bench = try Bench()
        try bench.attempts(29, "success")
        #expect(try !bench.summary().isInterim)
        #expect(try bench.summary(isInterim: true).isInterim)
        try bench.attempt(nil, isStopped: false)
        let summary = try bench.summary()
        #expect(summary.isInterim)
        #expect(summary.runs.counted == 29)
        #expect(summary.verdict == .pass)
        #expect(summary.ledger.last?.excluded == "unfinished")
    }

    @Test("a definition that changed after the first run is named so")
    func changed() throws {
        var bench = try Bench()
        try bench.attempts(29, "success")
        let summary = try bench.summary(registered: "sha256:" + String(repeating: "0", count: 64))
        #expect(summary.scenario.isChangedSinceFirstRun)
        #expect(summary.reason.en.hasSuffix("; the definition was changed after the first run."))
    }

    @Test(
        "broken completeness blocks a pass and changes no fail",
        arguments: [
            (1000, 0, 0, 0, "0", Verdict.pass, Summary.Completeness.State.complete),
            (1000, 1, 0, 0, "0", .inconclusive, .incomplete), (1000, 0, 1, 0, "0", .inconclusive, .incomplete),
            (1000, 1, 0, 0, "0.01", .pass, .declaredLoss), (1000, 0, 1, 0, "0.01", .pass, .incomplete),
            (1000, 11, 0, 0, "0.01", .inconclusive, .incomplete), (0, 0, 0, 0, "0", .pass, .complete),
            (1000, 0, 0, 1, "0", .inconclusive, .incomplete), (1000, 0, 0, 1, "0.01", .pass, .incomplete),
        ] as [(UInt64, UInt64, UInt64, UInt64, String, Verdict, Summary.Completeness.State)])
    func loss(
        _ accepted: UInt64, _ lost: UInt64, _ pending: UInt64, _ holes: UInt64, _ limit: String, _ verdict: Verdict,
        _ state: Summary.Completeness.State
    ) throws {
        var bench = try Bench(more: "completeness: {loss-at-most: \(limit)}")
        try bench.attempts(29, "success")
        bench.streams = [
            try Bench.account(
                accepted: accepted, lost: lost, pending: pending, missing: holes > 0 ? [3...(2 + holes)] : [])
        ]
        let summary = try bench.summary()
        #expect(summary.verdict == verdict)
        #expect(summary.completeness.verdict == state)
        #expect(summary.completeness.lost == lost && summary.completeness.pending == pending)
        try bench.attempts(30, "failure")
        #expect(try bench.summary().verdict == .fail)
    }

    @Test("a silent metric breaks gap and coverage, a wrong clock its own check")
    func silence() throws {
        let rules = "completeness: {gap-at-most: 100ms, coverage-at-least: 0.99, clock-error-at-most: 5ms}"
        var bench = try Bench(more: rules)
        for attempt in 0..<29 {
            let key = try bench.attempt("success", seconds: 1)
            bench.aggregates[key] = try steady(bench, key, samples: attempt == 7 ? 50 : 100, error: 2_000_000)
        }
        var completeness = try bench.summary().completeness
        #expect(completeness.longestGap == 0.51)
        #expect(abs((completeness.coverage ?? 0) - (28 + 0.5) / 29) < 1e-12)
        #expect(completeness.clockError == 0.002)
        #expect(completeness.checks.filter { !$0.holds }.map(\.id) == [.gap, .coverage])
        #expect(try bench.summary().verdict == .inconclusive)

        bench = try Bench(more: rules)
        for _ in 0..<29 {
            let key = try bench.attempt("success", seconds: 1)
            bench.aggregates[key] = try steady(bench, key, samples: 100, error: 6_000_000)
        }
        completeness = try bench.summary().completeness
        #expect(completeness.coverage == 1)
        #expect(completeness.longestGap == 0.01)
        #expect(completeness.checks.filter { !$0.holds }.map(\.id) == [.clockError])
        #expect(completeness.verdict == .incomplete)
    }

    @Test("a critical safety breach is a fail whatever else holds, also in an excluded run; others are named")
    func safety() throws {
        let rules = """
            runs: {exclude: {outcome: invalid, at-most: 50%}}
            safety:
              - {id: e-stop, event: estop.pressed, at-most: 0, severity: critical}
              - {id: fault, event: fault, at-most: 1, severity: major}
            """
        for (name, outcome, verdict) in [
            ("estop.pressed", "success", Verdict.fail), ("estop.pressed", "invalid", .fail),
            ("fault", "success", .pass),
            ("door.opened", "success", .pass),
        ] {
            var bench = try Bench(more: rules)
            try bench.attempts(29, "success")
            let key = try bench.attempt(outcome)
            let run = try bench.run(key)
            let start = try #require(run.start)
            let times = [1, 2].map { start.advanced(byNanoseconds: $0 * 1_000_000_000) }
            // Two agents record the same two events: they are two all the same.
            var fold = RunFold(run: run, definition: bench.definition)
            for agent in ["cell-3", "cell-4"] {
                var source = try FrameSource(agent: agent, priority: .event)
                fold.begin(stream: source.stream, series: [:])
                try fold.add(try source.frame([], events: times.map { Event(name, at: $0) }))
            }
            bench.aggregates[key] = fold.finish()
            let summary = try bench.summary()
            #expect(summary.verdict == verdict, "\(name) in a run that ends with \(outcome)")
            let found = summary.safety.first { $0.count != 0 }
            #expect(found?.count == (name == "door.opened" ? nil : 2))
            #expect(found?.first == (name == "door.opened" ? nil : times[0]))
            if name == "fault" { #expect(summary.reason.en.contains("other safety rules were breached: fault")) }
        }
    }

    @Test("a critical level that was never measured cannot be judged, and blocks a pass")
    func unseen() throws {
        var bench = try Bench(more: "safety: [{id: hot, metric: joint-heat, above: 70 Cel, severity: critical}]")
        try bench.attempts(29, "success")
        let summary = try bench.summary()
        #expect(summary.safety[0].verdict == .inconclusive)
        #expect(summary.verdict == .inconclusive)
    }

    /// A run with a force sample every 10 ms from its start.
    private func steady(_ bench: Bench, _ key: RunKey, samples: Int64, error: Int64) throws -> RunAggregate {
        let run = try bench.run(key)
        let start = try #require(run.start)
        var source = try FrameSource()
        let frame = try source.frame(
            (0..<samples).map {
                Sample(
                    series: SeriesID(rawValue: 1), timestamp: start.advanced(byNanoseconds: $0 * 10_000_000),
                    value: .double(1))
            }, clock: ClockState(isSynchronised: true, maximumError: error))
        var fold = RunFold(run: run, definition: bench.definition)
        fold.begin(
            stream: source.stream, series: [SeriesID(rawValue: 1): Series("gripper.force", unit: Unit("N") ?? .one)])
        try fold.add(frame)
        return fold.finish()
    }
}
