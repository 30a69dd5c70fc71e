import Testing

@testable import Statistics

@Suite("Moments and the mean's interval")
struct MomentsTests {
    /// NIST StRD, univariate summary statistics, NumAcc2 to NumAcc4: certified mean and standard deviation.
    @Test(
        "the certified values of NIST's accuracy sets are met",
        arguments: [
            (1.2, 1.1, 1.3, 1e-14), (1_000_000.2, 1_000_000.1, 1_000_000.3, 1e-8),
            (10_000_000.2, 10_000_000.1, 10_000_000.3, 1e-7),
        ])
    func certified(_ first: Double, _ even: Double, _ odd: Double, _ tolerance: Double) {
        var moments = Moments([first])
        for _ in 0..<500 {
            moments.insert(even)
            moments.insert(odd)
        }
        #expect(moments.count == 1001)
        #expect(abs(moments.mean - first) <= 1e-15 * first)
        #expect(abs((moments.standardDeviation ?? 0) - 0.1) < tolerance)
        #expect(moments.minimum == even && moments.maximum == odd)
    }

    @Test("merged parts say what the whole says, wherever it is cut")
    func merging() throws {
        let seed: UInt64 = 5
        var generator = SeededGenerator(seed: seed)
        let values = (0..<200).map { _ in 1e6 + generator.unit() }
        let whole = Moments(values)
        for cut in [0, 1, 2, 99, 199, 200] {
            var left = Moments(values[..<cut])
            left.merge(Moments(values[cut...]))
            #expect(left.count == 200 && left.minimum == whole.minimum && left.maximum == whole.maximum)
            #expect(abs(left.mean - whole.mean) < 1e-9)
            #expect(abs(try #require(left.variance) / #require(whole.variance) - 1) < 1e-9, "cut \(cut), seed \(seed)")
        }
        #expect(Moments(values) == whole, "the same order gives the same bits")
    }

    @Test("values that are not finite are counted and change nothing else")
    func nonFinite() {
        var moments = Moments([1, .nan, 3, .infinity, -.infinity])
        #expect(moments.nonFinite == 3 && moments.count == 2 && moments.mean == 2 && moments.variance == 2)
        moments.merge(Moments([.nan]))
        #expect(moments.nonFinite == 4 && moments.count == 2)
        var empty = Moments([.nan])
        empty.merge(Moments([7]))
        #expect(empty.nonFinite == 1 && empty.mean == 7 && empty.minimum == 7)
    }

    @Test("the largest doubles saturate the spread and never become NaN")
    func extremes() throws {
        let large = Double.greatestFiniteMagnitude
        var moments = Moments([large, -large, large, -large])
        #expect(moments.mean.isFinite && moments.sumOfSquaredDeviations == .infinity)
        let bounds = moments.meanBounds(at: try Confidence(0.95))
        #expect(bounds.lower == nil && bounds.upper == nil && bounds.estimate == moments.mean)
        moments.merge(Moments([-large]))
        #expect(moments.mean.isFinite)
    }

    @Test("no values and one value have no bounds, equal values have no width")
    func fewValues() throws {
        let confidence = try Confidence(0.95)
        #expect(Moments().meanBounds(at: confidence) == Bounds(estimate: nil, lower: nil, upper: nil, at: confidence))
        #expect(Moments([4]).meanBounds(at: confidence) == Bounds(estimate: 4, lower: nil, upper: nil, at: confidence))
        #expect(Moments([4, 4]).meanBounds(at: confidence) == Bounds(estimate: 4, lower: 4, upper: 4, at: confidence))
        #expect(Moments().minimum == nil && Moments().variance == nil && Moments([1]).standardDeviation == nil)
    }

    /// Student (1908), the extra hours of sleep; the interval as R's `t.test(extra)` on group 2 prints it.
    @Test("a published interval is met")
    func published() throws {
        let sleep = Moments([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])
        let bounds = sleep.meanBounds(at: try Confidence(0.95, .twoSided))
        #expect(abs(try #require(bounds.lower) - 0.8976775) < 1e-7)
        #expect(abs(try #require(bounds.upper) - 3.7623225) < 1e-7)
    }

    @Test("bounds cover the true mean of normal values as often as they say", arguments: [2, 5, 30])
    func coverage(n: Int) throws {
        let seed: UInt64 = 23
        var generator = SeededGenerator(seed: seed)
        let confidence = try Confidence(0.9)
        let rounds = 2000
        var misses = (lower: 0, upper: 0)
        for _ in 0..<rounds {
            var moments = Moments()
            for _ in 0..<n {
                let uniform = max(generator.unit(), 1e-18)
                moments.insert(3 + 2 * NormalDistribution.standardQuantile(TailTarget(lower: uniform)))
            }
            let bounds = moments.meanBounds(at: confidence)
            if try #require(bounds.lower) > 3 { misses.lower += 1 }
            if try #require(bounds.upper) < 3 { misses.upper += 1 }
        }
        // 200 expected, standard deviation 13.4.
        #expect(abs(misses.lower - 200) < 61 && abs(misses.upper - 200) < 61, "\(misses), seed \(seed)")
    }
}
