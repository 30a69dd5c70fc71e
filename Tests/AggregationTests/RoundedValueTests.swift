import Scenarios
import Telemetry
import Testing

@testable import Aggregation

@Suite("Values that a sensor rounds")
struct RoundedValueTests {
    private static let criteria = """
        {id: mean, statistic: mean, metric: grip-force, reduce: max, at-most: 30.4 N}
        {id: boot, statistic: mean, metric: grip-force, reduce: max, method: bca, at-most: 30.4 N}
        {id: bound, statistic: tolerance, share: 0.95, metric: grip-force, reduce: max, at-most: 30.4 N}
        {id: fit, statistic: tolerance, share: 0.95, metric: grip-force, reduce: max, around: 30 N, at-most: 0.4 N}
        {id: ap, statistic: iso9283-ap, metrics: [grip-force], reduce: max, command: [30 N], at-most: 0.4 N}
        {id: rp, statistic: iso9283-rp, metrics: [grip-force], reduce: max, at-most: 0.4 N}
        """

    private func bench(_ forces: [Double], resolution: String? = nil, limit: String = "30.4 N") throws -> Bench {
        var criteria = Self.criteria.replacing("30.4 N", with: limit)
        if resolution != nil { criteria = criteria.replacing("grip-force", with: "press") }
        let metric = resolution.map { "  press: {series: gripper.force, unit: N, resolution: \($0)}\n" } ?? ""
        var bench = try Bench(criteria: criteria, metrics: metric)
        let newton = try #require(Unit("N"))
        for force in forces {
            try bench.run(seconds: 10, [:], samples: [(series: Series("gripper.force", unit: newton), value: force)])
        }
        return bench
    }

    @Test("that are all equal prove nothing, and the reason says so in both languages, with what to do")
    func equal() throws {
        let bench = try bench([Double](repeating: 30, count: 40))
        let summary = try bench.summary()
        #expect(summary.criteria.allSatisfy { $0.verdict == .inconclusive && $0.obstacle == .equalValues })
        #expect(summary.criteria.allSatisfy { $0.lower == nil && $0.upper == nil && $0.moreRuns == nil })
        #expect(
            summary.reason.en
                == "The mean of the greatest grip-force of a run cannot be bounded with 95 % confidence, so the allowed "
                + "30.4 N is undecided after 40 runs; all values are equal, and equal values do not show how closely they were measured."
        )
        #expect(summary.reason.zh.hasSuffix("；全部数值相同，无法看出测量的精细程度。"))
        let plan = try ScenarioPlan(bench.definition, summary: summary)
        #expect(plan.criteria[0].note?.en.contains("state the 'resolution'") == true)
        #expect(plan.criteria[2].note?.en.contains("state the 'resolution'") == true)
    }

    @Test(
        "prove what the stated step allows",
        arguments: [("0.01 N", Verdict.pass), ("1 N", .inconclusive), ("0 N", .inconclusive)])
    func stated(_ resolution: String, _ verdict: Verdict) throws {
        let criteria = try bench([Double](repeating: 30, count: 40), resolution: resolution).summary().criteria
        #expect(criteria.map(\.verdict) == [Verdict](repeating: verdict, count: 6))
        if resolution == "0 N" { #expect(criteria.allSatisfy { $0.obstacle == .exactValues }) }
        guard resolution == "1 N" else { return }
        // 30 + (0.5 + t(39) 0.5 √(40/39) / √40), t(0.95; 39) = 1.6848751194 by SciPy.
        #expect(abs((criteria[0].upper ?? 0) - (30.5 + 1.684_875_119_4 * 0.5 / 39.0.squareRoot())) < 1e-8)
        #expect(criteria.allSatisfy { $0.resolution == 1 && $0.obstacle == nil })
        #expect(criteria[0].moreRuns == nil, "half a step is more than what lies before the limit")
    }

    @Test(
        "show their step by ties where they vary by less than it; where they vary more, or never tie, nothing is added")
    func seen() throws {
        var forces = [Double](repeating: 30, count: 40)
        forces[7] = 31
        var criterion = try bench(forces).summary().criteria[0]
        #expect((criterion.verdict, criterion.resolution) == (.inconclusive, 1))
        #expect((criterion.upper ?? 0) > 30.5)
        #expect(try bench(forces, limit: "32 N").summary().criteria[0].verdict == .pass)
        forces = (0..<40).map { 30 + Double($0 % 4) }
        criterion = try bench(forces).summary().criteria[0]
        #expect(criterion.resolution == nil)
        forces = (0..<40).map { (place: Int) -> Double in
            let spread = Double(place * place % 101) / 1000
            return 30 + spread + Double(place) * 1e-6
        }
        criterion = try bench(forces).summary().criteria[0]
        #expect((criterion.verdict, criterion.resolution) == (.pass, nil))
        #expect((criterion.upper ?? 31) < 30.1)
    }

    @Test("a quantile allows for a stated step, and needs no spread")
    func quantile() throws {
        var bench = try Bench(
            criteria: """
                {id: plain, statistic: quantile, q: 0.9, metric: grip-force, reduce: max, at-most: 30 N}
                {id: edge, statistic: quantile, q: 0.9, metric: press, reduce: max, at-most: 30 N}
                {id: clear, statistic: quantile, q: 0.9, metric: press, reduce: max, at-most: 30.25 N}
                """, metrics: "  press: {series: gripper.force, unit: N, resolution: 0.5 N}\n")
        let newton = try #require(Unit("N"))
        for _ in 0..<30 {
            try bench.run(seconds: 10, [:], samples: [(series: Series("gripper.force", unit: newton), value: 30)])
        }
        let criteria = try bench.summary().criteria
        #expect(criteria.map(\.verdict) == [.pass, .inconclusive, .pass])
        #expect(criteria.map(\.resolution) == [nil, 0.5, 0.5])
    }

    @Test("prove no difference between two summaries unless it is more than their steps")
    func comparison() throws {
        func compare(_ before: [Double], _ after: [Double], _ resolution: String?) throws -> [CriterionComparison] {
            try SummaryComparison(
                baseline: try bench(before, resolution: resolution).summary(),
                candidate: try bench(after, resolution: resolution).summary()
            ).criteria
        }
        let (low, high) = ([Double](repeating: 30, count: 40), [Double](repeating: 31, count: 40))
        for index in [0, 2] {
            let unknown = try compare(low, high, nil)[index]
            #expect((unknown.finding, unknown.lower) == (.unknown, nil))
            #expect(unknown.note?.en.contains("state the 'resolution'") == true)
            #expect(try compare(low, high, "1 N")[index].finding == .open, "30.49 and 30.51, perhaps")
            #expect(try compare(low, high.map { $0 + 2 }, "1 N")[index].finding == .worse)
            #expect(try compare(low, high, "0.1 N")[index].finding == .worse)
        }
    }
}
