import Scenarios
import Telemetry
import Testing

@testable import Aggregation

@Suite("Criteria over values: bootstrap, tolerance, poses, sequential tests")
struct ValueCriteriaTests {
    /// Mean 10, standard deviation √(20/9).
    private static let durations: [Int64] = [8, 9, 10, 11, 12, 8, 9, 10, 11, 12]

    @Test("a bootstrapped mean has bounds on both sides of it, and the same ones each time")
    func bca() throws {
        var bench = try Bench(
            criteria: """
                {id: boot, statistic: mean, metric: cycle-time, method: bca, at-most: 14 s}
                {id: t, statistic: mean, metric: cycle-time, at-most: 14 s}
                """)
        for _ in 0..<3 {
            for seconds in [8, 9, 9, 10, 10, 10, 11, 12, 15, 20] as [Int64] {
                try bench.attempt("success", seconds: seconds)
            }
        }
        let criteria = try bench.summary().criteria
        let (lower, upper) = (try #require(criteria[0].lower), try #require(criteria[0].upper))
        #expect(abs((criteria[0].estimate ?? 0) - 11.4) < 1e-12)
        #expect(lower > 9.5 && lower < 11.4 && upper > 11.4 && upper < 14.5)
        // The values are skewed to the right, which Student's t does not see.
        #expect(upper - 11.4 > 11.4 - lower)
        #expect(abs((criteria[1].upper ?? 0) + (criteria[1].lower ?? 0) - 22.8) < 1e-9)
        #expect(try bench.summary().criteria[0] == criteria[0])
    }

    @Test("a bootstrap of fewer than 30 runs decides nothing, and says how many are lacking")
    func fewForBootstrap() throws {
        var bench = try Bench(criteria: "{id: boot, statistic: mean, metric: cycle-time, method: bca, at-most: 14 s}")
        for seconds in Self.durations { try bench.attempt("success", seconds: seconds) }
        let criterion = try bench.summary().criteria[0]
        #expect((criterion.verdict, criterion.upper, criterion.moreRuns) == (.inconclusive, nil, 20))
        #expect(criterion.note?.contains("fewer than 30") == true)
    }

    @Test("equal values that a sketch gives are not known to be equal")
    func sketchedTolerance() throws {
        var bench = try Bench(
            criteria: """
                {id: edge, statistic: tolerance, share: 0.95, metric: press, reduce: p95, at-most: 10 N}
                {id: clear, statistic: tolerance, share: 0.95, metric: press, reduce: p95, at-most: 12 N}
                {id: unknown, statistic: tolerance, share: 0.95, metric: grip-force, reduce: p95, at-most: 12 N}
                """, metrics: "  press: {series: gripper.force, unit: N, resolution: 0.01 N}\n")
        let newton = try #require(Unit("N"))
        // The 95th percentile of three values is the middle one, which only its bucket tells.
        let samples = [1, 9.95, 20].enumerated().map { place, force in
            (series: Series("gripper.force", tags: [Tag("pad", "\(place)")], unit: newton), value: force)
        }
        for _ in 0..<20 { try bench.run(seconds: 10, [:], samples: samples, mostValues: 0) }
        let criteria = try bench.summary().criteria
        #expect(criteria.map(\.verdict) == [.inconclusive, .pass, .inconclusive])
        #expect((criteria[0].upper ?? 0) > 10)
        #expect(criteria[2].obstacle == .equalValues)
        #expect(try bench.evidence(bench.aggregates).criteriaOpenBySketch() == ["edge", "unknown"])
    }

    @Test("a tolerance bound is x̄ + k s")
    func tolerance() throws {
        var bench = try Bench(
            criteria: "{id: bound, statistic: tolerance, share: 0.95, metric: cycle-time, at-most: 20 s}")
        for seconds in Self.durations { try bench.attempt("success", seconds: seconds) }
        let criterion = try bench.summary().criteria[0]
        // k(n = 10, 0.95, 0.95) = 2.911 (NIST/SEMATECH 7.2.6.3, ISO 16269-6 table D.4); s = √(20/9).
        #expect(abs((criterion.upper ?? 0) - (10 + 2.911 * (20.0 / 9).squareRoot())) < 1e-3)
        #expect(abs((criterion.estimate ?? 0) - (10 + 1.644_853_627 * (20.0 / 9).squareRoot())) < 1e-8)
        #expect(criterion.verdict == .pass)
        #expect(criterion.method == .noncentralT)
    }

    @Test("a two-sided tolerance is the larger distance of its limits from what it is around")
    func around() throws {
        var bench = try Bench(
            criteria: """
                {id: fit, statistic: tolerance, share: 0.95, metric: cycle-time, around: 11 s, at-most: 7 s}
                {id: tight, statistic: tolerance, share: 0.95, metric: cycle-time, around: 11 s, at-most: 1 s}
                """)
        for seconds in Self.durations { try bench.attempt("success", seconds: seconds) }
        let criteria = try bench.summary().criteria
        // k(n = 10, 0.95, 0.95), two-sided and exact: 3.379 (Odeh 1978; ISO 16269-6).
        #expect(abs((criteria[0].upper ?? 0) - (1 + 3.393 * (20.0 / 9).squareRoot())) < 0.05)
        #expect(criteria.map(\.verdict) == [.pass, .fail])
    }

    @Test("AP is the distance of the mean pose from the command, RP is l̄ + 3 S, and one unknown pose takes the bounds")
    func poses() throws {
        var bench = try Bench(
            criteria: """
                {id: ap, statistic: iso9283-ap, metrics: [press, lateral], command: [1 N, 0 N], cycles: 10, at-most: 3 N}
                {id: rp, statistic: iso9283-rp, metrics: [press, lateral], cycles: 10, at-most: 9 N}
                """,
            metrics: """
                  press: {series: gripper.force, unit: N, resolution: 0.01 N}
                  lateral: {series: gripper.lateral, unit: N, resolution: 0.01 N}

                """)
        let newton = try #require(Unit("N"))
        let corners = [(0.0, 0.0), (2, 0), (2, 2), (0, 2)]
        for round in 0..<10 {
            let (x, y) = corners[round % 4]
            try bench.run(
                seconds: 10, [:],
                samples: [(Series("gripper.force", unit: newton), x), (Series("gripper.lateral", unit: newton), y)])
        }
        var criteria = try bench.summary().criteria
        // The mean of ten is (1, 0.8); the distances from it are √1.64 (five times at y = 0 or so) and √2.44.
        #expect(abs((criteria[0].estimate ?? 0) - 0.8) < 1e-12)
        let distances = (0..<10).map { round in
            let (x, y) = corners[round % 4]
            return ((x - 1) * (x - 1) + (y - 0.8) * (y - 0.8)).squareRoot()
        }
        let mean = distances.reduce(0, +) / 10
        let deviation = (distances.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 9).squareRoot()
        #expect(abs((criteria[1].estimate ?? 0) - (mean + 3 * deviation)) < 1e-12)
        #expect(criteria.map(\.verdict) == [.pass, .pass])
        #expect(criteria[0].note == "judged from 10 cycles, as the definition has it; ISO 9283:1998 prescribes 30")
        try bench.run(seconds: 10, [:])
        criteria = try bench.summary().criteria
        #expect(criteria.map(\.verdict) == [.inconclusive, .inconclusive])
        #expect(criteria.map(\.missing) == [1, 1])
    }

    @Test(
        "poses are judged from the 30 cycles on that ISO 9283 prescribes",
        arguments: [(0, 30), (2, 28), (29, 1), (30, 0)])
    func cycles(_ count: Int, _ more: Int) throws {
        var bench = try Bench(
            criteria: """
                {id: ap, statistic: iso9283-ap, metrics: [grip-force, lateral], command: [0 N, 0 N], at-most: 9 N}
                {id: rp, statistic: iso9283-rp, metrics: [grip-force, lateral], at-most: 0.1 N}
                """,
            metrics: "  lateral: {series: gripper.lateral, unit: N}\n")
        let newton = try #require(Unit("N"))
        for round in 0..<count {
            let (x, y) = [(0.0, 0.5), (2, 0.7), (2.5, 2), (0, 2)][round % 4]
            try bench.run(
                seconds: 10, [:],
                samples: [(Series("gripper.force", unit: newton), x), (Series("gripper.lateral", unit: newton), y)])
        }
        let criteria = try bench.summary().criteria
        // Bad poses are not judged too early either.
        #expect(criteria.map(\.verdict) == (more == 0 ? [.pass, .fail] : [.inconclusive, .inconclusive]))
        #expect(criteria.map(\.moreRuns) == [more, more])
        #expect(criteria.map(\.obstacle) == (more == 0 ? [nil, nil] : [.fewCycles, .fewCycles]))
        #expect(criteria[0].note == nil)
        let plan = try ScenarioPlan(bench.definition, summary: bench.summary())
        #expect(plan.criteria.map { $0.fewest?.runs } == [30, 30])
        if count == 29 {
            #expect(
                try bench.summary().reason.en.hasSuffix(
                    "there are fewer cycles than are asked for, 30 by ISO 9283:1998 unless the definition states a number; "
                        + "1 more run like these would decide."))
        }
    }

    @Test(
        "Wald's test decides as soon as the runs allow, and never takes a decision back",
        arguments: [
            ("", 31, Verdict.inconclusive), ("", 32, .pass), ("f", 0, .inconclusive), ("ff", 0, .fail),
            ("ff", 500, .inconclusive), ("ffffffff", 0, .fail),
        ])
    func sequential(_ start: String, _ successes: Int, _ verdict: Verdict) throws {
        var bench = try Bench(
            criteria: """
                {id: rate, statistic: proportion, outcome: success, at-least: 0.9, plan: sprt, expect: 0.99, power: 0.95}
                """)
        for _ in start { try bench.attempt("failure") }
        try bench.attempts(successes, "success")
        let criterion = try bench.summary().criteria[0]
        // A success adds ln(0.99/0.9) = 0.0953, 32 of which pass ln 20 = 2.996; a failure adds ln(0.01/0.1) = -2.303.
        #expect(criterion.verdict == verdict)
        #expect(criterion.method == .sprt)
        if verdict == .inconclusive, start.isEmpty { #expect(criterion.moreRuns == 1) }
        if verdict == .pass {
            #expect(criterion.note?.hasPrefix("Wald's test accepted it after run 32") == true)
            #expect(
                try bench.summary().reason.en.hasPrefix(
                    "Wald's sequential test accepts that the success rate is at least 0.9 "))
        }
        if start == "ff", successes > 0 {
            #expect(criterion.note?.hasPrefix("Wald's test turned it down after run 2: it is not as good as") == true)
            #expect(criterion.moreRuns == nil, "what is turned down is never taken back")
        }
    }

    @Test(
        "of runs that overlap only those before the first open one count, or quick successes would outrun slow failures"
    )
    func openRun() throws {
        var bench = try Bench(
            criteria: """
                {id: seq, statistic: proportion, outcome: success, at-least: 0.9, plan: sprt, expect: 0.99, power: 0.95}
                {id: fixed, statistic: proportion, outcome: success, at-least: 0.9}
                """)
        try bench.attempts(10, "success")
        try bench.attempt(nil, isStopped: false)
        try bench.attempts(40, "success")
        let criteria = try bench.summary().criteria
        #expect(criteria.map(\.n) == [10, 50])
        #expect(criteria.map(\.verdict) == [.inconclusive, .pass])
    }

    @Test("bounds that hold at any look are wider than those for one")
    func anytime() throws {
        var bench = try Bench(
            criteria: """
                {id: any, statistic: proportion, outcome: success, at-least: 0.9, plan: anytime}
                {id: once, statistic: proportion, outcome: success, at-least: 0.9}
                """)
        try bench.attempts(40, "success")
        let criteria = try bench.summary().criteria
        #expect((criteria[0].lower ?? 1) < (criteria[1].lower ?? 0))
        #expect(criteria.map(\.verdict) == [.inconclusive, .pass])
        #expect((criteria[0].moreRuns ?? 0) > 0)
    }
}

@Suite("Burn rates")
struct BurnRateTests {
    @Test("a budget that burns too fast in both windows is one breach, with its first time")
    func episodes() throws {
        var bench = try Bench(
            more: """
                safety:
                  - {id: burn, event: fault, budget: 0.1, burn: [{long: 1h, short: 10m, factor: 5}], severity: critical}
                """)
        for _ in 0..<30 { try bench.run(seconds: 59, [:]) }
        #expect(try bench.summary().safety[0].count == 0)
        #expect(try bench.summary().verdict == .pass)
        // Half of an hour's runs must be affected: 30 of 60, of which the first 30 were not.
        var first: Timestamp?
        for index in 0..<30 {
            try bench.run(seconds: 59, ["fault": [1]])
            if index == 29 { first = bench.through }
        }
        let safety = try bench.summary().safety[0]
        #expect((safety.count, safety.verdict) == (1, .fail))
        #expect(safety.first == first)
        #expect(try bench.summary().verdict == .fail)
        for _ in 0..<10 { try bench.run(seconds: 59, [:]) }
        #expect(try bench.summary().safety[0].count == 1, "what is over stays on record")
    }
}
