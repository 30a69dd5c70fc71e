package import Scenarios

extension Summary {
    /// How a metric went over the runs: what a drawing of it needs, and small whatever the number of runs and samples.
    ///
    /// It shows; nothing is proven with it. Its points are between which values the samples lie.
    package struct Trace: Hashable, Sendable {
        /// How often a sample is expected, seconds; nil where the definition does not say.
        package var every: Double?
        /// In how many parts of equal time each run is told: a power of two, 1 where one stretch is several runs.
        package var parts: Int
        /// Ascending; together they are the whole ledger.
        package var stretches: [Stretch]
        /// What the definition says of the metric's level, criteria before safety rules.
        package var limits: [Limit]

        /// A run, or where there are too many of them, several that follow each other in the ledger.
        package struct Stretch: Hashable, Sendable {
            /// Places in the ledger, from 0.
            package var runs: ClosedRange<Int>
            /// One for each part; nil where there are no samples. Of several runs those that count, or all if none does.
            package var points: [Point?]

            package init(runs: ClosedRange<Int>, points: [Point?]) {
                self.runs = runs
                self.points = points
            }
        }

        /// Samples, and between which values they lie, in the metric's unit.
        package struct Point: Hashable, Sendable {
            /// Above 0.
            package var count: Int
            package var min: Double
            package var max: Double

            package init(count: Int, min: Double, max: Double) {
                self.count = count
                self.min = min
                self.max = max
            }
        }

        /// A threshold that is in the metric's unit.
        package struct Limit: Hashable, Sendable {
            package enum Kind: String, Hashable, Sendable, CaseIterable {
                case criterion
                case safety
            }

            package var kind: Kind
            /// Of the criterion or the rule.
            package var id: String
            /// The side that is good.
            package var comparator: Comparator
            package var value: Double

            package init(kind: Kind, id: String, comparator: Comparator, value: Double) {
                self.kind = kind
                self.id = id
                self.comparator = comparator
                self.value = value
            }
        }

        /// How many points a trace has at most.
        package static let mostPoints = 200

        package init(every: Double?, parts: Int, stretches: [Stretch], limits: [Limit]) {
            self.every = every
            self.parts = parts
            self.stretches = stretches
            self.limits = limits
        }
    }
}
