package import Scenarios

/// What one criterion needs.
package struct CriterionPlan: Hashable, Sendable {
    /// How much of what.
    package struct Need: Hashable, Sendable {
        /// In all, where sites count by themselves at all of them; nil where it cannot be told how many it takes.
        package var runs: Int?
        /// Seconds of run time in all; nil for what goes by runs alone.
        package var exposure: Double?
        /// What it takes for granted.
        package var assumption: Summary.Text
    }

    /// How many misses a number of runs may have and still prove a share.
    package struct Allowance: Hashable, Sendable {
        package let misses: Int
        /// At one place.
        package let runs: Int
    }

    package let id: String
    package let label: Summary.Text
    package let statistic: String
    package let comparator: Comparator
    package let threshold: Double
    package let unit: String
    package let confidence: Double
    /// How many sites must each hold it by itself; 1 where all are judged together.
    package let places: Int
    /// What it takes at best.
    package let fewest: Need?
    /// What it takes for the assumed subject to pass with the plan's power.
    package let powered: Need?
    /// For shares of runs; empty for others.
    package let allowances: [Allowance]
    package let note: Summary.Text?
    /// The runs so far.
    package let found: Found?

    package struct Found: Hashable, Sendable {
        package let n: Int
        package let verdict: Verdict?
        package let moreRuns: Int?
    }

    var fewestRuns: Int? { fewest?.runs }
}
