import Foundation
import Testing

@testable import Statistics

@Suite("Wald's sequential test")
struct SequentialTests {
    private func test(
        boundaries: SequentialTest.Boundaries = .strict, truncation: SequentialTest.Truncation = .none
    ) throws -> SequentialTest {
        try SequentialTest(
            acceptable: 0.95, unacceptable: 0.8, falseAcceptance: 0.05, falseRejection: 0.1, boundaries: boundaries,
            truncation: truncation)
    }

    /// Wald's own acceptance numbers for p = 0.1 against 0.3 defective, α = 0.02, β = 0.03 ("Sequential Analysis" 1947,
    /// 5.3): intercepts −2.84 and 2.89… defectives, slope 0.186.
    @Test("boundaries and weights are Wald's")
    func walds() throws {
        // The defect rate at most 0.1: met if low, so 0.1 is the acceptable one. Wald's α is our false rejection.
        let test = try SequentialTest(
            acceptable: 0.1, unacceptable: 0.3, falseAcceptance: 0.03, falseRejection: 0.02, boundaries: .wald)
        let slope = test.failureWeight / (test.failureWeight - test.successWeight)
        #expect(abs(slope - 0.18616) < 1e-4)
        let accept = test.upperBoundary / (test.successWeight - test.failureWeight)
        let reject = test.lowerBoundary / (test.successWeight - test.failureWeight)
        #expect(abs(accept - -2.5830) < 1e-3, "\(accept)")
        #expect(abs(reject - 2.8758) < 1e-3, "\(reject)")
    }

    @Test("flawless runs are accepted and flawed ones refused at the boundary, and the decision is final")
    func course() throws {
        var good = SequentialTest.Course(try test())
        // ln 20 over ln(0.95 / 0.8) is 17.43.
        for run in 1...17 { #expect(good.record(success: true) == .undecided && good.runs == run) }
        #expect(good.isOpen && good.decidedAfter == nil)
        #expect(good.record(success: true) == .met && good.decidedAfter == 18 && !good.isOpen)
        for _ in 0..<100 { #expect(good.record(success: false) == .met) }
        #expect(good.runs == 118 && good.decidedAfter == 18)
        var bad = SequentialTest.Course(try test())
        // ln 0.1 over ln(0.05 / 0.2) is 1.66.
        #expect(bad.record(success: false) == .undecided)
        #expect(bad.record(success: false) == .refuted && bad.decidedAfter == 2)
    }

    @Test("a rate that must be low is the mirror image")
    func mirror() throws {
        let high = try SequentialTest(acceptable: 0.95, unacceptable: 0.8)
        let low = try SequentialTest(acceptable: 0.05, unacceptable: 0.2)
        var generator = SeededGenerator(seed: 5)
        var (one, two) = (SequentialTest.Course(high), SequentialTest.Course(low))
        while one.isOpen {
            let success = generator.unit() < 0.9
            one.record(success: success)
            two.record(success: !success)
            #expect(abs(one.logRatio - two.logRatio) < 1e-12 && one.decision == two.decision)
        }
        #expect(one.decidedAfter == two.decidedAfter)
    }

    @Test("the stated errors hold exactly, looking after every run", arguments: SequentialTest.Boundaries.allCases)
    func guarantee(boundaries: SequentialTest.Boundaries) throws {
        for (good, bad) in [(0.95, 0.8), (0.99, 0.9), (0.6, 0.4), (0.02, 0.1)] {
            for (alpha, beta) in [(0.05, 0.05), (0.01, 0.2)] {
                let test = try SequentialTest(
                    acceptable: good, unacceptable: bad, falseAcceptance: alpha, falseRejection: beta,
                    boundaries: boundaries)
                let atBad = try test.characteristic(at: bad, limit: 1500)
                let atGood = try test.characteristic(at: good, limit: 1500)
                #expect(abs(atBad.met + atBad.refuted + atBad.undecided - 1) < 1e-12)
                #expect(atBad.undecided < 1e-6 && atGood.undecided < 1e-6)
                let (falseMet, falseRefuted) = (atBad.met, atGood.refuted)
                switch boundaries {
                case .strict: #expect(falseMet <= alpha && falseRefuted <= beta, "\(falseMet), \(falseRefuted)")
                case .wald:
                    #expect(falseMet <= alpha / (1 - beta) && falseRefuted <= beta / (1 - alpha))
                    #expect(falseMet + falseRefuted <= alpha + beta)
                }
                #expect(falseMet > 0.1 * alpha && falseRefuted > 0.1 * beta, "not far too cautious")
                // A worse product is accepted yet more seldom.
                let worse = try test.characteristic(at: bad + 0.5 * (bad - good), limit: 1500)
                #expect(worse.met < falseMet)
            }
        }
    }

    @Test("simulated courses end as the exact characteristic says")
    func simulation() throws {
        let rounds = Simulation.rounds(2000)
        var simulation = Simulation(seed: 111)
        let test = try test(truncation: .undecided(after: 60))
        for rate in [0.8, 0.88, 0.95] {
            let exact = try test.characteristic(at: rate)
            var (met, refuted, total) = (0, 0, 0)
            for _ in 0..<rounds {
                var course = SequentialTest.Course(test)
                while course.isOpen { course.record(success: simulation.generator.unit() < rate) }
                total += course.runs
                if course.decision == .met { met += 1 }
                if course.decision == .refuted { refuted += 1 }
            }
            simulation.expect(met, of: rounds, near: exact.met)
            simulation.expect(refuted, of: rounds, near: exact.refuted)
            let mean = Double(total) / Double(rounds)
            #expect(abs(mean - exact.expectedRuns) < 5 * 20 / Double(rounds).squareRoot(), "\(mean), \(exact)")
        }
    }

    @Test("Wald's approximations are near the exact values, also where the sum does not drift")
    func approximation() throws {
        let test = try SequentialTest(acceptable: 0.55, unacceptable: 0.45)
        for rate in [0.4, 0.45, 0.48, 0.5, 0.52, 0.55, 0.6] {
            let exact = try test.characteristic(at: rate, limit: 3000)
            let rough = try test.approximateCharacteristic(at: rate)
            #expect(abs(exact.met - rough.met) < 0.01, "\(rate): \(exact.met), \(rough.met)")
            #expect(abs(rough.expectedRuns / exact.expectedRuns - 1) < 0.05, "\(rate): \(exact), \(rough)")
            #expect(rough.expectedRuns < exact.expectedRuns, "the overshoot is neglected")
        }
        let atBad = try test.approximateCharacteristic(at: 0.45)
        let near = try test.approximateCharacteristic(at: 0.5 + 1e-5)
        let centre = try test.approximateCharacteristic(at: 0.5)
        #expect(abs(near.expectedRuns / centre.expectedRuns - 1) < 1e-3 && abs(centre.met - 0.5) < 1e-12)
        #expect(atBad.met < 0.05 && atBad.met > 0.04)
    }

    @Test("it takes fewer runs on average than the test of fixed size with the same errors")
    func efficiency() throws {
        let test = try SequentialTest(acceptable: 0.95, unacceptable: 0.8)
        let fixed = try #require(
            try Proportion.runs(meeting: .atLeast(0.8), ifRateIs: 0.95, power: 0.95, at: Confidence(0.95)))
        for rate in [0.8, 0.95] {
            let expected = try test.characteristic(at: rate, limit: 2000).expectedRuns
            #expect(expected < 0.75 * Double(fixed), "\(rate): \(expected) of \(fixed)")
        }
    }

    @Test("a truncated test stops: undecided with its guarantee, or decided by the nearer side")
    func truncation() throws {
        var open = SequentialTest.Course(try test(truncation: .undecided(after: 5)))
        for _ in 0..<5 { open.record(success: true) }
        #expect(open.decision == .undecided && !open.isOpen)
        for _ in 0..<50 { open.record(success: true) }
        #expect(open.decision == .undecided && open.decidedAfter == nil)
        var forced = SequentialTest.Course(try test(truncation: .decided(after: 5)))
        for _ in 0..<4 { #expect(forced.record(success: true) == .undecided) }
        #expect(try forced.moreRuns() == 1)
        #expect(forced.record(success: true) == .met && forced.decidedAfter == 5)
        let exact = try test(truncation: .decided(after: 30)).characteristic(at: 0.8)
        #expect(exact.undecided == 0 && exact.expectedRuns < 30 && exact.met > 0.05, "forcing costs certainty")
        #expect(try test(truncation: .undecided(after: 30)).characteristic(at: 0.8).met <= 0.05)
    }

    @Test("planned runs are the first to end the test at the observed rate")
    func planning() throws {
        let seed: UInt64 = 112
        var generator = SeededGenerator(seed: seed)
        let test = try test()
        #expect(try SequentialTest.Course(test).moreRuns() == 18)
        for _ in 0..<40 {
            var course = SequentialTest.Course(test)
            for _ in 0..<Int.random(in: 1...15, using: &generator) { course.record(success: generator.unit() < 0.85) }
            guard course.isOpen else {
                #expect(try course.moreRuns() == 0)
                continue
            }
            let (k, n) = (course.successes, course.runs)
            let up = Double(k) * test.successWeight + Double(n - k) * test.failureWeight > 0
            let expected = (1...500).first { further in
                let total = n + further
                let successes = up ? total * k / n : (total * k + n - 1) / n
                let sum = test.logRatio(successes: successes, failures: total - successes)
                return up ? sum >= test.upperBoundary : sum <= test.lowerBoundary
            }
            #expect(try course.moreRuns(limit: 500) == expected, "\(k) of \(n), seed \(seed)")
        }
    }

    @Test("a confidence sequence misses at any look at most as often as it says, by enumeration")
    func sequence() throws {
        let confidence = try Confidence(0.9)
        let horizon = 200
        for rate in [0.02, 0.3, 0.5, 0.9, 0.99] {
            // The probability of having been inside at every look so far, by successes.
            var inside = [1.0]
            for runs in 1...horizon {
                var next = [Double](repeating: 0, count: runs + 1)
                for (successes, mass) in inside.enumerated() {
                    next[successes] += mass * (1 - rate)
                    next[successes + 1] += mass * rate
                }
                for successes in 0...runs where next[successes] > 0 {
                    let logM = ConfidenceSequence.logMartingale(
                        Double(successes), of: Double(runs), p: rate, q: 1 - rate)
                    if logM >= -log1p(-0.9) { next[successes] = 0 }
                }
                inside = next
            }
            let missed = 1 - inside.reduce(0, +)
            #expect(missed <= 0.1 && missed > 0.02, "\(rate): \(missed)")
        }
        #expect(confidence.level == 0.9)
    }

    @Test(
        "its bounds are where the martingale reaches 1/α, and wider than those of one look", arguments: Sides.allCases)
    func sequenceBounds(sides: Sides) throws {
        let confidence = try Confidence(0.95, sides)
        for (k, n) in [(0, 1), (1, 1), (0, 30), (29, 30), (30, 30), (480, 500), (5000, 100_000)] {
            let proportion = try Proportion(successes: k, trials: n)
            let bounds = ConfidenceSequence(proportion).bounds(at: confidence)
            let once = proportion.bounds(at: confidence)
            let (lower, upper) = (try #require(bounds.lower), try #require(bounds.upper))
            #expect(try lower <= #require(once.lower) && upper >= #require(once.upper))
            for bound in [lower, upper] where bound > 0 && bound < 1 {
                let value = ConfidenceSequence.logMartingale(Double(k), of: Double(n), p: bound, q: 1 - bound)
                #expect(abs(value - 2.995732273553991) < 1e-8, "\(k) of \(n): \(value)")
            }
            #expect((k == 0) == (lower == 0) && (k == n) == (upper == 1))
        }
        let nothing = ConfidenceSequence(try Proportion(successes: 0, trials: 0)).bounds(at: confidence)
        #expect(nothing == Bounds(estimate: nil, lower: 0, upper: 1, at: confidence))
    }

    @Test("a confidence sequence is planned by trying")
    func sequencePlan() throws {
        let confidence = try Confidence(0.9)
        for (k, n, requirement) in [
            (0, 0, Requirement.atLeast(0.9)), (19, 20, .atLeast(0.8)), (3, 20, .atMost(0.4)), (12, 20, .atLeast(0.85)),
        ] {
            let sequence = ConfidenceSequence(try Proportion(successes: k, trials: n))
            let more = try #require(try sequence.moreRuns(for: requirement, at: confidence))
            let expected = try (0...400).first { further in
                let total = n + further
                let isUp: Bool =
                    switch requirement {
                    case .atLeast(let threshold): n == 0 || Double(k) / Double(n) > threshold
                    case .atMost(let threshold): Double(k) / Double(n) > threshold
                    }
                let successes = n == 0 ? total : isUp ? total * k / n : (total * k + n - 1) / n
                return try ConfidenceSequence(Proportion(successes: successes, trials: total))
                    .bounds(at: confidence).decision(on: requirement) != .undecided
            }
            #expect(more == expected, "\(k) of \(n), \(requirement)")
        }
    }

    @Test("what has no meaning is refused by name")
    func refusals() {
        for bad in [0, 1, .nan] as [Double] {
            expectRefusal(at: "acceptable rate") { () throws(StatisticsError) in
                _ = try SequentialTest(acceptable: bad, unacceptable: 0.5)
            }
            expectRefusal(at: "unacceptable rate") { () throws(StatisticsError) in
                _ = try SequentialTest(acceptable: 0.5, unacceptable: bad)
            }
            expectRefusal(at: "false acceptance") { () throws(StatisticsError) in
                _ = try SequentialTest(acceptable: 0.5, unacceptable: 0.4, falseAcceptance: bad)
            }
            expectRefusal(at: "false rejection") { () throws(StatisticsError) in
                _ = try SequentialTest(acceptable: 0.5, unacceptable: 0.4, falseRejection: bad)
            }
        }
        expectRefusal(at: "unacceptable rate") { () throws(StatisticsError) in
            _ = try SequentialTest(acceptable: 0.5, unacceptable: 0.5)
        }
        expectRefusal(at: "truncation") { () throws(StatisticsError) in
            _ = try SequentialTest(acceptable: 0.5, unacceptable: 0.4, truncation: .decided(after: 0))
        }
        expectRefusal(at: "limit") { () throws(StatisticsError) in
            _ = try SequentialTest(acceptable: 0.5, unacceptable: 0.4).characteristic(at: 0.5, limit: 0)
        }
    }
}
