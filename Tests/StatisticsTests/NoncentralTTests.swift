import Testing

@testable import Statistics

@Suite("The noncentral t distribution")
struct NoncentralTTests {
    /// Reference values: `Tools/fixtures/distributions`.
    @Test("agrees with reference values, noncentralities up to 400, degrees of freedom up to a million")
    func accuracy() throws {
        var tails = Accuracy()
        var inverses = Accuracy()
        for line in try Fixture.load("noncentral-t") {
            let law = try NoncentralTDistribution(degreesOfFreedom: line[0], noncentrality: line[1])
            tails.compare(law.cumulative(line[2]), line[3], "cumulative, \(line)")
            tails.compare(law.survival(line[2]), line[4], "survival, \(line)")
            guard abs(line[2]) > 1e-3 else { continue }
            let root = line[3] <= line[4] ? try law.quantile(line[3]) : try law.quantile(survival: line[4])
            inverses.compare(root, line[2], "quantile, \(line)")
        }
        #expect(tails.count >= 400 && inverses.count >= 200)
        #expect(tails.worst <= 1e-11, "\(tails.place)")
        #expect(tails.usual <= 1e-12, "\(tails.usual)")
        #expect(inverses.worst <= 1e-11, "\(inverses.place)")
    }

    @Test("without noncentrality it is Student's t", arguments: [0.5, 1, 3, 29, 1e4])
    func central(degrees: Double) throws {
        let student = try StudentTDistribution(degreesOfFreedom: degrees)
        let law = try NoncentralTDistribution(degreesOfFreedom: degrees, noncentrality: 0)
        for t in [-30, -2, -0.1, 0, 0.4, 3, 25] as [Double] {
            #expect(abs(law.cumulative(t) / student.cumulative(t) - 1) < 1e-12, "\(t)")
            #expect(abs(law.survival(t) / student.survival(t) - 1) < 1e-12, "\(t)")
            #expect(abs(law.density(t) / student.density(t) - 1) < 1e-12, "\(t)")
        }
        for p in [1e-9, 0.2, 0.7, 0.999] {
            #expect(abs(try law.quantile(p) / student.quantile(p) - 1) < 1e-11, "\(p)")
        }
    }

    @Test("at zero it is the normal tail of the noncentrality", arguments: [-20, -1, 0.3, 6, 30] as [Double])
    func atZero(noncentrality: Double) throws {
        let law = try NoncentralTDistribution(degreesOfFreedom: 7, noncentrality: noncentrality)
        let expected = NormalDistribution.standard.cumulative(-noncentrality)
        #expect(abs(law.cumulative(0) / expected - 1) < 1e-12)
    }

    @Test("both tails add up to one, fall and rise steadily, and mirror the opposite noncentrality")
    func tails() throws {
        let law = try NoncentralTDistribution(degreesOfFreedom: 4, noncentrality: 3)
        let mirror = try NoncentralTDistribution(degreesOfFreedom: 4, noncentrality: -3)
        var last = -1.0
        for step in -40...120 {
            let t = 0.25 * Double(step)
            #expect(abs(law.cumulative(t) + law.survival(t) - 1) < 1e-14)
            #expect(abs(law.survival(t) - mirror.cumulative(-t)) < 1e-14)
            #expect(law.cumulative(t) > last)
            last = law.cumulative(t)
            let h = 1e-4
            let slope = (law.cumulative(t + h) - law.cumulative(t - h)) / (2 * h)
            #expect(abs(slope - law.density(t)) < 1e-7 * law.density(t) + 1e-12, "\(t)")
        }
    }

    @Test("ends and what is no number")
    func ends() throws {
        let law = try NoncentralTDistribution(degreesOfFreedom: 2, noncentrality: 1)
        #expect(law.cumulative(.infinity) == 1 && law.cumulative(-.infinity) == 0 && law.survival(.infinity) == 0)
        #expect(law.survival(-.infinity) == 1 && law.density(.infinity) == 0 && law.cumulative(.nan).isNaN)
        #expect(try law.quantile(0) == -.infinity && law.quantile(1) == .infinity)
        // Far out both tails fall as t^−ν.
        #expect(abs(law.survival(1e120) / law.survival(1e90) * 1e60 - 1) < 1e-9)
        let heavy = try NoncentralTDistribution(degreesOfFreedom: 0.1, noncentrality: 1)
        #expect(try heavy.quantile(survival: 1e-20) == .infinity)
    }

    @Test("what has no meaning is refused by name")
    func refusals() {
        expectRefusal(at: "degrees of freedom") { () throws(StatisticsError) in
            _ = try NoncentralTDistribution(degreesOfFreedom: 0, noncentrality: 1)
        }
        expectRefusal(at: "noncentrality") { () throws(StatisticsError) in
            _ = try NoncentralTDistribution(degreesOfFreedom: 1, noncentrality: .infinity)
        }
        expectRefusal(at: "probability") { () throws(StatisticsError) in
            _ = try NoncentralTDistribution(degreesOfFreedom: 1, noncentrality: 1).quantile(1.5)
        }
    }
}
