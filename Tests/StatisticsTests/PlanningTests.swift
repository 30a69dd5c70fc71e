import Testing

@testable import Statistics

@Suite("Planning further runs")
struct PlanningTests {
    @Test(
        "so many flawless runs prove a rate",
        arguments: [
            (0.9, 0.95, 29), (0.95, 0.95, 59), (0.99, 0.95, 299), (0.999, 0.95, 2995), (0.5, 0.95, 5), (0.9, 0.9, 22),
        ])
    func flawless(rate: Double, level: Double, runs: Int) throws {
        let confidence = try Confidence(level)
        #expect(try Proportion.flawlessRuns(proving: rate, at: confidence) == runs)
        let enough = try Proportion(successes: runs, trials: runs).bounds(at: confidence)
        let oneLess = try Proportion(successes: runs - 1, trials: runs - 1).bounds(at: confidence)
        #expect(enough.decision(on: .atLeast(rate)) == .met && oneLess.decision(on: .atLeast(rate)) == .undecided)
        #expect(try Proportion(successes: 0, trials: 0).moreRuns(for: .atLeast(rate), at: confidence) == runs)
        if runs < 1000 {
            #expect(try Proportion(successes: 0, trials: 0).moreRuns(for: .atMost(1 - rate), at: confidence) == runs)
        }
    }

    @Test("a rate of one is never proven, a rate of zero always")
    func flawlessEnds() throws {
        let confidence = try Confidence(0.95)
        #expect(try Proportion.flawlessRuns(proving: 1, at: confidence) == nil)
        #expect(try Proportion.flawlessRuns(proving: 0, at: confidence) == 0)
        #expect(try Proportion(successes: 9, trials: 9).moreRuns(for: .atLeast(1), at: confidence) == nil)
        #expect(try Proportion(successes: 9, trials: 10).moreRuns(for: .atLeast(1), at: confidence) == 0)
        #expect(try Proportion(successes: 3, trials: 9).moreRuns(for: .atLeast(0), at: confidence) == 0)
    }

    @Test("after ten flawless runs nineteen more prove 0.90")
    func tenOfTen() throws {
        let confidence = try Confidence(0.95)
        #expect(try Proportion(successes: 10, trials: 10).moreRuns(for: .atLeast(0.9), at: confidence) == 19)
        #expect(try Proportion(successes: 29, trials: 29).moreRuns(for: .atLeast(0.9), at: confidence) == 0)
        #expect(try Proportion(successes: 0, trials: 10).moreRuns(for: .atMost(0.1), at: confidence) == 19)
    }

    @Test("a rate at the threshold is never decided, one beside it is, beyond the limit it is not")
    func atThreshold() throws {
        let confidence = try Confidence(0.95)
        let observed = try Proportion(successes: 19, trials: 20)
        #expect(try observed.moreRuns(for: .atLeast(0.95), at: confidence) == nil)
        #expect(try observed.moreRuns(for: .atLeast(0.9499), at: confidence) == nil)
        let runs = try #require(try observed.moreRuns(for: .atLeast(0.949), at: confidence))
        #expect(runs > 100_000 && runs < 200_000)
        #expect(try observed.moreRuns(for: .atLeast(0.949), at: confidence, limit: runs) == runs)
        #expect(try observed.moreRuns(for: .atLeast(0.949), at: confidence, limit: runs - 1) == nil)
        #expect(try observed.moreRuns(for: .atLeast(0.951), at: confidence) != nil)
    }

    @Test(
        "the answer is the first that decides, as found by trying them one by one",
        arguments: Proportion.Method.allCases)
    func bruteForce(method: Proportion.Method) throws {
        let seed: UInt64 = 77
        var generator = SeededGenerator(seed: seed)
        let limit = 120
        for _ in 0..<60 {
            let n = Int.random(in: 1...30, using: &generator)
            let k = Int.random(in: 0...n, using: &generator)
            let rate = Double(k) / Double(n)
            let threshold = min(max(rate + 0.5 * (generator.unit() - 0.5), 0), 1)
            let requirement: Requirement = Bool.random(using: &generator) ? .atLeast(threshold) : .atMost(threshold)
            let confidence = try Confidence(0.9, Bool.random(using: &generator) ? .oneSided : .twoSided)
            let expected = try (0...limit).first { more in
                let total = n + more
                let exact = Double(total * k)
                // Rounded against the decision: down if the rate must be shown to be high, up if low.
                let successes = rate > threshold ? total * k / n : (total * k + n - 1) / n
                #expect(abs(Double(successes * n) - exact) < Double(n))
                let future = try Proportion(successes: successes, trials: total)
                return future.bounds(method, at: confidence).decision(on: requirement) != .undecided
            }
            let planned = try Proportion(successes: k, trials: n)
                .moreRuns(for: requirement, method, at: confidence, limit: limit)
            #expect(planned == expected, "\(k) of \(n), \(requirement), \(confidence), seed \(seed)")
        }
    }

    @Test("a quantile is planned by the share of values on the good side")
    func quantile() throws {
        let confidence = try Confidence(0.95)
        let fine = try SortedSample((1...20).map(Double.init))
        // 59 values below the threshold bound the 0.95 quantile.
        #expect(try fine.moreRuns(for: .atMost(30), quantile: 0.95, at: confidence) == 39)
        #expect(try fine.moreRuns(for: .atLeast(0), quantile: 0.05, at: confidence) == 39)
        #expect(try fine.moreRuns(for: .atMost(10), quantile: 0.95, at: confidence) == 0)
        #expect(try fine.moreRuns(for: .atMost(10), quantile: 0.5, at: confidence) == nil)
    }

    @Test("a planned number of values decides the quantile, one fewer does not", arguments: [14.5, 16.5, 5.5, 7.5])
    func quantileByTrial(threshold: Double) throws {
        let confidence = try Confidence(0.95)
        let sample = try SortedSample((1...20).map(Double.init))
        for requirement in [Requirement.atMost(threshold), .atLeast(threshold)] {
            let more = try #require(try sample.moreRuns(for: requirement, quantile: 0.5, at: confidence))
            let belowNow = sample.count(atMost: threshold)
            func decision(_ more: Int) throws -> Decision {
                let total = 20 + more
                let below = threshold > 10 ? total * belowNow / 20 : (total * belowNow + 19) / 20
                let values = Array(repeating: 0.0, count: below) + Array(repeating: 100.0, count: total - below)
                return try SortedSample(values).quantileBounds(0.5, at: confidence).decision(on: requirement)
            }
            #expect(try decision(more) != .undecided)
            if more > 0 { #expect(try decision(more - 1) == .undecided) }
        }
    }

    @Test("a planned number of values decides the mean, one fewer does not")
    func mean() throws {
        let confidence = try Confidence(0.95)
        let moments = Moments([9.1, 11.2, 10.4, 9.6, 10.3])
        for requirement in [Requirement.atMost(10.5), .atLeast(10), .atLeast(10.4), .atMost(9.9)] {
            let more = try #require(try moments.moreRuns(for: requirement, at: confidence))
            let deviation = try #require(moments.standardDeviation)
            func decided(_ total: Int) -> Bool {
                let reach = Moments.reach(count: total, deviation: deviation, tail: confidence.tail)
                return reach <= abs(moments.mean - requirement.threshold)
            }
            #expect(more > 0 && decided(5 + more) && !decided(4 + more), "\(requirement): \(more)")
        }
        #expect(try moments.moreRuns(for: .atMost(20), at: confidence) == 0)
        #expect(try moments.moreRuns(for: .atMost(moments.mean), at: confidence) == nil)
        #expect(try Moments([1]).moreRuns(for: .atMost(2), at: confidence) == nil)
        #expect(try moments.moreRuns(for: .atMost(moments.mean + 1e-6), at: confidence) == nil)
    }

    @Test("thresholds and limits without meaning are refused")
    func refusals() {
        expectRefusal(at: "threshold") { () throws(StatisticsError) in
            _ = try Proportion(successes: 1, trials: 2).moreRuns(for: .atLeast(1.5), at: Confidence(0.95))
        }
        expectRefusal(at: "threshold") { () throws(StatisticsError) in
            _ = try Moments([1, 2]).moreRuns(for: .atMost(.nan), at: Confidence(0.95))
        }
        expectRefusal(at: "limit") { () throws(StatisticsError) in
            _ = try Proportion(successes: 1, trials: 2).moreRuns(for: .atLeast(0.5), at: Confidence(0.95), limit: -1)
        }
        expectRefusal(at: "rate") { () throws(StatisticsError) in
            _ = try Proportion.flawlessRuns(proving: 1.1, at: Confidence(0.95))
        }
    }
}
