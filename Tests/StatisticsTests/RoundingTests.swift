import Testing

@testable import Statistics

@Suite("Values that a sensor rounds")
struct RoundingTests {
    @Test(
        "are coarse where they vary by less than a step, and unknown where they are all equal and nobody tells the step",
        arguments: [
            ([], nil, .fine), ([30], nil, .fine), ([30, 30, 30], nil, .unknown), ([30, 30], 0, .unknown),
            ([30, 30], 0.5, .coarse(step: 0.5)),
            // Equal ones among others show a grid; its step is at most the least difference.
            ([30, 30, 30, 30, 31], nil, .coarse(step: 1)), ([30, 30, 30, 30, 31], 0, .fine),
            ([30, 30, 30, 30, 31], 0.25, .fine), ([8, 9, 10, 11, 12, 8, 9, 10, 11, 12], nil, .fine),
            ([30, 30.1, 30.25], nil, .fine), ([30, 30.1, 30.25], 1, .coarse(step: 1)),
            // What conversions leave is no difference.
            ([0.1 * 3, 0.3, 0.3], nil, .unknown), ([0.1 * 3, 0.3, 1.3, 2.3, 0.3], nil, .coarse(step: 1.0)),
            ([.infinity, 30, 30, .nan], nil, .unknown), ([0, 0, 0], nil, .unknown),
        ] as [([Double], Double?, Rounding)])
    func kinds(_ values: [Double], _ step: Double?, _ expected: Rounding) {
        let found = Rounding(of: values, step: step)
        switch (found, expected) {
        case (.coarse(let a), .coarse(let b)): #expect(abs(a - b) < 1e-12)
        default: #expect(found == expected)
        }
    }

    /// True values are normal with a standard deviation of a share of the step, their mean anywhere between two steps.
    @Test(
        "bounds that allow for half a step hold at any spread, those that do not fail",
        arguments: [0.02, 0.2, 0.5, 1, 2])
    func coverage(spread: Double) throws {
        let rounds = Simulation.rounds(1500)
        var simulation = Simulation(seed: 2001)
        let confidence = try Confidence(0.9)
        var misses = (naive: 0, within: 0)
        for _ in 0..<rounds {
            let truth = simulation.open()
            let values = simulation.normals(30).map { (truth + spread * $0).rounded() }
            let bounds = Moments(values).meanBounds(at: confidence)
            if try #require(bounds.lower) > truth { misses.naive += 1 }
            guard let half = Rounding(of: values, step: 1).halfStep else { continue }
            let reach = Moments.reach(
                count: 30, deviation: Rounding.spreadError(half, count: 30), tail: confidence.tail)
            if try #require(bounds.lower) - half - reach > truth { misses.within += 1 }
        }
        #expect(Double(misses.within) < 0.1 * Double(rounds) + 5 * (0.09 * Double(rounds)).squareRoot(), "\(misses)")
        if spread < 0.3 { #expect(Double(misses.naive) > 0.3 * Double(rounds), "\(misses)") }
    }

    @Test("positions that are all the same prove no repeatability; with a known step they prove what that allows")
    func poses() throws {
        let same = try Poses(commanded: [0, 0], attained: [[Double]](repeating: [1, 2], count: 30))
        let (confidence, bootstrap) = (try Confidence(0.95), try Bootstrap(resamples: 999))
        let none = same.repeatabilityBounds(at: confidence, by: bootstrap)
        #expect(try #require(none.estimate) < 1e-12)
        #expect(none.lower == nil && none.upper == nil)
        let half = [0.05, 0.05]
        let bounds = same.repeatabilityBounds(at: confidence, by: bootstrap, within: half)
        // E (1 + 3 √(30/29)), E = 0.05 √2, over the ratio that 95 % of simulated scatters exceed.
        let most = 0.05 * 2.0.squareRoot() * (1 + 3 * (30.0 / 29).squareRoot())
        #expect(bounds.lower == 0)
        let upper = try #require(bounds.upper)
        #expect(upper > most && upper < 1.5 * most)
        let accuracy = same.accuracyBounds(at: confidence, within: half)
        let region = try #require(same.accuracyBounds(at: confidence).upper)
        #expect(abs(region - 5.0.squareRoot()) < 1e-12, "what the region says of equal positions")
        #expect(try #require(accuracy.upper) > 5.0.squareRoot() + 0.05 * 2.0.squareRoot())
        #expect(try #require(accuracy.lower) < 5.0.squareRoot() - 0.05 * 2.0.squareRoot())
    }

    /// The unrounded positions of each round have an RP and an AP; the bounds of the rounded ones hold them.
    @Test("bounds on poses within half a step hold those of the positions as they were")
    func posesWithin() throws {
        var simulation = Simulation(seed: 9283)
        let (confidence, bootstrap) = (try Confidence(0.9), try Bootstrap(resamples: 299))
        for _ in 0..<20 {
            let exact = (0..<30).map { _ in [0.3 * simulation.normal(), 0.5 + 0.2 * simulation.normal()] }
            let rounded = exact.map { $0.map { $0.rounded() } }
            let before = try Poses(commanded: [0, 0], attained: exact)
            let after = try Poses(commanded: [0, 0], attained: rounded)
            let pairs = [
                (before.accuracyBounds(at: confidence), after.accuracyBounds(at: confidence, within: [0.5, 0.5])),
                (
                    before.repeatabilityBounds(at: confidence, by: bootstrap),
                    after.repeatabilityBounds(at: confidence, by: bootstrap, within: [0.5, 0.5])
                ),
            ]
            for (fine, coarse) in pairs {
                #expect(try #require(coarse.lower) <= (try #require(fine.lower)))
                #expect(try #require(coarse.upper) >= (try #require(fine.upper)))
            }
        }
    }
}
