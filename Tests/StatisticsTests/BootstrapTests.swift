import Testing

@testable import Statistics

@Suite("The bootstrap")
struct BootstrapTests {
    /// The reference implementation of Vigna, seed 1234567.
    @Test("the generator gives the published numbers")
    func generator() {
        var generator = SplitMix64(seed: 1_234_567)
        let expected: [UInt64] = [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
        ]
        #expect(expected == (0..<3).map { _ in generator.next() })
        var counts = [0, 0, 0]
        for _ in 0..<3000 { counts[generator.index(below: 3)] += 1 }
        #expect(counts.allSatisfy { abs($0 - 1000) < 130 })
    }

    @Test("the same values, resamples and seed give the same bits, another seed nearly the same bounds")
    func deterministic() throws {
        let confidence = try Confidence(0.9)
        let values = [3.1, 2.7, 9.4, 4.4, 3.3, 2.2, 5.9, 3.7, 12.1, 2.9]
        let bootstrap = try Bootstrap(resamples: 4999, seed: 7)
        let bounds = bootstrap.meanBounds(of: values, at: confidence)
        #expect(bootstrap.meanBounds(of: values, at: confidence) == bounds)
        let other = try Bootstrap(resamples: 4999, seed: 8).meanBounds(of: values, at: confidence)
        #expect(other != bounds)
        #expect(abs(try #require(other.lower) - #require(bounds.lower)) < 0.1)
        #expect(abs(try #require(other.upper) - #require(bounds.upper)) < 0.25)
        #expect(abs(try #require(bounds.estimate) - 4.97) < 1e-14)
    }

    /// All 5⁵ resamples of five values, equally likely, give the percentiles that the drawn ones approach.
    @Test("the bounds approach those of the full enumeration")
    func enumeration() throws {
        let values = [1.0, 2, 4, 8, 20]
        let confidence = try Confidence(0.9)
        var means: [Double] = []
        for code in 0..<3125 {
            var (rest, sum) = (code, 0.0)
            for _ in 0..<5 {
                sum += values[rest % 5]
                rest /= 5
            }
            means.append(sum / 5)
        }
        means.sort()
        let below = Double(means.count { $0 < 7 }) + 0.5 * Double(means.count { $0 == 7 })
        let bias = try NormalDistribution.standard.quantile(below / 3125)
        let deviations = values.map { $0 - 7 }
        let cubes = deviations.reduce(0) { $0 + $1 * $1 * $1 }
        let squares = deviations.reduce(0) { $0 + $1 * $1 }
        let acceleration = cubes / (6 * squares * squares.squareRoot())
        func level(_ z: Double) -> Double {
            NormalDistribution.standard.cumulative(bias + (bias + z) / (1 - acceleration * (bias + z)))
        }
        let bounds = try Bootstrap(resamples: 20_000).meanBounds(of: values, at: confidence)
        for (bound, z) in [(bounds.lower, -1.2815515655446004), (bounds.upper, 1.2815515655446004)] {
            let exact = level(z)
            // Where the drawn bound lies among all means, within five deviations of a drawn share.
            let value = try #require(bound)
            let share = Double(means.count { $0 < value }) / 3125
            let shareUp = Double(means.count { $0 <= value }) / 3125
            let room = 5 * (exact * (1 - exact) / 20_000).squareRoot()
            #expect(share - room <= exact && exact <= shareUp + room, "\(value): \(share)…\(shareUp), not \(exact)")
        }
    }

    @Test("few values, equal values, values that are not finite, and too few resamples")
    func ends() throws {
        let confidence = try Confidence(0.95)
        let bootstrap = try Bootstrap(resamples: 200)
        #expect(
            bootstrap.meanBounds(of: [], at: confidence)
                == Bounds(estimate: nil, lower: nil, upper: nil, at: confidence))
        #expect(
            bootstrap.meanBounds(of: [4], at: confidence)
                == Bounds(estimate: 4, lower: nil, upper: nil, at: confidence))
        let equal = bootstrap.meanBounds(of: [4, 4, .nan, 4], at: confidence)
        #expect(equal == Bounds(estimate: 4, lower: 4, upper: 4, at: confidence))
        let two = bootstrap.meanBounds(of: [1, 2], at: confidence)
        #expect(two.lower == 1 && two.upper == 2)
        let huge = bootstrap.meanBounds(of: [1.5e308, 1.6e308, 1.7e308], at: confidence)
        #expect(try #require(huge.lower).isFinite && #require(huge.upper).isFinite)
        let strict = bootstrap.meanBounds(of: [1, 2, 3, 5, 8, 13], at: try Confidence(0.9999))
        #expect(strict.lower == nil && strict.upper == nil, "200 resamples know no 1 in 10000")
        expectRefusal(at: "resamples") { () throws(StatisticsError) in _ = try Bootstrap(resamples: 99) }
        let broken = bootstrap.bounds(count: 5, at: confidence) { $0.count == 5 && $0[0] == 4 ? .nan : 1 }
        #expect(broken.lower == nil && broken.upper == nil)
    }

    @Test("more confidence never narrows the bounds, and both enclose the estimate")
    func monotone() throws {
        let bootstrap = try Bootstrap(resamples: 1999)
        let values = (1...15).map { Double($0 * $0) }
        var last = (lower: Double.infinity, upper: -Double.infinity)
        for level in [0.6, 0.8, 0.9, 0.95, 0.99] {
            let bounds = bootstrap.meanBounds(of: values, at: try Confidence(level))
            let (lower, upper) = (try #require(bounds.lower), try #require(bounds.upper))
            #expect(lower <= last.lower && upper >= last.upper)
            last = (lower, upper)
        }
    }

    @Test("it covers the mean of skewed values about as often as it says, on both sides")
    func coverage() throws {
        let rounds = Simulation.rounds(300)
        var simulation = Simulation(seed: 91)
        let confidence = try Confidence(0.9)
        let bootstrap = try Bootstrap(resamples: 300)
        var misses = (lower: 0, upper: 0)
        for _ in 0..<rounds {
            let values = (0..<40).map { _ in simulation.exponential() }
            let bounds = bootstrap.meanBounds(of: values, at: confidence)
            if try #require(bounds.lower) > 1 { misses.lower += 1 }
            if try #require(bounds.upper) < 1 { misses.upper += 1 }
        }
        simulation.expect(misses.lower, of: rounds, near: 0.1, within: 0.03)
        simulation.expect(misses.upper, of: rounds, near: 0.1, within: 0.03)
    }

    @Test("a plan by the root of n is met where the interval shrinks so")
    func shrinking() throws {
        let confidence = try Confidence(0.9)
        let bounds = Bounds(estimate: 10, lower: 8, upper: 13, at: confidence)
        #expect(try bounds.moreRuns(for: .atLeast(9), after: 25) == 75)
        #expect(try bounds.moreRuns(for: .atMost(11.5), after: 25) == 75)
        #expect(try bounds.moreRuns(for: .atLeast(11.5), after: 25) == 75)
        #expect(try bounds.moreRuns(for: .atLeast(7), after: 25) == 0)
        #expect(try bounds.moreRuns(for: .atLeast(10), after: 25) == nil)
        #expect(try bounds.moreRuns(for: .atLeast(9), after: 25, limit: 74) == nil)
        let open = Bounds(estimate: 10, lower: nil, upper: 13, at: confidence)
        #expect(try open.moreRuns(for: .atLeast(9), after: 25) == nil)
    }
}
