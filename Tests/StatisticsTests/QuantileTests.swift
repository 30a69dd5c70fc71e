import Testing

@testable import Statistics

@Suite("Intervals for a quantile")
struct QuantileTests {
    @Test("ranks match the definition, found by adding up masses", arguments: [0.05, 0.5, 0.9, 0.99])
    func ranks(q: Double) throws {
        let confidence = try Confidence(0.93)
        for n in [1, 4, 5, 10, 28, 29, 58, 59, 100, 250] {
            let ranks = try QuantileRanks(count: n, quantile: q, at: confidence)
            let binomial = try BinomialDistribution(trials: n, probability: q)
            // Confidence of the rank l as lower bound: P(B ≥ l); of u as upper bound: P(B ≤ u − 1).
            let lower = (1...n).last { l in (l...n).reduce(0) { $0 + binomial.mass($1) } >= 0.93 }
            let upper = (1...n).first { u in (0..<u).reduce(0) { $0 + binomial.mass($1) } >= 0.93 }
            #expect(ranks.lower == lower && ranks.upper == upper, "n = \(n)")
        }
    }

    @Test(
        "below the smallest count the bound does not exist, from there on it does",
        arguments: [
            (0.9, 0.95, 29), (0.95, 0.95, 59), (0.99, 0.95, 299), (0.5, 0.95, 5), (0.95, 0.99, 90),
        ])
    func smallestCount(q: Double, level: Double, count: Int) throws {
        let confidence = try Confidence(level)
        #expect(try QuantileRanks.fewestValues(quantile: q, at: confidence).upper == count)
        #expect(try QuantileRanks(count: count - 1, quantile: q, at: confidence).upper == nil)
        #expect(try QuantileRanks(count: count, quantile: q, at: confidence).upper == count)
        let mirrored = try QuantileRanks.fewestValues(quantile: 1 - q, at: confidence).lower
        #expect(mirrored == count)
        #expect(try QuantileRanks(count: count, quantile: 1 - q, at: confidence).lower == 1)
        #expect(try QuantileRanks(count: count - 1, quantile: 1 - q, at: confidence).lower == nil)
    }

    @Test("no values, no ranks")
    func empty() throws {
        let ranks = try QuantileRanks(count: 0, quantile: 0.5, at: Confidence(0.95))
        #expect(ranks.lower == nil && ranks.upper == nil)
        let bounds = try SortedSample([]).quantileBounds(0.5, at: Confidence(0.95))
        #expect(bounds.estimate == nil && bounds.lower == nil && bounds.upper == nil)
    }

    /// The values and results of `numpy.quantile` (method "linear") and R's `quantile(type = 7)`.
    @Test(
        "the estimate is definition 7",
        arguments: [
            (0, 1), (0.25, 2), (0.5, 4), (0.6, 5.6), (0.9, 27.2), (0.95, 33.6), (1, 40),
        ])
    func definition(q: Double, expected: Double) throws {
        let sample = try SortedSample([40, 8, 1, 2, 4])
        #expect(abs(try #require(try sample.quantile(q)) - expected) < 1e-12)
    }

    @Test("runs that never ended count as infinite and leave bounds where they belong")
    func infinite() throws {
        let sample = try SortedSample((1...30).map { $0 <= 29 ? Double($0) : .infinity })
        let bounds = try sample.quantileBounds(0.5, at: Confidence(0.95))
        #expect(bounds.upper == 20 && bounds.lower == 11)
        #expect(try sample.quantileBounds(0.9, at: Confidence(0.95)).upper == .infinity)
        #expect(try SortedSample([-.infinity, .infinity]).quantile(0.5) == .infinity)
        #expect(try SortedSample([1, .infinity, .infinity]).quantile(0.75) == .infinity)
    }

    @Test("a value without order is refused with its place")
    func notANumber() {
        #expect { try SortedSample([1, .nan, 2]) } throws: { error in
            (error as? StatisticsError)?.code == .unorderedValue && (error as? StatisticsError)?.place == "value 1"
        }
        for q in [0, 1, -1, .nan] as [Double] {
            expectRefusal(at: "quantile") { () throws(StatisticsError) in
                _ = try QuantileRanks(count: 3, quantile: q, at: Confidence(0.95))
            }
        }
    }

    @Test("bounds cover the true quantile as often as they say", arguments: [(0.5, 20), (0.9, 60)])
    func coverage(q: Double, n: Int) throws {
        let seed: UInt64 = 11
        var generator = SeededGenerator(seed: seed)
        let confidence = try Confidence(0.9)
        let ranks = try QuantileRanks(count: n, quantile: q, at: confidence)
        let lower = try #require(ranks.lower)
        let upper = try #require(ranks.upper)
        let rounds = 2000
        var misses = (lower: 0, upper: 0)
        for _ in 0..<rounds {
            let sample = try SortedSample((0..<n).map { _ in generator.unit() })
            if sample.values[lower - 1] > q { misses.lower += 1 }
            if sample.values[upper - 1] < q { misses.upper += 1 }
        }
        // The exact rates by the binomial law, ± 4.5 standard deviations.
        let binomial = try BinomialDistribution(trials: n, probability: q)
        for (missed, rate) in [
            (misses.lower, binomial.cumulative(lower - 1)), (misses.upper, binomial.survival(upper - 1)),
        ] {
            #expect(rate <= 0.1)
            #expect(
                abs(Double(missed) / Double(rounds) - rate) < 4.5 * (rate / Double(rounds)).squareRoot(), "seed \(seed)"
            )
        }
    }
}
