import Testing

@testable import Statistics

@Suite("Tolerance bounds")
struct ToleranceTests {
    /// ISO 16269-6:2014, tables C and D (coverage and confidence 0.95).
    @Test(
        "published factors are met to their three digits",
        arguments: [
            (2, 26.260, 36.519), (3, 7.656, 9.789), (5, 4.203, 5.077), (10, 2.911, 3.393), (20, 2.396, 2.760),
            (30, 2.220, 2.555), (50, 2.065, 2.382),
        ])
    func published(count: Int, oneSided: Double, twoSided: Double) throws {
        let one = try ToleranceFactor.oneSided(count: count, coverage: 0.95, at: Confidence(0.95))
        let two = try ToleranceFactor.twoSided(count: count, coverage: 0.95, confidence: 0.95)
        #expect(abs(one - oneSided) < 0.00051, "\(one)")
        #expect(abs(two - twoSided) < 0.00051, "\(two)")
    }

    /// NIST/SEMATECH e-Handbook 7.2.6.3, 43 measurements, coverage 0.90, confidence 0.99: there by the approximations of
    /// Natrella and Howe, which are that close.
    @Test("NIST's approximate example is met as nearly as its approximations are")
    func nist() throws {
        let one = try ToleranceFactor.oneSided(count: 43, coverage: 0.9, at: Confidence(0.99))
        #expect(abs(one - 1.8752) < 0.002, "\(one)")
        let two = try ToleranceFactor.twoSided(count: 43, coverage: 0.9, confidence: 0.99)
        #expect(abs(two - 2.2173) < 0.006, "\(two)")
    }

    @Test("factors agree with reference values")
    func references() throws {
        var one = Accuracy()
        var two = Accuracy()
        for line in try Fixture.load("tolerance") {
            let count = Int(line[0])
            let confidence = try Confidence(line[2])
            one.compare(
                try ToleranceFactor.oneSided(count: count, coverage: line[1], at: confidence), line[3], "\(line)")
            two.compare(
                try ToleranceFactor.twoSided(count: count, coverage: line[1], confidence: line[2]), line[4], "\(line)")
        }
        #expect(one.count == 28 && two.count == 28)
        #expect(one.worst < 1e-11, "\(one.place)")
        #expect(two.worst < 1e-11, "\(two.place)")
    }

    @Test("a one-sided factor at the median is Student's t over the root of n", arguments: [2, 7, 100])
    func median(count: Int) throws {
        let factor = try ToleranceFactor.oneSided(count: count, coverage: 0.5, at: Confidence(0.95))
        let t = try StudentTDistribution(degreesOfFreedom: Double(count - 1)).quantile(0.95)
        #expect(abs(factor * Double(count).squareRoot() / t - 1) < 1e-12)
    }

    @Test("ever more values bring the factor down to the normal quantile, and the two-sided one after it")
    func limit() throws {
        var last = (one: Double.infinity, two: Double.infinity)
        for count in [2, 3, 6, 20, 150, 1000, 10_000] {
            let one = try ToleranceFactor.oneSided(count: count, coverage: 0.95, at: Confidence(0.95))
            let two = try ToleranceFactor.twoSided(count: count, coverage: 0.95, confidence: 0.95)
            #expect(one < last.one && two < last.two && one > 1.6448 && two > 1.9599, "\(count)")
            last = (one, two)
        }
        #expect(last.one < 1.68 && last.two < 1.99)
    }

    @Test("the verdict on a covered share follows the bounds on its quantile")
    func decision() throws {
        let confidence = try Confidence(0.9)
        let moments = Moments((0..<20).map { 10 + 0.1 * Double($0 % 5 - 2) })
        let tolerance = try ToleranceBounds(moments, coverage: 0.9)
        let limits = tolerance.limits(at: confidence)
        let low = tolerance.bounds(for: .atLeast(0), at: confidence)
        let high = tolerance.bounds(for: .atMost(0), at: confidence)
        #expect(low.lower == limits.lower && high.upper == limits.upper && limits.estimate == moments.mean)
        let deviation = try #require(moments.standardDeviation)
        #expect(abs(try #require(low.estimate) - (moments.mean - 1.2815515655446004 * deviation)) < 1e-12)
        #expect(try #require(low.lower) < #require(low.estimate) && #require(low.upper) > #require(low.estimate))
        #expect(abs(try #require(low.lower) + #require(high.upper) - 2 * moments.mean) < 1e-12, "mirror images")
        #expect(tolerance.decision(on: .atLeast(try #require(low.lower)), at: confidence) == .met)
        #expect(tolerance.decision(on: .atLeast(try #require(low.estimate)), at: confidence) == .undecided)
        #expect(tolerance.decision(on: .atLeast(try #require(low.upper) + 1e-9), at: confidence) == .refuted)
        #expect(tolerance.decision(on: .atMost(try #require(high.lower) - 1e-9), at: confidence) == .refuted)
        let both = tolerance.limits(at: try Confidence(0.9, .twoSided))
        #expect(try #require(both.lower) < #require(limits.lower))
    }

    @Test("no values and one value bound nothing, equal values have no width")
    func fewValues() throws {
        let confidence = try Confidence(0.9)
        for values in [[], [3.0]] {
            let tolerance = try ToleranceBounds(Moments(values), coverage: 0.9)
            let limits = tolerance.limits(at: confidence)
            #expect(limits.lower == nil && limits.upper == nil && limits.estimate == values.first)
            #expect(tolerance.decision(on: .atLeast(0), at: confidence) == .undecided)
            #expect(try tolerance.moreRuns(for: .atLeast(0), at: confidence) == nil)
        }
        let equal = try ToleranceBounds(Moments([3, 3]), coverage: 0.9)
        #expect(equal.limits(at: confidence) == Bounds(estimate: 3, lower: 3, upper: 3, at: confidence))
        #expect(equal.decision(on: .atLeast(3), at: confidence) == .met)
        #expect(equal.decision(on: .atLeast(3.1), at: confidence) == .refuted)
    }

    @Test("planned values decide, one fewer does not")
    func planning() throws {
        let confidence = try Confidence(0.95)
        let moments = Moments([9.1, 11.2, 10.4, 9.6, 10.3])
        let tolerance = try ToleranceBounds(moments, coverage: 0.9)
        let deviation = try #require(moments.standardDeviation)
        for (requirement, distance) in [
            (Requirement.atLeast(moments.mean - 2 * deviation), 2.0), (.atMost(moments.mean + 1.5 * deviation), 1.5),
            (.atLeast(moments.mean - deviation), 1), (.atMost(moments.mean + 1.2 * deviation), 1.2),
        ] {
            let more = try #require(try tolerance.moreRuns(for: requirement, at: confidence), "\(requirement)")
            func decided(_ total: Int) throws -> Bool {
                let wide = try ToleranceFactor.oneSided(count: total, coverage: 0.9, at: confidence)
                let narrow = ToleranceFactor.oneSided(
                    count: total, coverage: 0.9, target: TailTarget(lower: confidence.tail))
                return wide <= distance || narrow >= distance
            }
            #expect(try more > 0 && decided(5 + more) && !decided(4 + more), "\(requirement): \(more)")
            #expect(try tolerance.moreRuns(for: requirement, at: confidence, limit: more - 1) == nil)
        }
        #expect(try tolerance.moreRuns(for: .atMost(1000), at: confidence) == 0)
    }

    @Test("limits hold the coverage as often as they say", arguments: [(3, 0.9), (12, 0.75), (40, 0.95)])
    func coverage(count: Int, share: Double) throws {
        let rounds = Simulation.rounds(1500)
        var simulation = Simulation(seed: 71)
        let one = try ToleranceFactor.oneSided(count: count, coverage: share, at: Confidence(0.9))
        let two = try ToleranceFactor.twoSided(count: count, coverage: share, confidence: 0.9)
        var misses = (one: 0, two: 0)
        for _ in 0..<rounds {
            let moments = Moments(simulation.normals(count))
            let deviation = try #require(moments.standardDeviation)
            func below(_ x: Double) -> Double { NormalDistribution.standard.cumulative(x) }
            if below(moments.mean + one * deviation) < share { misses.one += 1 }
            let inside = below(moments.mean + two * deviation) - below(moments.mean - two * deviation)
            if inside < share { misses.two += 1 }
        }
        simulation.expect(misses.one, of: rounds, near: 0.1)
        simulation.expect(misses.two, of: rounds, near: 0.1)
    }

    @Test("what has no meaning is refused by name")
    func refusals() throws {
        for bad in [0, 1, -1, .nan] as [Double] {
            expectRefusal(at: "coverage") { () throws(StatisticsError) in
                _ = try ToleranceBounds(Moments(), coverage: bad)
            }
        }
        expectRefusal(at: "count") { () throws(StatisticsError) in
            _ = try ToleranceFactor.oneSided(count: 1, coverage: 0.9, at: Confidence(0.9))
        }
        expectRefusal(at: "count") { () throws(StatisticsError) in
            _ = try ToleranceFactor.twoSided(count: 0, coverage: 0.9, confidence: 0.9)
        }
        expectRefusal(at: "threshold") { () throws(StatisticsError) in
            _ = try ToleranceBounds(Moments([1, 2]), coverage: 0.9).moreRuns(for: .atLeast(.nan), at: Confidence(0.9))
        }
    }
}
