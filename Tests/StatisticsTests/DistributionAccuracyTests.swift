import Testing

@testable import Statistics

/// Reference values: `Tools/fixtures/distributions`.
@Suite("Distributions agree with reference values")
struct DistributionAccuracyTests {
    /// Tails, and the inversion of the smaller one.
    private func check(
        _ distribution: some ContinuousDistribution, at x: Double, lower: Double, upper: Double, _ line: Fixture,
        _ tails: inout Accuracy, _ inverses: inout Accuracy
    ) throws {
        tails.compare(distribution.cumulative(x), lower, "cumulative, \(line)")
        tails.compare(distribution.survival(x), upper, "survival, \(line)")
        let root = lower <= upper ? try distribution.quantile(lower) : try distribution.quantile(survival: upper)
        inverses.compare(root, x, "quantile, \(line)")
    }

    private func expectAccurate(
        _ accuracy: Accuracy, atLeast count: Int, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(accuracy.count >= count, sourceLocation: sourceLocation)
        #expect(accuracy.worst <= 1e-11, "\(accuracy.place)", sourceLocation: sourceLocation)
        #expect(accuracy.usual <= 1e-12, "95 % of errors are below \(accuracy.usual)", sourceLocation: sourceLocation)
    }

    @Test("normal")
    func normal() throws {
        var tails = Accuracy()
        var inverses = Accuracy()
        for line in try Fixture.load("normal") {
            tails.compare(NormalDistribution.standard.cumulative(line[0]), line[1], "\(line)")
            tails.compare(NormalDistribution.standard.survival(-line[0]), line[1], "\(line)")
            guard line[1] <= 0.5, abs(line[0]) > 1e-6 else { continue }
            inverses.compare(try NormalDistribution.standard.quantile(line[1]), line[0], "\(line)")
            inverses.compare(try NormalDistribution.standard.quantile(survival: line[1]), -line[0], "\(line)")
        }
        expectAccurate(tails, atLeast: 400)
        expectAccurate(inverses, atLeast: 400)
    }

    @Test("beta, shapes from 0.01 to a million")
    func beta() throws {
        var tails = Accuracy()
        var inverses = Accuracy()
        for line in try Fixture.load("beta") {
            let beta = try BetaDistribution(a: line[0], b: line[1])
            try check(beta, at: line[2], lower: line[3], upper: line[4], line, &tails, &inverses)
        }
        expectAccurate(tails, atLeast: 1500)
        expectAccurate(inverses, atLeast: 700)
    }

    @Test("gamma and χ², shapes from 0.01 to a million")
    func gamma() throws {
        var tails = Accuracy()
        var inverses = Accuracy()
        for line in try Fixture.load("gamma") {
            let gamma = try GammaDistribution(shape: line[0])
            try check(gamma, at: line[1], lower: line[2], upper: line[3], line, &tails, &inverses)
            let chiSquared = try ChiSquaredDistribution(degreesOfFreedom: 2 * line[0])
            tails.compare(chiSquared.survival(2 * line[1]), line[3], "χ², \(line)")
        }
        expectAccurate(tails, atLeast: 1000)
        expectAccurate(inverses, atLeast: 350)
    }

    @Test("Student's t, from 0.02 to a million degrees of freedom")
    func student() throws {
        var tails = Accuracy()
        var inverses = Accuracy()
        var densities = Accuracy()
        for line in try Fixture.load("student") {
            let student = try StudentTDistribution(degreesOfFreedom: line[0])
            tails.compare(student.survival(line[1]), line[2], "\(line)")
            tails.compare(student.cumulative(-line[1]), line[2], "\(line)")
            densities.compare(student.density(-line[1]), line[3], "\(line)")
            // Near the center a probability tells t apart only by its distance from one half.
            guard line[1] > 1e-3 else { continue }
            inverses.compare(try student.quantile(survival: line[2]), line[1], "\(line)")
            inverses.compare(try student.quantile(line[2]), -line[1], "\(line)")
        }
        expectAccurate(tails, atLeast: 300)
        expectAccurate(densities, atLeast: 150)
        expectAccurate(inverses, atLeast: 250)
    }

    @Test("F, from 0.02 to two million degrees of freedom")
    func f() throws {
        var tails = Accuracy()
        var inverses = Accuracy()
        for line in try Fixture.load("f") {
            let f = try FDistribution(numeratorDegrees: line[0], denominatorDegrees: line[1])
            try check(f, at: line[2], lower: line[3], upper: line[4], line, &tails, &inverses)
        }
        expectAccurate(tails, atLeast: 800)
        expectAccurate(inverses, atLeast: 400)
    }

    @Test("binomial, up to a million trials")
    func binomial() throws {
        var tails = Accuracy()
        for line in try Fixture.load("binomial") {
            let k = Int(line[2])
            let binomial = try BinomialDistribution(trials: Int(line[0]), probability: line[1])
            tails.compare(binomial.cumulative(k), line[3], "cumulative, \(line)")
            tails.compare(binomial.survival(k), line[4], "survival, \(line)")
            tails.compare(binomial.mass(k), line[5], "mass, \(line)")
            if line[3] < 0.5 { #expect(try binomial.quantile(line[3]) == k, "\(line)") }
            if line[3] * (1 + 1e-9) < 0.5 { #expect(try binomial.quantile(line[3] * (1 + 1e-9)) == k + 1, "\(line)") }
        }
        expectAccurate(tails, atLeast: 900)
    }
}
