import Testing

@testable import Statistics

@Suite("One version against another")
struct ComparisonTests {
    /// Newcombe, "Interval estimation for the difference between independent proportions", Statistics in Medicine 17
    /// (1998), table II, method 10; first the candidate.
    @Test(
        "Newcombe's published intervals are met to their four digits",
        arguments: [
            (56, 70, 48, 80, 0.0524, 0.3339), (9, 10, 3, 10, 0.1705, 0.8090), (6, 7, 2, 7, 0.0582, 0.8062),
            (5, 56, 0, 29, -0.0381, 0.1926), (0, 10, 0, 20, -0.1611, 0.2775), (0, 10, 0, 10, -0.2775, 0.2775),
            (10, 10, 0, 20, 0.6791, 1), (10, 10, 0, 10, 0.6075, 1),
        ])
    func newcombe(_ a: Int, _ m: Int, _ b: Int, _ n: Int, _ lower: Double, _ upper: Double) throws {
        let difference = try ProportionDifference(
            from: Proportion(successes: b, trials: n), to: Proportion(successes: a, trials: m))
        let bounds = difference.bounds(at: try Confidence(0.95, .twoSided))
        #expect(abs(try #require(bounds.lower) - lower) < 0.0000501, "\(bounds)")
        #expect(abs(try #require(bounds.upper) - upper) < 0.0000501, "\(bounds)")
        #expect(bounds.estimate == Double(a) / Double(m) - Double(b) / Double(n))
    }

    @Test("Newcombe covers about what it says, over all outcomes and a grid of rates")
    func newcombeCoverage() throws {
        let confidence = try Confidence(0.95, .twoSided)
        let (n, m) = (20, 30)
        let bounds = try (0...n).map { b in
            try (0...m).map { a in
                let difference = try ProportionDifference(
                    from: Proportion(successes: b, trials: n), to: Proportion(successes: a, trials: m))
                let bounds = difference.bounds(at: confidence)
                return (try #require(bounds.lower), try #require(bounds.upper))
            }
        }
        var (least, sum, cases) = (1.0, 0.0, 0.0)
        for i in 0..<20 {
            for j in 0..<20 {
                let p = 0.025 + 0.05 * Double(i)
                let q = 0.025 + 0.05 * Double(j)
                let before = try BinomialDistribution(trials: n, probability: p)
                let after = try BinomialDistribution(trials: m, probability: q)
                let afterMasses = (0...m).map(after.mass)
                var covered = 0.0
                for b in 0...n {
                    var inner = 0.0
                    for a in 0...m where bounds[b][a].0 <= q - p && q - p <= bounds[b][a].1 { inner += afterMasses[a] }
                    covered += inner * before.mass(b)
                }
                least = min(least, covered)
                sum += covered
                cases += 1
            }
        }
        // Newcombe reports a mean of 0.9602 and a least of 0.8673 over his random parameter space.
        #expect(sum / cases > 0.945 && sum / cases < 0.965, "mean \(sum / cases)")
        #expect(least > 0.86, "\(least)")
    }

    @Test("exchanging the versions turns the difference over, no trials say nothing")
    func newcombeSymmetry() throws {
        let confidence = try Confidence(0.9)
        let one = try Proportion(successes: 13, trials: 17)
        let two = try Proportion(successes: 30, trials: 33)
        let there = ProportionDifference(from: one, to: two).bounds(at: confidence)
        let back = ProportionDifference(from: two, to: one).bounds(at: confidence)
        #expect(abs(try #require(there.lower) + #require(back.upper)) < 1e-15)
        let empty = try Proportion(successes: 0, trials: 0)
        let nothing = ProportionDifference(from: empty, to: one).bounds(at: confidence)
        #expect(nothing == Bounds(estimate: nil, lower: -1, upper: 1, at: confidence))
        #expect(try ProportionDifference(from: empty, to: one).moreRuns(for: .atLeast(0), at: confidence) == nil)
    }

    @Test("planned runs of both versions decide the difference of rates")
    func newcombePlan() throws {
        let confidence = try Confidence(0.95)
        let difference = try ProportionDifference(
            from: Proportion(successes: 16, trials: 20), to: Proportion(successes: 18, trials: 20))
        let more = try #require(try difference.moreRuns(for: .atLeast(0), at: confidence))
        func decided(_ scale: Int) throws -> Bool {
            let future = try ProportionDifference(
                from: Proportion(successes: 4 * scale, trials: 5 * scale),
                to: Proportion(successes: 9 * scale / 2, trials: 5 * scale))
            return future.bounds(at: confidence).decision(on: .atLeast(0)) == .met
        }
        // Where both counts are whole, the plan is what such data give.
        let scale = (more + 20 + 9) / 10 * 2
        #expect(try more > 0 && decided(scale) && !decided(scale - 2), "\(more)")
        #expect(try difference.moreRuns(for: .atLeast(0.1), at: confidence, limit: 1000) == nil)
        #expect(try difference.moreRuns(for: .atLeast(-0.5), at: confidence) == 0)
    }

    /// Student's sleep data and two short series; the intervals as R 4.2.2's `t.test` gives them.
    @Test("Welch's and the paired interval are those of R")
    func welch() throws {
        let confidence = try Confidence(0.95, .twoSided)
        func check(_ bounds: Bounds, _ lower: Double, _ upper: Double) throws {
            #expect(abs(try #require(bounds.lower) - lower) < 1e-13)
            #expect(abs(try #require(bounds.upper) - upper) < 1e-13)
        }
        let welch = MeanDifference(from: Moments(baseline), to: Moments(candidate)).bounds(at: confidence)
        try check(welch, -0.019724996335104026, 0.693724996335103872)
        let first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
        let second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
        let apart = MeanDifference(from: Moments(first), to: Moments(second)).bounds(at: confidence)
        try check(apart, -0.20548323071171018, 3.36548323071171041)
        let paired = try Moments(differencesFrom: first, to: second).meanBounds(at: confidence)
        try check(paired, 0.70011423672301754, 2.45988576327698238)
    }

    @Test("Welch's degenerate cases: too few values, no spread, spread in one only")
    func welchEnds() throws {
        let confidence = try Confidence(0.9)
        let one = Moments([3])
        let two = Moments([1, 2])
        #expect(
            MeanDifference(from: one, to: two).bounds(at: confidence)
                == Bounds(estimate: -1.5, lower: nil, upper: nil, at: confidence))
        #expect(MeanDifference(from: Moments(), to: two).bounds(at: confidence).estimate == nil)
        let equal = MeanDifference(from: Moments([1, 1]), to: Moments([4, 4])).bounds(at: confidence)
        #expect(equal == Bounds(estimate: 3, lower: 3, upper: 3, at: confidence))
        let half = MeanDifference(from: Moments([0, 0, 0]), to: two).bounds(at: confidence)
        #expect(half.lower == two.meanBounds(at: confidence).lower, "only the spread of one counts, with its n − 1")
        let huge = MeanDifference(from: Moments([-1e308, -1.1e308]), to: Moments([1e308, 1.1e308]))
        #expect(huge.bounds(at: confidence).lower == nil)
        expectRefusal(at: "pairs") { () throws(StatisticsError) in _ = try Moments(differencesFrom: [1], to: []) }
    }

    @Test("Welch covers the true difference about as often as it says, at unequal spreads")
    func welchCoverage() throws {
        let rounds = Simulation.rounds(2000)
        var simulation = Simulation(seed: 81)
        let confidence = try Confidence(0.9)
        var misses = (lower: 0, upper: 0)
        for _ in 0..<rounds {
            let before = Moments(simulation.normals(8))
            let after = Moments(simulation.normals(15).map { 5 + 3 * $0 })
            let bounds = MeanDifference(from: before, to: after).bounds(at: confidence)
            if try #require(bounds.lower) > 5 { misses.lower += 1 }
            if try #require(bounds.upper) < 5 { misses.upper += 1 }
        }
        simulation.expect(misses.lower, of: rounds, near: 0.1, within: 0.005)
        simulation.expect(misses.upper, of: rounds, near: 0.1, within: 0.005)
    }

    /// Both sensors show whole numbers; the true means are equal, the spreads a tenth of a step.
    @Test("equal values that a sensor rounds prove no difference, whatever they were within half a step")
    func coarseWelch() throws {
        let difference = MeanDifference(
            from: Moments([Double](repeating: 30, count: 12)), to: Moments([Double](repeating: 31, count: 9)))
        let confidence = try Confidence(0.95, .twoSided)
        #expect(difference.bounds(at: confidence).lower == 1, "what the formula says of equal values")
        let bounds = difference.bounds(at: confidence, within: 0.5, 0.5)
        // 1 ∓ (0.5 + 0.5 + t(8) √(0.25/11 + 0.25/8)), t(0.975; 8) = 2.306004135204166 by SciPy.
        let reach = 1 + 2.306_004_135_204_166 * (0.25 / 11 + 0.25 / 8).squareRoot()
        #expect(abs(try #require(bounds.lower) - (1 - reach)) < 1e-9)
        #expect(abs(try #require(bounds.upper) - (1 + reach)) < 1e-9)
        #expect(difference.bounds(at: confidence, within: 0, 0) == difference.bounds(at: confidence))
    }

    @Test("planned values of both decide the difference of means, one fewer does not")
    func welchPlan() throws {
        let confidence = try Confidence(0.95)
        let difference = MeanDifference(from: Moments(baseline), to: Moments(candidate))
        for threshold in [0.2, 0.1, 0.5] {
            let more = try #require(try difference.moreRuns(for: .atLeast(threshold), at: confidence))
            #expect(more > 0)
            #expect(try difference.moreRuns(for: .atLeast(threshold), at: confidence, limit: more - 1) == nil)
        }
        #expect(try difference.moreRuns(for: .atLeast(-2), at: confidence) == 0)
    }

    /// Hollander & Wolfe's permeability data; R 4.2.2's `wilcox.test(…, conf.int = TRUE)`.
    @Test("the Hodges–Lehmann shift and its bounds are those of R")
    func shift() throws {
        let shift = LocationShift(from: try SortedSample(baseline), to: try SortedSample(candidate))
        #expect(abs(try #require(shift.estimate) - 0.305) < 1e-15)
        for (level, lower, upper) in [(0.9, -0.08, 0.72), (0.99, -0.35, 1.01)] {
            let bounds = shift.bounds(at: try Confidence(level, .twoSided))
            #expect(abs(try #require(bounds.lower) - lower) < 1e-15)
            #expect(abs(try #require(bounds.upper) - upper) < 1e-15)
        }
        #expect(shift.bounds(at: try Confidence(0.9999)).lower == nil, "3003 arrangements cannot prove so much")
    }

    /// By counting arrangements in whole numbers, checked against SciPy's exact test: `Tools/fixtures/distributions mann-whitney`.
    @Test("the Mann–Whitney distribution is exact where it says so, and within 1e-4 beyond")
    func mannWhitney() throws {
        let cases = try Fixture.load("mann-whitney")
        #expect(cases.count > 90)
        for fixture in cases {
            let (n, m, u) = (Int(fixture[0]), Int(fixture[1]), Int(fixture[2]))
            let law = try MannWhitneyDistribution(first: n, second: m)
            let found = law.cumulative(u)
            if n * m <= MannWhitneyDistribution.exactLimit || min(n, m) < 10 {
                #expect(abs(found / fixture[3] - 1) < 1e-11, "\(fixture) \(found)")
            } else {
                #expect(abs(found - fixture[3]) < 1e-4, "\(fixture) \(found)")
            }
            #expect(try MannWhitneyDistribution(first: m, second: n).cumulative(u) == found)
            #expect(abs(law.cumulative(n * m - u - 1) + found - 1) < 1e-12)
            #expect(law.cumulative(-1) == 0 && law.cumulative(n * m) == 1)
        }
    }

    @Test("the exact shift covers at least what it says and not much more, whatever the shape")
    func shiftCoverage() throws {
        let rounds = Simulation.rounds(1000)
        var simulation = Simulation(seed: 82)
        let confidence = try Confidence(0.9)
        let law = try MannWhitneyDistribution(first: 6, second: 9)
        let exact = law.cumulative(law.lastRank(tail: confidence.tail))
        #expect(exact <= 0.1 && exact > 0.07)
        var misses = (lower: 0, upper: 0)
        for _ in 0..<rounds {
            let before = try SortedSample((0..<6).map { _ in simulation.exponential() })
            let after = try SortedSample((0..<9).map { _ in 2 + simulation.exponential() })
            let bounds = LocationShift(from: before, to: after).bounds(at: confidence)
            if try #require(bounds.lower) > 2 { misses.lower += 1 }
            if try #require(bounds.upper) < 2 { misses.upper += 1 }
        }
        simulation.expect(misses.lower, of: rounds, near: exact)
        simulation.expect(misses.upper, of: rounds, near: exact)
    }

    @Test("every rank of the differences is the one of the sorted table, ties, zeros and infinities included")
    func ranks() throws {
        let confidence = try Confidence(0.6)
        let before = [-2, -1, 0, 0, 3.5, 1e300] as [Double]
        let after = [-5, 0, 0, 1, 2, 2, 7] as [Double]
        let table = after.flatMap { a in before.map { a - $0 } }.sorted()
        let shift = LocationShift(from: try SortedSample(before), to: try SortedSample(after))
        #expect(shift.estimate == 0.5 * (table[20] + table[21]))
        let law = try MannWhitneyDistribution(first: 6, second: 7)
        let rank = law.lastRank(tail: confidence.tail) + 1
        let bounds = shift.bounds(at: confidence)
        #expect(bounds.lower == table[rank - 1] && bounds.upper == table[42 - rank])
        let endless = LocationShift(
            from: try SortedSample([1, .infinity]), to: try SortedSample([2, .infinity, .infinity]))
        #expect(endless.estimate == 0.5, "−∞, 0, 0, 1, ∞, ∞")
        let none = LocationShift(from: try SortedSample([]), to: try SortedSample([1]))
        #expect(none.estimate == nil && none.bounds(at: confidence).lower == nil)
    }

    private let candidate = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
    private let baseline = [1.15, 0.88, 0.90, 0.74, 1.21]
}
