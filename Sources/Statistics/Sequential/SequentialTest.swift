#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Wald's sequential probability ratio test of a success rate: decide as soon as the runs allow, look after every one.
///
/// Wald, "Sequential tests of statistical hypotheses", Annals of Mathematical Statistics 16 (1945). Between an acceptable
/// rate and an unacceptable one, each run adds ln of the ratio of its probabilities under the two. The test ends when the
/// sum has reached the boundary on either side. Which rate is higher tells what success means: for "at least 0.95" take
/// for instance 0.98 as acceptable and 0.90 as unacceptable, for "at most 0.05" the mirror image.
///
/// **Guarantee.** However often one looks, at the unacceptable rate or a worse one the test is met with probability at most
/// ``falseAcceptance``, at the acceptable rate or a better one refuted with at most ``falseRejection``. With
/// ``Boundaries/strict`` each holds by itself (Ville's inequality); with ``Boundaries/wald`` they hold up to a factor
/// 1 / (1 − the other), and their sum holds.
package struct SequentialTest: Hashable, Sendable {
    /// p₁: the rate a good product should seldom be refused at.
    package let acceptable: Double
    /// p₀: the rate a bad product should seldom be accepted at.
    package let unacceptable: Double
    /// α, the largest probability of meeting at the unacceptable rate.
    package let falseAcceptance: Double
    /// β, the largest probability of refuting at the acceptable rate.
    package let falseRejection: Double
    package let boundaries: Boundaries
    package let truncation: Truncation

    /// Where the test ends.
    package enum Boundaries: String, Hashable, Sendable, CaseIterable {
        /// ln(1/α) and ln β: both error probabilities hold exactly as stated.
        case strict
        /// ln((1 − β)/α) and ln(β/(1 − α)), Wald's own, a few runs earlier.
        case wald
    }

    /// What happens when the test has gone on for long.
    package enum Truncation: Hashable, Sendable {
        /// It goes on.
        case none
        /// After so many runs it stays undecided for good. The guarantee stands.
        case undecided(after: Int)
        /// After so many runs the nearer hypothesis is taken: met if the sum is above 0. The errors may then be larger;
        /// ``SequentialTest/characteristic(at:limit:)`` gives them exactly.
        case decided(after: Int)

        var limit: Int? {
            switch self {
            case .none: nil
            case .undecided(let limit), .decided(let limit): limit
            }
        }
    }

    /// - Throws: ``StatisticsError/Code/invalidParameter`` unless both rates are strictly between 0 and 1 and differ, both
    ///   errors are strictly between 0 and one half, and a truncation comes after at least one run.
    package init(
        acceptable: Double, unacceptable: Double, falseAcceptance: Double = 0.05, falseRejection: Double = 0.05,
        boundaries: Boundaries = .strict, truncation: Truncation = .none
    ) throws(StatisticsError) {
        for (name, rate) in [("acceptable rate", acceptable), ("unacceptable rate", unacceptable)] {
            guard rate > 0, rate < 1 else { throw .invalid(name, rate, must: "above 0 and below 1") }
        }
        guard acceptable != unacceptable else {
            throw .invalid("unacceptable rate", unacceptable, must: "different from the acceptable rate")
        }
        for (name, error) in [("false acceptance", falseAcceptance), ("false rejection", falseRejection)] {
            guard error > 0, error < 0.5 else { throw .invalid(name, error, must: "above 0 and below 0.5") }
        }
        if let limit = truncation.limit, limit < 1 { throw .invalid("truncation", limit, must: "1 or more") }
        self.acceptable = acceptable
        self.unacceptable = unacceptable
        self.falseAcceptance = falseAcceptance
        self.falseRejection = falseRejection
        self.boundaries = boundaries
        self.truncation = truncation
    }

    /// What a success adds to the sum.
    package var successWeight: Double { log(acceptable / unacceptable) }

    /// What a failure adds to the sum.
    package var failureWeight: Double { log1p(-acceptable) - log1p(-unacceptable) }

    /// The sum from which on the requirement is met.
    package var upperBoundary: Double {
        boundaries == .strict ? -log(falseAcceptance) : log1p(-falseRejection) - log(falseAcceptance)
    }

    /// The sum down from which the requirement is refuted.
    package var lowerBoundary: Double {
        boundaries == .strict ? log(falseRejection) : log(falseRejection) - log1p(-falseAcceptance)
    }

    /// The sum after so many successes and failures: the log-likelihood ratio of acceptable to unacceptable.
    package func logRatio(successes: Int, failures: Int) -> Double {
        Double(successes) * successWeight + Double(failures) * failureWeight
    }

    /// Where these counts stand by themselves, whatever went before.
    func standing(successes: Int, failures: Int) -> Decision {
        let sum = logRatio(successes: successes, failures: failures)
        if sum >= upperBoundary { return .met }
        if sum <= lowerBoundary { return .refuted }
        if case .decided(let limit) = truncation, successes + failures >= limit { return sum > 0 ? .met : .refuted }
        return .undecided
    }

    /// A test that is under way. The first decision is final: runs after it are counted and change nothing.
    package struct Course: Hashable, Sendable {
        package let test: SequentialTest
        /// Runs recorded, including those after the decision.
        package private(set) var successes = 0
        package private(set) var failures = 0
        package private(set) var decision = Decision.undecided
        /// After how many runs the decision fell; nil while there is none.
        package private(set) var decidedAfter: Int?

        package init(_ test: SequentialTest) { self.test = test }

        package var runs: Int { successes + failures }

        /// Whether further runs can still change the decision.
        package var isOpen: Bool { decision == .undecided && runs < test.truncation.limit ?? .max }

        /// The log-likelihood ratio of all runs so far.
        package var logRatio: Double { test.logRatio(successes: successes, failures: failures) }

        /// Takes in one run, in the order of their ends.
        @discardableResult
        package mutating func record(success: Bool) -> Decision {
            let wasOpen = isOpen
            if success { successes += 1 } else { failures += 1 }
            if wasOpen {
                decision = test.standing(successes: successes, failures: failures)
                if decision != .undecided { decidedAfter = runs }
            }
            return decision
        }

        /// How many further runs end the test if they keep to the observed rate, counted against the decision; before the
        /// first run, if all are good.
        ///
        /// - Returns: 0 if it is decided already; nil if no number up to the limit or the truncation would do, as where
        ///   the observed rate favours neither hypothesis.
        /// - Throws: ``StatisticsError/Code/invalidParameter`` for a negative limit.
        package func moreRuns(limit: Int = planningHorizon) throws(StatisticsError) -> Int? {
            guard limit >= 0 else { throw .invalid("limit", limit, must: "0 or more") }
            if decision != .undecided { return 0 }
            guard isOpen else { return nil }
            let remaining = min(limit, (test.truncation.limit ?? .max) - runs)
            guard remaining > 0 else { return nil }
            let good = test.acceptable > test.unacceptable ? 1.0 : 0.0
            let rate = runs == 0 ? good : Double(successes) / Double(runs)
            let drift = rate * test.successWeight + (1 - rate) * test.failureWeight
            let goal = drift > 0 ? test.upperBoundary : test.lowerBoundary
            guard drift != 0 else { return nil }
            // Relaxed counts reach the boundary first; from there on the rounded ones are tried.
            let start = max((goal / drift).rounded(.down) - Double(runs), 1)
            guard start <= Double(remaining) else { return forced(within: remaining) }
            let last = min(remaining, Int(start) + 100_000)
            for further in Int(start)...last {
                let total = Double(runs + further)
                let isSuccessAdverse = (test.successWeight < 0) == (drift > 0)
                let real = total * (isSuccessAdverse ? rate : 1 - rate)
                let nearest = real.rounded()
                let adverse = Int(abs(real - nearest) < 1e-9 * total ? nearest : real.rounded(.up))
                let other = runs + further - adverse
                let sum = test.logRatio(
                    successes: isSuccessAdverse ? adverse : other, failures: isSuccessAdverse ? other : adverse)
                if drift > 0 ? sum >= goal : sum <= goal { return further }
            }
            return forced(within: remaining)
        }

        private func forced(within remaining: Int) -> Int? {
            guard case .decided(let limit) = test.truncation, limit - runs <= remaining else { return nil }
            return limit - runs
        }
    }
}
