import Testing

@testable import Statistics

@Suite("Event rates and the time between failures")
struct EventRateTests {
    /// Garwood (1936): χ²(2k) and χ²(2k + 2) over 2, by `scipy.stats.chi2.ppf` of SciPy 1.17.1.
    @Test(
        "the limits of a Poisson mean are those of SciPy",
        arguments: [
            (0, 0.0, 3.6888794541139354),
            (1, 0.025317807984289876, 5.571643390938898),
            (2, 0.24220927854396496, 7.22468766772396),
            (5, 1.6234863901184207, 11.66833207932267),
            (10, 4.7953886961324335, 18.39035604201778),
            (20, 12.216519585403944, 30.8883779026746),
            (50, 37.110963737461866, 65.91876666433681),
        ] as [(Int, Double, Double)])
    func limits(events: Int, lower: Double, upper: Double) throws {
        let bounds = try EventRate(events: events, exposure: 1).bounds(at: Confidence(0.95, .twoSided))
        #expect(abs(try #require(bounds.lower) - lower) <= 1e-10 * lower)
        #expect(abs(try #require(bounds.upper) - upper) <= 1e-10 * upper)
        #expect(bounds.estimate == Double(events))
    }

    @Test("a rate is per unit of exposure, whatever the unit")
    func scaling() throws {
        let confidence = try Confidence(0.9)
        let hours = try EventRate(events: 3, exposure: 120).bounds(at: confidence)
        let days = try EventRate(events: 3, exposure: 5).bounds(at: confidence)
        #expect(abs(try #require(hours.lower) * 24 / #require(days.lower) - 1) < 1e-15)
        #expect(abs(try #require(hours.upper) * 24 / #require(days.upper) - 1) < 1e-15)
    }

    @Test("a bound is where the data become just too unlikely", arguments: Sides.allCases)
    func duality(sides: Sides) throws {
        for level in [0.5, 0.9, 0.999999] {
            let confidence = try Confidence(level, sides)
            for events in [0, 1, 2, 7, 100, 20_000] {
                let bounds = try EventRate(events: events, exposure: 1).bounds(at: confidence)
                let atUpper = try PoissonDistribution(mean: #require(bounds.upper))
                #expect(abs(atUpper.cumulative(events) / confidence.tail - 1) < 1e-10)
                guard events > 0 else { continue }
                let atLower = try PoissonDistribution(mean: #require(bounds.lower))
                #expect(abs(atLower.survival(events - 1) / confidence.tail - 1) < 1e-10)
            }
        }
    }

    @Test("Garwood covers at least as often as it says, for every mean on a grid", arguments: [0.8, 0.95])
    func coverage(level: Double) throws {
        let confidence = try Confidence(level)
        let bounds = try (0...200).map { try EventRate(events: $0, exposure: 1).bounds(at: confidence) }
        for step in 1...120 {
            let mean = 0.4 * Double(step)
            let poisson = try PoissonDistribution(mean: mean)
            var (fromBelow, fromAbove) = (0.0, 0.0)
            for (events, bound) in bounds.enumerated() {
                if try #require(bound.lower) <= mean { fromBelow += poisson.mass(events) }
                if try #require(bound.upper) >= mean { fromAbove += poisson.mass(events) }
            }
            #expect(fromBelow > level - 1e-12 && fromAbove > level - 1e-12, "mean \(mean)")
            #expect(mean < 10 || (fromBelow < 1 - 0.4 * (1 - level) && fromAbove < 1 - 0.4 * (1 - level)), "\(mean)")
        }
    }

    @Test("without exposure nothing is known, without events the rate may be zero")
    func ends() throws {
        let confidence = try Confidence(0.95)
        let nothing = try EventRate(events: 0, exposure: 0).bounds(at: confidence)
        #expect(nothing == Bounds(estimate: nil, lower: 0, upper: nil, at: confidence))
        let none = try EventRate(events: 0, exposure: 10).bounds(at: confidence)
        #expect(none.lower == 0 && none.estimate == 0)
        #expect(abs(try #require(none.upper) - 0.2995732273553991) < 1e-15)
    }

    @Test("the event-free exposure proves the rate, a hair less does not")
    func eventFree() throws {
        let confidence = try Confidence(0.95)
        let exposure = try #require(try EventRate.eventFreeExposure(proving: 0.01, at: confidence))
        #expect(abs(exposure - 299.5732273553991) < 1e-10)
        func decision(_ exposure: Double) throws -> Decision {
            try EventRate(events: 0, exposure: exposure).bounds(at: confidence).decision(on: .atMost(0.01))
        }
        #expect(try decision(exposure * 1.000001) == .met && decision(exposure * 0.999999) == .undecided)
        #expect(try EventRate.eventFreeExposure(proving: 0, at: confidence) == nil)
        let planned = try #require(
            try EventRate(events: 0, exposure: 0).moreExposure(for: .atMost(0.01), at: confidence))
        #expect(abs(planned / exposure - 1) < 1e-14)
        #expect(try EventRate(events: 0, exposure: 0).moreExposure(for: .atLeast(0.01), at: confidence) == nil)
    }

    @Test("planned exposure decides, any less does not, whatever was observed")
    func planning() throws {
        let seed: UInt64 = 31
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<60 {
            let observed = try EventRate(events: Int.random(in: 0...12, using: &generator), exposure: 10)
            let rate = try #require(observed.estimate)
            let threshold = rate * (0.3 + 1.7 * generator.unit()) + 0.02
            let requirement: Requirement = Bool.random(using: &generator) ? .atMost(threshold) : .atLeast(threshold)
            let confidence = try Confidence(0.9)
            let place = "\(observed), \(requirement), seed \(seed)"
            guard abs(rate / threshold - 1) > 0.05 else { continue }
            let more = try #require(try observed.moreExposure(for: requirement, at: confidence), "\(place)")
            func decided(_ more: Double) throws -> Bool {
                let real = rate * (10 + more)
                let count = rate < threshold ? (real - 1e-9).rounded(.up) : (real + 1e-9).rounded(.down)
                return try EventRate(events: Int(count), exposure: 10 + more)
                    .bounds(at: confidence).decision(on: requirement) != .undecided
            }
            #expect(try decided(more * (1 + 1e-12)), "\(place)")
            if more == 0 { continue }
            for step in 0..<200 {
                #expect(try !decided(more * (Double(step) / 200)), "\(place), at \(step) of 200 of \(more)")
            }
            #expect(try observed.moreExposure(for: requirement, at: confidence, limit: more) == more)
            #expect(try observed.moreExposure(for: requirement, at: confidence, limit: more.nextDown) == nil)
        }
    }

    @Test("planned runs are the first whole number of runs that decides")
    func plannedRuns() throws {
        let seed: UInt64 = 32
        var generator = SeededGenerator(seed: seed)
        let confidence = try Confidence(0.9)
        for _ in 0..<40 {
            let observed = try EventRate(events: Int.random(in: 0...6, using: &generator), exposure: 8)
            let rate = try #require(observed.estimate)
            let threshold = rate * (generator.unit() < 0.5 ? 0.5 : 1.8) + 0.05
            let expected = try (0...300).first { runs in
                let total = 8 + 0.5 * Double(runs)
                let count = rate < threshold ? (rate * total).rounded(.up) : (rate * total).rounded(.down)
                return try EventRate(events: Int(count), exposure: total)
                    .bounds(at: confidence).decision(on: .atMost(threshold)) != .undecided
            }
            let planned = try observed.moreRuns(
                for: .atMost(threshold), exposurePerRun: 0.5, at: confidence, limit: 300)
            #expect(planned == expected, "\(observed), at most \(threshold), seed \(seed)")
        }
        #expect(
            try EventRate(events: 2, exposure: 10).moreRuns(for: .atMost(0.2), exposurePerRun: 1, at: confidence) == nil
        )
    }

    /// The formula of the NIST/SEMATECH e-Handbook, 8.4.5.1, for a test of a fixed time: 2 T over χ²(2r + 2)'s upper and χ²(2r)'s lower
    /// quantile, T / −ln α without a failure; its numbers by SciPy 1.17.1.
    @Test("the bounds on a time between failures are those of NIST's formula")
    func nist() throws {
        let bounds = try MeanTimeBetweenFailures(failures: 2, time: 1600).bounds(at: Confidence(0.9, .twoSided))
        #expect(bounds.estimate == 800)
        #expect(abs(try #require(bounds.lower) - 254.1379365488567) < 1e-8)
        #expect(abs(try #require(bounds.upper) - 4502.457221251408) < 1e-7)
        let factors = [
            (1, 0.2107986001967999, 19.49572574622369),
            (5, 0.47560005682493506, 2.5378783829720484),
            (10, 0.5895454987953648, 1.8431801340425595),
        ]
        for (failures, lower, upper) in factors {
            let pair = try MeanTimeBetweenFailures(failures: failures, time: Double(failures))
                .bounds(at: Confidence(0.9, .twoSided))
            #expect(abs(try #require(pair.lower) / lower - 1) < 1e-10, "\(failures)")
            #expect(abs(try #require(pair.upper) / upper - 1) < 1e-10, "\(failures)")
        }
        #expect(
            abs(try MeanTimeBetweenFailures.failureFreeTime(proving: 500, at: Confidence(0.9)) - 1151.2925464970228)
                < 1e-9)
    }

    @Test("without a failure there is a lower bound only")
    func noFailure() throws {
        let confidence = try Confidence(0.9)
        let flawless = try MeanTimeBetweenFailures(failures: 0, time: 400)
        let bounds = flawless.bounds(at: confidence)
        #expect(bounds.estimate == nil && bounds.upper == nil)
        #expect(abs(try #require(bounds.lower) - 400 / 2.302585092994046) < 1e-12)
        #expect(bounds.decision(on: .atLeast(170)) == .met && bounds.decision(on: .atLeast(180)) == .undecided)
        #expect(bounds.decision(on: .atMost(1e9)) == .undecided)
        let empty = try MeanTimeBetweenFailures(failures: 0, time: 0)
        #expect(empty.bounds(at: confidence).lower == 0)
        let needed = try #require(try flawless.moreTime(for: .atLeast(200), at: confidence))
        #expect(abs(needed - (200 * 2.302585092994046 - 400)) < 1e-9)
        #expect(try flawless.moreRuns(for: .atLeast(200), timePerRun: 10, at: confidence) == 7)
        let refuting = try #require(try flawless.moreTime(for: .atMost(200), at: confidence))
        #expect(
            refuting >= needed && refuting - needed < 1e-9,
            "refuting takes a hair more, as the threshold counts as good")
    }

    @Test("the bound on the time between failures misses as often as it may, by enumeration")
    func mtbfCoverage() throws {
        let confidence = try Confidence(0.9)
        let time = 1000.0
        for truth in [20.0, 90, 400, 3000] {
            let poisson = try PoissonDistribution(mean: time / truth)
            var (tooHigh, tooLow) = (0.0, 0.0)
            for failures in 0...200 {
                let bounds = try MeanTimeBetweenFailures(failures: failures, time: time).bounds(at: confidence)
                if try #require(bounds.lower) > truth { tooHigh += poisson.mass(failures) }
                if let upper = bounds.upper, upper < truth { tooLow += poisson.mass(failures) }
            }
            #expect(tooHigh <= 0.1 + 1e-12 && tooLow <= 0.1 + 1e-12, "\(truth)")
        }
    }

    @Test("what has no meaning is refused by name")
    func refusals() throws {
        expectRefusal(at: "events") { () throws(StatisticsError) in _ = try EventRate(events: -1, exposure: 1) }
        for bad in [-1, .nan, .infinity] as [Double] {
            expectRefusal(at: "exposure") { () throws(StatisticsError) in _ = try EventRate(events: 0, exposure: bad) }
            expectRefusal(at: "time") { () throws(StatisticsError) in
                _ = try MeanTimeBetweenFailures(failures: 0, time: bad)
            }
        }
        expectRefusal(at: "exposure") { () throws(StatisticsError) in _ = try EventRate(events: 1, exposure: 0) }
        let rate = try EventRate(events: 1, exposure: 1)
        expectRefusal(at: "threshold") { () throws(StatisticsError) in
            _ = try rate.moreExposure(for: .atMost(-1), at: Confidence(0.9))
        }
        expectRefusal(at: "threshold") { () throws(StatisticsError) in
            _ = try MeanTimeBetweenFailures(failures: 1, time: 1).moreTime(for: .atLeast(0), at: Confidence(0.9))
        }
        expectRefusal(at: "exposure per run") { () throws(StatisticsError) in
            _ = try rate.moreRuns(for: .atMost(1), exposurePerRun: 0, at: Confidence(0.9))
        }
    }

    @Test("the masses of a Poisson distribution add up to its cumulative", arguments: [0, 1e-9, 0.4, 3, 40])
    func masses(mean: Double) throws {
        let poisson = try PoissonDistribution(mean: mean)
        var sum = 0.0
        for k in 0...120 {
            sum += poisson.mass(k)
            #expect(abs(sum - poisson.cumulative(k)) < 1e-14)
        }
        #expect(poisson.mass(-1) == 0 && poisson.cumulative(-1) == 0 && poisson.survival(-1) == 1)
        for level in [1e-12, 0.01, 0.25, 0.6, 0.999, 1 - 1e-12] {
            let k = try poisson.quantile(level)
            #expect(poisson.cumulative(k) >= level * (1 - 1e-12))
            #expect(k == 0 || poisson.cumulative(k - 1) < level)
        }
    }
}
