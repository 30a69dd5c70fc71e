/// One thing that must hold, with the statistic that shows it.
package struct Criterion: Hashable, Sendable {
    /// An identifier, unique among the criteria of the definition.
    package let id: String
    package let statistic: Statistic
    package let comparator: Comparator
    /// In the unit of what is estimated: ``Statistic``.
    package let threshold: Threshold
    /// Nil exactly for `over: samples`: samples of one run are correlated, so no confidence statement holds.
    package let confidence: Confidence?
    package let grouping: Grouping

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

    /// What a counted run is to the proportion of runs: a hit, a miss, or nil for no trial at all, which it is to any
    /// other statistic too.
    ///
    /// A run whose outcome is not known is taken for what speaks against the criterion: a miss where there must be at
    /// least so many hits, a hit where there may be at most so many. So neither a lost marker nor a misspelt word can
    /// help.
    package func isHit(_ run: Run) -> Bool? {
        guard case .proportion(.runs(let outcome, let among), _) = statistic else { return nil }
        guard run.hasKnownOutcome, let ended = run.outcome else { return comparator == .atMost }
        if !among.isEmpty, !among.contains(ended) { return nil }
        return ended == outcome
    }
}
