import Testing

@testable import Statistics

@Suite("Shares of trials that come in clusters")
struct ClusteredProportionTests {
    /// Rao & Scott's own way by hand: Σx = 27, Σm = 36, p̂ = 3/4.
    @Test("the design effect is that of a ratio, and the bounds are those of as many independent trials as that leaves")
    func designEffect() throws {
        let clusters = [(4, 4), (5, 6), (2, 6), (6, 6), (1, 4), (9, 10)]
        let share = try ClusteredProportion(clusters.map { (successes: $0.0, trials: $0.1) })
        let scatter = clusters.reduce(0.0) { sum, cluster in
            let distance = Double(cluster.0) - 0.75 * Double(cluster.1)
            return sum + distance * distance
        }
        let effect = 6.0 / 5 * scatter / (36 * 0.75 * 0.25)
        #expect(share.estimate == 0.75)
        #expect(abs(try #require(share.designEffect) - effect) < 1e-12 && effect > 2)
        // t(0.95; 35) = 1.689572457780266, t(0.95; 5) = 2.015048373333 (SciPy).
        let ratio = 1.689_572_457_780_266 / 2.015_048_373_333
        let worth = 36 / effect * ratio * ratio
        let bounds = share.bounds(at: try Confidence(0.95))
        let lower = IncompleteBeta.inverse(0.75 * worth, 0.25 * worth + 1, TailTarget(lower: 0.05)).x
        #expect(abs(try #require(bounds.lower) - lower) < 1e-9)
        let independent = try Proportion(successes: 27, trials: 36).bounds(at: Confidence(0.95))
        #expect(try #require(bounds.lower) < (try #require(independent.lower)))
        #expect(try #require(bounds.upper) > (try #require(independent.upper)))
    }

    @Test("one trial a cluster is the share of independent trials, to the bit", arguments: Proportion.Method.allCases)
    func singles(method: Proportion.Method) throws {
        for (successes, trials) in [(0, 9), (7, 9), (9, 9), (0, 0)] {
            let clusters = (0..<trials).map { (successes: $0 < successes ? 1 : 0, trials: 1) } + [(0, 0)]
            for level in [0.3, 0.95] {
                let found = try ClusteredProportion(clusters).bounds(method, at: Confidence(level))
                let plain = try Proportion(successes: successes, trials: trials).bounds(method, at: Confidence(level))
                #expect(abs(try #require(found.lower) - (try #require(plain.lower))) < 1e-12)
                #expect(abs(try #require(found.upper) - (try #require(plain.upper))) < 1e-12)
            }
        }
    }

    @Test("flawless trials prove what as many flawless clusters do, and a failure never proves more")
    func flawless() throws {
        let confidence = try Confidence(0.95)
        let all = try ClusteredProportion((0..<20).map { _ in (successes: 5, trials: 5) })
        let bounds = all.bounds(at: confidence)
        let runs = try Proportion(successes: 20, trials: 20).bounds(at: confidence)
        #expect(abs(try #require(bounds.lower) - (try #require(runs.lower))) < 1e-15 && bounds.upper == 1)
        #expect(all.designEffect == nil)
        let one = try ClusteredProportion((0..<20).map { (successes: $0 == 0 ? 4 : 5, trials: 5) })
        #expect(try #require(one.bounds(at: confidence).lower) <= (try #require(bounds.lower)))
        #expect(try all.moreClusters(for: .atLeast(0.9), at: confidence) == 9, "29 in all")
        #expect(try all.moreClusters(for: .atLeast(0.86), at: confidence) == 0)
        let alone = try ClusteredProportion([(successes: 40, trials: 50)])
        #expect(try #require(alone.bounds(at: confidence).lower) < 0.1)
    }

    @Test("planned clusters decide, one fewer does not")
    func plan() throws {
        let confidence = try Confidence(0.9)
        let share = try ClusteredProportion((0..<12).map { (successes: 4 + $0 % 3, trials: 6) })
        for requirement in [Requirement.atLeast(0.8), .atLeast(0.86), .atMost(0.87)] {
            let more = try #require(try share.moreClusters(for: requirement, at: confidence))
            #expect(more > 0)
            #expect(try share.moreClusters(for: requirement, at: confidence, limit: more - 1) == nil)
        }
        #expect(try share.moreClusters(for: .atLeast(5.0 / 6), at: confidence) == nil, "at the share itself")
    }

    /// Beta-binomial clusters of one to eight trials: in each the share is drawn from a beta law with the intraclass correlation.
    @Test(
        "the bounds miss about as often as they say, where those of independent trials do not",
        arguments: [0, 0.2, 0.6])
    func coverage(correlation: Double) throws {
        let rounds = Simulation.rounds(600)
        var simulation = Simulation(seed: 1992)
        let confidence = try Confidence(0.95)
        let truth = 0.85
        var misses = (clustered: 0, naive: 0)
        for _ in 0..<rounds {
            let clusters = try (0..<40).map { _ in
                let trials = 1 + Int(8 * simulation.generator.unit())
                var share = truth
                if correlation > 0 {
                    let size = (1 - correlation) / correlation
                    let law = try BetaDistribution(a: truth * size, b: (1 - truth) * size)
                    share = try law.quantile(simulation.open())
                }
                return (successes: (0..<trials).count { _ in simulation.generator.unit() < share }, trials: trials)
            }
            let clustered = try ClusteredProportion(clusters)
            let plain = try Proportion(successes: clustered.successes, trials: clustered.trials)
            if try #require(clustered.bounds(at: confidence).lower) > truth { misses.clustered += 1 }
            if try #require(plain.bounds(at: confidence).lower) > truth { misses.naive += 1 }
        }
        // About: the variance of a share near 1 is itself estimated from few failures.
        #expect(Double(misses.clustered) < 0.08 * Double(rounds), "\(misses)")
        if correlation > 0.5 { #expect(Double(misses.naive) > 0.1 * Double(rounds), "\(misses)") }
    }
}
