/// Whether a confidence level speaks for one bound or for both together.
package enum Sides: String, Hashable, Sendable, CaseIterable {
    /// Each bound holds at the level by itself; the pair is a (2 × level − 1) interval.
    case oneSided = "one-sided"
    /// Both bounds hold together at the level; each one misses with half the remainder.
    case twoSided = "two-sided"
}

/// A confidence level and what it speaks for.
package struct Confidence: Hashable, Sendable {
    /// Strictly between 0 and 1.
    package let level: Double
    package let sides: Sides

    /// - Throws: ``StatisticsError/Code/invalidParameter`` unless the level is strictly between 0 and 1.
    package init(_ level: Double, _ sides: Sides = .oneSided) throws(StatisticsError) {
        guard level > 0, level < 1 else {
            throw .invalid("confidence", level, must: "above 0 and below 1, such as 0.95")
        }
        self.level = level
        self.sides = sides
    }

    /// The probability with which one bound misses.
    package var tail: Double { sides == .oneSided ? 1 - level : 0.5 * (1 - level) }
}

/// An estimate with the bounds between which the truth lies, at a stated confidence.
package struct Bounds: Hashable, Sendable {
    /// nil without data.
    package let estimate: Double?
    /// nil where the data allow no lower bound at this confidence.
    package let lower: Double?
    /// nil where the data allow no upper bound at this confidence.
    package let upper: Double?
    package let confidence: Double
    package let sides: Sides

    package init(estimate: Double?, lower: Double?, upper: Double?, at confidence: Confidence) {
        self.estimate = estimate
        self.lower = lower
        self.upper = upper
        self.confidence = confidence.level
        self.sides = confidence.sides
    }

    /// Judges a requirement by the bounds alone: met or refuted when a bound says so, undecided otherwise.
    package func decision(on requirement: Requirement) -> Decision {
        switch requirement {
        case .atLeast(let threshold):
            if let lower, lower >= threshold { return .met }
            if let upper, upper < threshold { return .refuted }
        case .atMost(let threshold):
            if let upper, upper <= threshold { return .met }
            if let lower, lower > threshold { return .refuted }
        }
        return .undecided
    }
}

/// What a statistic must satisfy.
package enum Requirement: Hashable, Sendable {
    case atLeast(Double)
    case atMost(Double)

    package var threshold: Double {
        switch self {
        case .atLeast(let threshold), .atMost(let threshold): threshold
        }
    }
}

/// What bounds say about a requirement.
package enum Decision: String, Hashable, Sendable {
    /// The bound on the requirement's side satisfies it.
    case met
    /// The bound on the far side violates it.
    case refuted
    /// The threshold lies between the bounds.
    case undecided
}
