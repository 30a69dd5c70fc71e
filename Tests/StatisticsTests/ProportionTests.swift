import Testing

@testable import Statistics

@Suite("Intervals for a proportion")
struct ProportionTests {
    /// Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table I.
    @Test(
        "published intervals are met to their four digits",
        arguments: [
            (81, 263, 0.2527, 0.3676, 0.2553, 0.3662), (15, 148, 0.0578, 0.1617, 0.0624, 0.1605),
            (0, 20, 0, 0.1684, 0, 0.1611), (1, 29, 0.0009, 0.1776, 0.0061, 0.1718),
        ])
    func published(
        _ k: Int, _ n: Int, _ exactLow: Double, _ exactHigh: Double, _ scoreLow: Double, _ scoreHigh: Double
    ) throws {
        let confidence = try Confidence(0.95, .twoSided)
        let proportion = try Proportion(successes: k, trials: n)
        let exact = proportion.bounds(at: confidence)
        let score = proportion.bounds(.wilson, at: confidence)
        for (bound, expected) in [
            (exact.lower, exactLow), (exact.upper, exactHigh), (score.lower, scoreLow), (score.upper, scoreHigh),
        ] {
            #expect(abs(try #require(bound) - expected) <= 0.00005001)
        }
        #expect(exact.estimate == Double(k) / Double(n))
    }

    @Test("without trials the bounds say nothing", arguments: Proportion.Method.allCases)
    func noTrials(method: Proportion.Method) throws {
        let bounds = try Proportion(successes: 0, trials: 0).bounds(method, at: Confidence(0.95))
        #expect(bounds.estimate == nil && bounds.lower == 0 && bounds.upper == 1)
    }

    @Test(
        "no success bounds at zero, only successes at one", arguments: Proportion.Method.allCases,
        [1, 2, 30, 1_000_000])
    func ends(method: Proportion.Method, n: Int) throws {
        let confidence = try Confidence(0.95)
        let none = try Proportion(successes: 0, trials: n).bounds(method, at: confidence)
        let all = try Proportion(successes: n, trials: n).bounds(method, at: confidence)
        #expect(none.lower == 0 && all.upper == 1)
        #expect(abs(try #require(none.upper) + #require(all.lower) - 1) < 1e-15)
        if n == 1, method == .clopperPearson { #expect(abs(try #require(all.lower) - 0.05) < 1e-15) }
    }

    @Test("ten flawless runs prove no more than 0.74")
    func tenRuns() throws {
        let lower = try #require(try Proportion(successes: 10, trials: 10).bounds(at: Confidence(0.95)).lower)
        #expect(abs(lower - 0.7411344491069477) < 1e-15)
    }

    @Test("a Clopper–Pearson bound is where the data become just too unlikely", arguments: Sides.allCases)
    func duality(sides: Sides) throws {
        let confidence = try Confidence(0.9, sides)
        for n in [1, 2, 5, 17, 100, 4000] {
            for k in Set([0, 1, n / 3, n - 1, n]) {
                let bounds = try Proportion(successes: k, trials: n).bounds(at: confidence)
                if k > 0 {
                    let atLower = try BinomialDistribution(trials: n, probability: #require(bounds.lower))
                    #expect(abs(atLower.survival(k - 1) / confidence.tail - 1) < 1e-11)
                }
                if k < n {
                    let atUpper = try BinomialDistribution(trials: n, probability: #require(bounds.upper))
                    #expect(abs(atUpper.cumulative(k) / confidence.tail - 1) < 1e-11)
                }
            }
        }
    }

    @Test("a one-sided 0.95 pair is a two-sided 0.90 interval", arguments: Proportion.Method.allCases)
    func sides(method: Proportion.Method) throws {
        let proportion = try Proportion(successes: 18, trials: 20)
        let one = try proportion.bounds(method, at: Confidence(0.95, .oneSided))
        let two = try proportion.bounds(method, at: Confidence(0.9, .twoSided))
        #expect(abs(try #require(one.lower) - #require(two.lower)) < 1e-14)
        #expect(abs(try #require(one.upper) - #require(two.upper)) < 1e-14)
    }

    @Test("more successes and less confidence never lower the lower bound", arguments: Proportion.Method.allCases)
    func monotone(method: Proportion.Method) throws {
        for n in [1, 7, 50] {
            var last = -1.0
            for k in 0...n {
                let proportion = try Proportion(successes: k, trials: n)
                let bound = try #require(try proportion.bounds(method, at: Confidence(0.95)).lower)
                let bolder = try #require(try proportion.bounds(method, at: Confidence(0.8)).lower)
                #expect(bound > last && bolder >= bound && bound <= Double(k) / Double(n))
                last = bound
            }
        }
    }

    @Test("Clopper–Pearson covers at least as often as it says, for every n up to 40 and every p on a grid")
    func exactCoverage() throws {
        let confidence = try Confidence(0.9, .oneSided)
        for n in [1, 2, 3, 5, 10, 23, 40] {
            let bounds = try (0...n).map { try Proportion(successes: $0, trials: n).bounds(at: confidence) }
            for step in 1..<50 {
                let p = Double(step) / 50
                let binomial = try BinomialDistribution(trials: n, probability: p)
                var fromBelow = 0.0
                var fromAbove = 0.0
                for (k, bound) in bounds.enumerated() {
                    if try #require(bound.lower) <= p { fromBelow += binomial.mass(k) }
                    if try #require(bound.upper) >= p { fromAbove += binomial.mass(k) }
                }
                #expect(fromBelow > 0.9 - 1e-12 && fromAbove > 0.9 - 1e-12, "n = \(n), p = \(p)")
            }
        }
    }

    @Test("Wilson covers what it says on average over p")
    func averageCoverage() throws {
        let confidence = try Confidence(0.95, .twoSided)
        let n = 30
        let bounds = try (0...n).map { try Proportion(successes: $0, trials: n).bounds(.wilson, at: confidence) }
        var covered = 0.0
        for step in 0..<500 {
            let p = (Double(step) + 0.5) / 500
            let binomial = try BinomialDistribution(trials: n, probability: p)
            for (k, bound) in bounds.enumerated() where try #require(bound.lower) <= p && p <= #require(bound.upper) {
                covered += binomial.mass(k) / 500
            }
        }
        // Agresti & Coull (1998) report means between 0.95 and 0.955 for such n.
        #expect(covered > 0.947 && covered < 0.958, "\(covered)")
    }

    @Test("impossible counts and confidences are refused")
    func refusals() {
        expectRefusal(at: "successes") { () throws(StatisticsError) in _ = try Proportion(successes: 4, trials: 3) }
        expectRefusal(at: "successes") { () throws(StatisticsError) in _ = try Proportion(successes: -1, trials: 3) }
        expectRefusal(at: "trials") { () throws(StatisticsError) in _ = try Proportion(successes: 0, trials: -3) }
        for level in [0, 1, -0.5, 95, .nan] as [Double] {
            expectRefusal(at: "confidence") { () throws(StatisticsError) in _ = try Confidence(level) }
        }
    }

    @Test(
        "a requirement is met, refuted or undecided by the bounds, the threshold itself counting as good",
        arguments: [
            (Requirement.atLeast(0.2), Decision.met), (.atLeast(0.1), .met), (.atLeast(0.3), .undecided),
            (.atLeast(0.4), .undecided), (.atLeast(0.41), .refuted), (.atMost(0.4), .met), (.atMost(0.3), .undecided),
            (.atMost(0.2), .undecided), (.atMost(0.19), .refuted),
        ])
    func decisions(_ requirement: Requirement, _ expected: Decision) throws {
        let bounds = Bounds(estimate: 0.3, lower: 0.2, upper: 0.4, at: try Confidence(0.95))
        #expect(bounds.decision(on: requirement) == expected)
        let open = Bounds(estimate: 0.3, lower: nil, upper: nil, at: try Confidence(0.95))
        #expect(open.decision(on: requirement) == .undecided)
    }
}
