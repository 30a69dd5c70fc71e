/// One thing that must hold, with the statistic that shows it.
package struct Criterion: Hashable, Sendable {
    /// An identifier, unique among the criteria of the definition.
    package let id: String
    package let statistic: Statistic
    package let comparator: Comparator
    /// In the unit of the metric; `1` for a proportion, `s` for `reduce: duration`.
    package let threshold: Threshold
    /// Nil exactly for `over: samples`: samples of one run are correlated, so no confidence statement holds.
    package let confidence: Confidence?
    package let grouping: Grouping

    /// What is estimated.
    package enum Statistic: Hashable, Sendable {
        /// The share of counted runs that end with `outcome`.
        case proportion(outcome: String, method: ProportionMethod)
        /// The value that the share `q` (0 < q < 1) of all values do not exceed.
        case quantile(q: Double, of: Observation)
        case mean(of: Observation)
    }

    /// How the interval of a proportion is computed.
    package enum ProportionMethod: String, Hashable, Sendable, CaseIterable {
        /// Clopper & Pearson 1934: exact, never below its confidence.
        case clopperPearson = "clopper-pearson"
        /// Wilson 1927: shorter, about right on average.
        case wilson
    }

    /// Which values a statistic is over.
    package enum Observation: Hashable, Sendable {
        /// The duration of each run, one value a run.
        case runDuration(metric: String)
        /// A series within each run, made into one value a run.
        case perRun(metric: String, Reduction)
        /// Every sample of every run: a description, without confidence.
        case samples(metric: String)

        /// The id of the metric.
        package var metric: String {
            switch self {
            case .runDuration(let metric), .perRun(let metric, _), .samples(let metric): metric
            }
        }
    }

    /// How the samples of one run become one value.
    package enum Reduction: String, Hashable, Sendable, CaseIterable {
        case mean
        case max
        case min
        /// The 0.95 quantile of the run's samples.
        case p95
        /// The sample with the latest time.
        case last
        /// From the run's first sample of the metric to its last one, seconds.
        case duration
    }

    /// How sure a verdict must be.
    package struct Confidence: Hashable, Sendable {
        package enum Bound: String, Hashable, Sendable, CaseIterable {
            /// Each of the two bounds is at `level` by itself: a pair at 0.95 is an interval at 0.90.
            case oneSided = "one-sided"
            /// The interval between both bounds is at `level`.
            case twoSided = "two-sided"
        }

        /// 0 < level < 1.
        package let level: Double
        package let bound: Bound

        package init(level: Double = 0.95, bound: Bound = .oneSided) {
            self.level = level
            self.bound = bound
        }
    }

    /// Whether sites are judged by themselves.
    package enum Grouping: Hashable, Sendable {
        /// All sites together.
        case pooled
        case bySite(Rule)

        package enum Rule: String, Hashable, Sendable, CaseIterable {
            /// Every site must hold the criterion by itself.
            case all
            /// Sites are shown by themselves, and judged together.
            case pooled
        }
    }
}

extension Criterion {
    /// Whether it only describes and takes no part in the verdict.
    package var isDescriptive: Bool { confidence == nil }

    /// Whether `value`, in the threshold's unit, is on the good side of it.
    package func holds(_ value: Double) -> Bool { comparator.holds(value, threshold.value) }

    /// Whether a counted run is a hit of the proportion; nil for another statistic.
    ///
    /// A run whose outcome is not known is taken for what speaks against the criterion: a miss where there must be at
    /// least so many hits, a hit where there may be at most so many. So neither a lost marker nor a misspelt word can
    /// help.
    package func isHit(_ run: Run) -> Bool? {
        guard case .proportion(let outcome, _) = statistic else { return nil }
        if run.hasKnownOutcome { return run.outcome == outcome }
        return comparator == .atMost
    }
}

extension Criterion.Statistic {
    /// The name that the file and the summary use.
    package var name: String {
        switch self {
        case .proportion: "proportion"
        case .quantile: "quantile"
        case .mean: "mean"
        }
    }

    /// What values it is over; nil for a proportion, which is over outcomes.
    package var observation: Criterion.Observation? {
        switch self {
        case .proportion: nil
        case .quantile(_, let observation), .mean(let observation): observation
        }
    }

    /// The statistics that this version computes.
    package static let names = ["proportion", "quantile", "mean"]

    /// Statistics that a definition may be written for, but that this version does not compute.
    static let refusedNames: Set<String> = [
        "two-proportions", "tolerance", "rate", "mtbf", "availability", "iso9283-ap", "iso9283-rp", "sequential",
    ]
}
