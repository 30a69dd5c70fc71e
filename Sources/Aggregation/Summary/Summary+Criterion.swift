package import Scenarios
package import Telemetry

extension Summary {
    /// How an estimate was made.
    package enum Method: String, Hashable, Sendable, CaseIterable {
        case clopperPearson = "clopper-pearson"
        case wilson
        /// Events of which those of one run may be alike: Clopper and Pearson's bounds for as many independent ones as they are worth.
        case clusteredClopperPearson = "clustered-clopper-pearson"
        /// The same with Wilson's.
        case clusteredWilson = "clustered-wilson"
        case orderStatistics = "order-statistics"
        case studentT = "student-t"
        case bca
        case noncentralT = "noncentral-t"
        case garwood
        case chiSquared = "chi-squared"
        case alternatingRenewal = "alternating-renewal"
        case iso9283 = "iso-9283"
        /// Decided by Wald's sequential test; the bounds are those of a confidence sequence.
        case sprt
        case confidenceSequence = "confidence-sequence"
        /// An estimate without confidence: the values are correlated.
        case description
    }

    /// Why a criterion is inconclusive where its bounds do not tell.
    package enum Obstacle: String, Hashable, Sendable, CaseIterable {
        /// All values are equal, and the definition does not say in which steps they are recorded.
        case equalValues = "equal-values"
        /// All values are equal, and the definition says that they are exact: then their spread is not known.
        case exactValues = "exact-values"
        /// There are fewer poses than the cycles that ISO 9283 prescribes, or the definition.
        case fewCycles = "few-cycles"
        /// There are fewer runs than a bootstrap needs.
        case fewRuns = "few-runs"
        /// Runs are past their retention, and a plan that looks run by run needs its runs from the first on.
        case retiredRuns = "retired-runs"
    }

    /// What a stated confidence speaks for.
    package enum Bound: String, Hashable, Sendable, CaseIterable {
        /// Each bound holds at the level by itself.
        case oneSided = "one-sided"
        /// Both bounds hold together at the level.
        case twoSided = "two-sided"
    }

    /// What one criterion says.
    package struct Criterion: Hashable, Sendable {
        package var id: String
        /// What is estimated, in words: `95th percentile of cycle-time`.
        package var label: Text
        /// A name of `Criterion.Statistic.names`.
        package var statistic: String
        package var method: Method
        /// Nil without data, or where it is beyond every number.
        package var estimate: Double?
        /// Nil where the data allow no such bound.
        package var lower: Double?
        /// Nil where the data allow no such bound.
        package var upper: Double?
        /// Strictly between 0 and 1; nil exactly for descriptions.
        package var confidence: Double?
        /// Nil exactly for descriptions.
        package var bound: Bound?
        package var comparator: Comparator
        package var threshold: Double
        /// UCUM code of threshold, estimate and bounds.
        package var unit: String
        /// The values behind the estimate: runs, or samples for a description.
        package var n: Int?
        /// Counted runs whose value is not known; the bounds hold whatever it was.
        package var missing: Int?
        /// What was counted in the runs, where the statistic counts events: failures, outages, hits and misses.
        package var events: Int?
        /// The time over which events were counted, seconds.
        package var exposure: Double?
        /// Nil for a description, which takes no part in the verdict.
        package var verdict: Verdict?
        /// How many more runs would decide at what was observed: 0 when decided, nil when no number would or none can
        /// be told.
        package var moreRuns: Int?
        /// The step of the values, in `unit`, half of which the bounds allow for; nil where they need not.
        package var resolution: Double?
        package var obstacle: Obstacle?
        /// Where every site must hold by itself: the site that decides, whose numbers these are.
        package var site: Identifier?
        package var note: String?
        /// Empty unless the criterion is grouped by site.
        package var strata: [Stratum]

        package init(
            id: String, label: Text, statistic: String, method: Method, estimate: Double?, lower: Double?,
            upper: Double?,
            confidence: Double?, bound: Bound?, comparator: Comparator, threshold: Double, unit: String, n: Int?,
            missing: Int?, events: Int? = nil, exposure: Double? = nil, verdict: Verdict?, moreRuns: Int?,
            resolution: Double? = nil, obstacle: Obstacle? = nil, site: Identifier?, note: String?, strata: [Stratum]
        ) {
            self.id = id
            self.label = label
            self.statistic = statistic
            self.method = method
            self.estimate = estimate
            self.lower = lower
            self.upper = upper
            self.confidence = confidence
            self.bound = bound
            self.comparator = comparator
            self.threshold = threshold
            self.unit = unit
            self.n = n
            self.missing = missing
            self.events = events
            self.exposure = exposure
            self.verdict = verdict
            self.moreRuns = moreRuns
            self.resolution = resolution
            self.obstacle = obstacle
            self.site = site
            self.note = note
            self.strata = strata
        }
    }

    /// What a criterion says of one site.
    package struct Stratum: Hashable, Sendable {
        package var site: Identifier
        package var estimate: Double?
        package var lower: Double?
        package var upper: Double?
        package var n: Int?
        package var missing: Int?
        package var events: Int?
        /// Seconds.
        package var exposure: Double?
        /// Nil for a description.
        package var verdict: Verdict?
        package var moreRuns: Int?
        package var resolution: Double?
        package var obstacle: Obstacle?

        package init(
            site: Identifier, estimate: Double?, lower: Double?, upper: Double?, n: Int?, missing: Int?,
            events: Int? = nil, exposure: Double? = nil, verdict: Verdict?,
            moreRuns: Int?, resolution: Double? = nil, obstacle: Obstacle? = nil
        ) {
            self.resolution = resolution
            self.obstacle = obstacle
            self.site = site
            self.estimate = estimate
            self.lower = lower
            self.upper = upper
            self.n = n
            self.missing = missing
            self.events = events
            self.exposure = exposure
            self.verdict = verdict
            self.moreRuns = moreRuns
        }
    }

    /// What one safety rule says, over all runs, excluded ones too.
    package struct Safety: Hashable, Sendable {
        package var id: String
        package var severity: SafetyRule.Severity
        /// What is not allowed, in words.
        package var condition: Text
        /// Events, or times that the level was exceeded for long enough.
        package var count: Int?
        package var first: Timestamp?
        /// Inconclusive where the data have holes in which a breach could hide.
        package var verdict: Verdict

        package init(
            id: String, severity: SafetyRule.Severity, condition: Text, count: Int?, first: Timestamp?, verdict: Verdict
        ) {
            self.id = id
            self.severity = severity
            self.condition = condition
            self.count = count
            self.first = first
            self.verdict = verdict
        }
    }
}
