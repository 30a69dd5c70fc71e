import Testing

@testable import Statistics

@Suite("Planning by power")
struct PowerTests {
    @Test("the fewest runs with a power are those found by trying one by one")
    func proportion() throws {
        for (requirement, rate, power, level) in [
            (Requirement.atLeast(0.9), 0.97, 0.8, 0.95), (.atLeast(0.9), 1, 0.9, 0.95), (.atLeast(0.5), 0.7, 0.9, 0.9),
            (.atMost(0.1), 0.03, 0.8, 0.95), (.atMost(0.4), 0.2, 0.5, 0.99), (.atLeast(0.3), 0.42, 0.8, 0.9),
        ] {
            let confidence = try Confidence(level)
            let planned = try #require(
                try Proportion.runs(meeting: requirement, ifRateIs: rate, power: power, at: confidence))
            func enumerated(_ runs: Int) throws -> Double {
                let binomial = try BinomialDistribution(trials: runs, probability: rate)
                var sum = 0.0
                for k in 0...runs {
                    let bounds = try Proportion(successes: k, trials: runs).bounds(at: confidence)
                    if bounds.decision(on: requirement) == .met { sum += binomial.mass(k) }
                }
                return sum
            }
            let expected = try (1...400).first { try enumerated($0) >= power }
            #expect(planned == expected, "\(requirement), \(rate), \(power), \(level)")
            let computed = try Proportion.power(
                ofRuns: planned, meeting: requirement, ifRateIs: rate, at: confidence)
            #expect(abs(computed - (try enumerated(planned))) < 1e-12)
        }
    }

    @Test("what is certain, and what no number of runs does")
    func proportionEnds() throws {
        let confidence = try Confidence(0.95)
        #expect(try Proportion.runs(meeting: .atLeast(0.9), ifRateIs: 0.9, power: 0.8, at: confidence) == nil)
        #expect(try Proportion.runs(meeting: .atLeast(1), ifRateIs: 1, power: 0.8, at: confidence) == nil)
        #expect(try Proportion.runs(meeting: .atLeast(0), ifRateIs: 0.1, power: 0.8, at: confidence) == 0)
        #expect(try Proportion.runs(meeting: .atLeast(0.9), ifRateIs: 1, power: 0.99, at: confidence) == 29)
        #expect(
            try Proportion.runs(meeting: .atLeast(0.9), ifRateIs: 0.95, power: 0.8, at: confidence, limit: 100) == nil)
        #expect(try Proportion.power(ofRuns: 28, meeting: .atLeast(0.9), ifRateIs: 1, at: confidence) == 0)
        #expect(try Proportion.power(ofRuns: 29, meeting: .atLeast(0.9), ifRateIs: 1, at: confidence) == 1)
        #expect(try Proportion.power(ofRuns: 0, meeting: .atMost(1), ifRateIs: 0.3, at: confidence) == 1)
        // A fine distinction is planned without walking there run by run.
        let many = try #require(
            try Proportion.runs(meeting: .atLeast(0.9), ifRateIs: 0.905, power: 0.9, at: confidence))
        #expect(many > 25_000 && many < 35_000)
    }

    /// R 4.2.2's `power.t.test(type = "one.sample", alternative = "one.sided")`.
    @Test(
        "the power of a mean is that of R",
        arguments: [
            (5, 1.0, 0.57973735886232503), (20, 0.5, 0.69514933824465752), (200, 0.2, 0.87979001940453738),
            (1000, 0.1, 0.93514947081753952),
        ])
    func mean(runs: Int, effect: Double, power: Double) throws {
        let computed = try Moments.power(ofRuns: runs, effect: effect, at: Confidence(0.95))
        #expect(abs(computed / power - 1) < 1e-9, "\(computed)")
    }

    @Test("the fewest values for the power of a mean: one fewer has less")
    func meanPlan() throws {
        let confidence = try Confidence(0.95)
        // R's real-valued answer is 26.1375.
        #expect(try Moments.runs(effect: 0.5, power: 0.8, at: confidence) == 27)
        for (effect, power) in [(5.0, 0.99), (1, 0.9), (0.1, 0.8), (0.01, 0.9)] {
            let runs = try #require(try Moments.runs(effect: effect, power: power, at: confidence))
            #expect(try Moments.power(ofRuns: runs, effect: effect, at: confidence) >= power)
            #expect(try Moments.power(ofRuns: runs - 1, effect: effect, at: confidence) < power)
        }
        #expect(try Moments.runs(effect: 0, power: 0.8, at: confidence) == nil)
        #expect(try Moments.power(ofRuns: 1, effect: 3, at: confidence) == 0)
        #expect(abs(try Moments.power(ofRuns: 9, effect: 0, at: confidence) - 0.05) < 1e-12, "the level itself")
    }

    @Test("the smallest exposure with a power: it has it, a little less has not")
    func rate() throws {
        let confidence = try Confidence(0.9)
        for (requirement, rate, power) in [
            (Requirement.atMost(0.01), 0.004, 0.8), (.atMost(0.01), 0, 0.99), (.atMost(2), 1.5, 0.9),
            (.atLeast(1), 1.8, 0.8), (.atLeast(0.1), 5, 0.5),
        ] {
            let exposure = try #require(
                try EventRate.exposure(meeting: requirement, ifRateIs: rate, power: power, at: confidence))
            func reached(_ exposure: Double) throws -> Double {
                try EventRate.power(ofExposure: exposure, meeting: requirement, ifRateIs: rate, at: confidence)
            }
            #expect(try reached(exposure * (1 + 1e-9)) >= power * (1 - 1e-8), "\(requirement), \(rate)")
            for step in 1..<100 {
                #expect(try reached(exposure * 0.01 * Double(step)) < power, "\(requirement), \(rate), at \(step) %")
            }
            // Against the bounds themselves.
            let poisson = try PoissonDistribution(mean: rate * exposure * 1.001)
            var sum = 0.0
            for events in 0...400 {
                let bounds = try EventRate(events: events, exposure: exposure * 1.001).bounds(at: confidence)
                if bounds.decision(on: requirement) == .met { sum += poisson.mass(events) }
            }
            #expect(abs(sum - (try reached(exposure * 1.001))) < 1e-10)
        }
        #expect(try EventRate.exposure(meeting: .atMost(1), ifRateIs: 1, power: 0.8, at: confidence) == nil)
        #expect(try EventRate.exposure(meeting: .atLeast(0), ifRateIs: 1, power: 0.8, at: confidence) == 0)
    }

    @Test("a product that never fails needs the failure-free time, one three times as good as asked some more")
    func mtbf() throws {
        let confidence = try Confidence(0.9)
        let failureFree = try MeanTimeBetweenFailures.failureFreeTime(proving: 100, at: confidence)
        let sure = try #require(
            try MeanTimeBetweenFailures.time(proving: 100, ifMeanIs: 1e9, power: 0.99, at: confidence))
        #expect(abs(sure / failureFree - 1) < 1e-12)
        let usual = try #require(
            try MeanTimeBetweenFailures.time(proving: 100, ifMeanIs: 300, power: 0.8, at: confidence))
        #expect(usual > 2 * failureFree && usual < 5 * failureFree)
        #expect(try MeanTimeBetweenFailures.time(proving: 100, ifMeanIs: 90, power: 0.8, at: confidence) == nil)
    }

    @Test("what has no meaning is refused by name")
    func refusals() {
        for bad in [0, 1, .nan] as [Double] {
            expectRefusal(at: "power") { () throws(StatisticsError) in
                _ = try Proportion.runs(meeting: .atLeast(0.5), ifRateIs: 0.9, power: bad, at: Confidence(0.9))
            }
            expectRefusal(at: "power") { () throws(StatisticsError) in
                _ = try Moments.runs(effect: 1, power: bad, at: Confidence(0.9))
            }
        }
        expectRefusal(at: "effect") { () throws(StatisticsError) in
            _ = try Moments.power(ofRuns: 2, effect: .nan, at: Confidence(0.9))
        }
        expectRefusal(at: "rate") { () throws(StatisticsError) in
            _ = try EventRate.exposure(meeting: .atMost(1), ifRateIs: -1, power: 0.8, at: Confidence(0.9))
        }
    }
}
