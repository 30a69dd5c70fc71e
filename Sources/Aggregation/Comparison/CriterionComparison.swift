package import Scenarios

/// How two summaries differ in one criterion.
package struct CriterionComparison: Hashable, Sendable {
    /// How the difference is expressed.
    package enum Measure: String, Hashable, Sendable {
        /// Candidate less baseline, in the criterion's unit.
        case difference
        /// Candidate over baseline: for rates and times between events.
        case ratio
    }

    /// How its interval is made.
    package enum Method: String, Hashable, Sendable {
        /// Newcombe 1998, method 10.
        case newcombe
        /// Welch 1947.
        case welch
        /// Hodges & Lehmann 1963, with the bounds of the Mann–Whitney test: the shift of all values.
        case hodgesLehmann = "hodges-lehmann"
        /// The share of events that fall to the candidate, given their sum: Przyborowski & Wilenski 1940.
        case conditionalBinomial = "conditional-binomial"
    }

    /// What the interval says.
    package enum Finding: String, Hashable, Sendable {
        /// All of it lies on the good side of no difference.
        case better
        /// All of it lies on the bad side.
        case worse
        /// It holds no difference.
        case open
        /// There is no interval: too few data, or none for this statistic.
        case unknown
    }

    /// One of the two.
    package struct Side: Hashable, Sendable {
        package let estimate: Double?
        package let n: Int
        package let missing: Int
        package let verdict: Verdict?
    }

    package let id: String
    package let label: Summary.Text
    package let statistic: String
    package let comparator: Comparator
    package let unit: String
    package let baseline: Side
    package let candidate: Side
    package let measure: Measure
    package let method: Method?
    package let estimate: Double?
    package let lower: Double?
    package let upper: Double?
    package let finding: Finding
    package let note: Summary.Text?
}
