import Testing

@testable import Statistics

@Suite("Distributions: tables, edges, refusals")
struct DistributionTests {
    /// NIST/SEMATECH e-Handbook 1.3.6.7, with the further digits of mpmath.
    @Test("quantiles match the published tables")
    func tables() throws {
        func check(_ quantile: Double, _ expected: Double, sourceLocation: SourceLocation = #_sourceLocation) {
            #expect(abs(quantile / expected - 1) < 1e-14, sourceLocation: sourceLocation)
        }
        check(try NormalDistribution.standard.quantile(0.975), 1.959963984540054)
        check(try NormalDistribution.standard.quantile(0.999), 3.090232306167813)
        check(try StudentTDistribution(degreesOfFreedom: 10).quantile(0.975), 2.2281388519862748)
        check(try StudentTDistribution(degreesOfFreedom: 1).quantile(0.95), 6.313751514675043)
        check(try ChiSquaredDistribution(degreesOfFreedom: 1).quantile(0.95), 3.841458820694124)
        check(try ChiSquaredDistribution(degreesOfFreedom: 10).quantile(0.05), 3.9402991361190600)
        check(try FDistribution(numeratorDegrees: 5, denominatorDegrees: 10).quantile(0.95), 3.3258345304130113)
    }

    @Test("a probability of 0 or 1 is the end of the support")
    func ends() throws {
        #expect(try NormalDistribution.standard.quantile(0) == -.infinity)
        #expect(try NormalDistribution.standard.quantile(survival: 0) == .infinity)
        #expect(try StudentTDistribution(degreesOfFreedom: 3).quantile(1) == .infinity)
        #expect(try StudentTDistribution(degreesOfFreedom: 3).quantile(0.5) == 0)
        let beta = try BetaDistribution(a: 2, b: 3)
        #expect(try (beta.quantile(0), beta.quantile(1)) == (0, 1))
        let gamma = try GammaDistribution(shape: 2)
        #expect(try (gamma.quantile(0), gamma.quantile(1)) == (0, .infinity))
        #expect(try FDistribution(numeratorDegrees: 1, denominatorDegrees: 1).quantile(1) == .infinity)
        #expect((beta.cumulative(-1), beta.survival(-1), beta.cumulative(2)) == (0, 1, 1))
        #expect((gamma.cumulative(0), gamma.survival(.infinity), gamma.cumulative(.infinity)) == (0, 0, 1))
    }

    @Test("an argument that is not a number gives none")
    func notANumber() throws {
        #expect(NormalDistribution.standard.cumulative(.nan).isNaN)
        #expect(try BetaDistribution(a: 1, b: 1).survival(.nan).isNaN)
        #expect(try GammaDistribution(shape: 1).cumulative(.nan).isNaN)
        #expect(try StudentTDistribution(degreesOfFreedom: 1).survival(.nan).isNaN)
        #expect(try FDistribution(numeratorDegrees: 1, denominatorDegrees: 1).cumulative(.nan).isNaN)
    }

    @Test("parameters outside the domain are refused by name")
    func refusals() throws {
        for bad in [0, -1, .nan, .infinity] as [Double] {
            expectRefusal(at: "a") { () throws(StatisticsError) in _ = try BetaDistribution(a: bad, b: 1) }
            expectRefusal(at: "b") { () throws(StatisticsError) in _ = try BetaDistribution(a: 1, b: bad) }
            expectRefusal(at: "shape") { () throws(StatisticsError) in _ = try GammaDistribution(shape: bad) }
            expectRefusal(at: "degrees of freedom") { () throws(StatisticsError) in
                _ = try StudentTDistribution(degreesOfFreedom: bad)
            }
            expectRefusal(at: "standard deviation") { () throws(StatisticsError) in
                _ = try NormalDistribution(mean: 0, standardDeviation: bad)
            }
        }
        for bad in [-1e-9, 1.0000001, .nan] as [Double] {
            expectRefusal(at: "probability") { () throws(StatisticsError) in
                _ = try NormalDistribution.standard.quantile(bad)
            }
            expectRefusal(at: "probability") { () throws(StatisticsError) in
                _ = try BinomialDistribution(trials: 3, probability: bad)
            }
        }
        expectRefusal(at: "trials") { () throws(StatisticsError) in
            _ = try BinomialDistribution(trials: -1, probability: 0.5)
        }
    }

    @Test("densities are the slopes of the cumulatives")
    func densities() throws {
        func check(_ distribution: some ContinuousDistribution, _ points: [Double]) {
            for x in points {
                let h = 1e-5 * x
                let slope = (distribution.cumulative(x + h) - distribution.cumulative(x - h)) / (2 * h)
                #expect(abs(slope / distribution.density(x) - 1) < 1e-8, "\(distribution) at \(x)")
            }
        }
        check(try NormalDistribution(mean: 1, standardDeviation: 2), [0.5, 1.5, 4])
        check(try BetaDistribution(a: 2.5, b: 0.7), [0.1, 0.5, 0.9])
        check(try GammaDistribution(shape: 3.3, scale: 2), [0.5, 6, 15])
        check(try ChiSquaredDistribution(degreesOfFreedom: 4), [0.5, 3, 9])
        check(try StudentTDistribution(degreesOfFreedom: 3.5), [0.01, 1, 4])
        check(try FDistribution(numeratorDegrees: 3, denominatorDegrees: 7), [0.1, 1, 4])
    }

    @Test("the masses of a binomial distribution add up to its cumulative", arguments: [0, 0.003, 0.4, 0.5, 0.99, 1])
    func masses(probability: Double) throws {
        let binomial = try BinomialDistribution(trials: 40, probability: probability)
        var sum = 0.0
        for k in 0...40 {
            sum += binomial.mass(k)
            #expect(abs(sum - binomial.cumulative(k)) < 1e-14)
            #expect(abs(1 - sum - binomial.survival(k)) < 1e-14)
        }
        #expect(binomial.mass(-1) == 0 && binomial.mass(41) == 0)
        #expect(binomial.cumulative(-1) == 0 && binomial.survival(-1) == 1)
    }

    @Test("a binomial quantile is the first count that reaches the level", arguments: [0, 1e-9, 0.03, 0.5, 0.97, 1])
    func binomialQuantile(probability: Double) throws {
        for trials in [0, 1, 2, 7, 60] {
            let binomial = try BinomialDistribution(trials: trials, probability: probability)
            for level in [1e-12, 0.01, 0.25, 0.6, 0.999, 1 - 1e-12] {
                let k = try binomial.quantile(level)
                #expect(binomial.cumulative(k) >= level * (1 - 1e-12))
                #expect(k == 0 || binomial.cumulative(k - 1) < level)
            }
        }
    }

    @Test("a quantile never falls as its probability rises")
    func monotone() throws {
        let beta = try BetaDistribution(a: 0.3, b: 40)
        let student = try StudentTDistribution(degreesOfFreedom: 2.2)
        var last = (beta: 0.0, student: -Double.infinity)
        for step in 1..<2000 {
            let p = Double(step) / 2000
            let next = (beta: try beta.quantile(p), student: try student.quantile(p))
            #expect(next.beta >= last.beta && next.student > last.student)
            last = next
        }
    }
}

/// Expects a refusal for reason of a parameter.
func expectRefusal(
    at place: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws(StatisticsError) -> Void
) {
    do {
        try body()
        Issue.record("nothing was refused", sourceLocation: sourceLocation)
    } catch {
        #expect(error.code == .invalidParameter, sourceLocation: sourceLocation)
        #expect(error.place == place, sourceLocation: sourceLocation)
    }
}
