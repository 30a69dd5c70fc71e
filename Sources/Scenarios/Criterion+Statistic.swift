extension Criterion {
    /// What is estimated.
    package enum Statistic: Hashable, Sendable {
        /// A share of trials; its threshold has the unit `1`.
        case proportion(Trials, ProportionMethod)
        /// The value that the share `q` (0 < q < 1) of all values do not exceed, in the metric's unit.
        case quantile(q: Double, of: Observation)
        /// In the metric's unit.
        case mean(of: Observation, MeanMethod)
        /// The limit that the share `share` (0 < share < 1) of all runs to come keep, values taken to be normal; in the
        /// metric's unit. With `around`, in that unit too, how far from it that share of them lies at most.
        case tolerance(share: Double, of: Observation, around: Double?)
        /// Events per time of the counted runs; the threshold has a unit such as `/h`.
        case rate(event: String)
        /// Mean time of the counted runs between events; the threshold has a unit of time.
        case mtbf(event: String)
        /// The share of time that the subject is up, which ends with the event `down` and begins again with `up`.
        case availability(down: String, up: String)
        /// How far the mean of the poses lies from what was commanded, in the metrics' unit, which is that of `command`
        /// too: AP of ISO 9283. No verdict with fewer than `cycles` poses.
        case poseAccuracy(axes: [Observation], command: [Double], cycles: Int)
        /// How closely poses agree with each other, in the metrics' unit: RP of ISO 9283. No verdict with fewer than `cycles` poses.
        case poseRepeatability(axes: [Observation], cycles: Int)
    }

    /// What a proportion counts.
    package enum Trials: Hashable, Sendable {
        /// Counted runs, of which those that end with `outcome` are hits; only those that end with a word of `among`,
        /// unless that is empty.
        case runs(outcome: String, among: [String])
        /// Events within counted runs: each `hit` is a hit, each `miss` a miss. Runs are independent of each other; the events of one run
        /// only where the definition says so.
        case events(hit: String, miss: String, areIndependent: Bool)
    }

    /// How the interval of a proportion is computed, or how it is decided.
    package enum ProportionMethod: Hashable, Sendable {
        /// Clopper & Pearson 1934: exact, never below its confidence.
        case clopperPearson
        /// Wilson 1927: shorter, about right on average.
        case wilson
        /// Wald 1945: decides after any run that the rate is beyond the threshold, or that it is not what was expected.
        ///
        /// `expect` lies on the good side of the threshold. A share on the bad side passes with a probability of at
        /// most 1 − confidence; a share of `expect` or better is turned down with one of at most 1 − power. What is turned down
        /// cannot pass any more; it fails where the bounds of a confidence sequence say so.
        case sprt(expect: Double, power: Double)
        /// Bounds that hold at every look together, so that one may stop at any.
        case anytime
    }

    /// The cycles that ISO 9283:1998, 7.2, prescribes for a pose.
    package static let prescribedCycles = 30

    package enum MeanMethod: String, Hashable, Sendable, CaseIterable {
        case studentT = "student-t"
        /// The bias-corrected and accelerated bootstrap, Efron 1987.
        case bca
    }
}

extension Criterion.ProportionMethod {
    /// Whether it may be looked at after any run.
    package var isSequential: Bool {
        switch self {
        case .clopperPearson, .wilson: false
        case .sprt, .anytime: true
        }
    }
}

extension Criterion.Statistic {
    /// The name that the file and the summary use.
    package var name: String {
        switch self {
        case .proportion: "proportion"
        case .quantile: "quantile"
        case .mean: "mean"
        case .tolerance: "tolerance"
        case .rate: "rate"
        case .mtbf: "mtbf"
        case .availability: "availability"
        case .poseAccuracy: "iso9283-ap"
        case .poseRepeatability: "iso9283-rp"
        }
    }

    /// The one value a run, or the samples, that it is over; nil where it is over none, or over several.
    package var observation: Criterion.Observation? {
        switch self {
        case .quantile(_, let observation), .mean(let observation, _), .tolerance(_, let observation, _): observation
        case .proportion, .rate, .mtbf, .availability, .poseAccuracy, .poseRepeatability: nil
        }
    }

    /// All that it takes from a run's samples.
    package var observations: [Criterion.Observation] {
        switch self {
        case .poseAccuracy(let axes, _, _), .poseRepeatability(let axes, _): axes
        default: observation.map { [$0] } ?? []
        }
    }

    /// The names of the events that it counts.
    package var events: [String] {
        switch self {
        case .proportion(.events(let hit, let miss, _), _): [hit, miss]
        case .rate(let event), .mtbf(let event): [event]
        case .availability(let down, let up): [down, up]
        case .proportion(.runs, _), .quantile, .mean, .tolerance, .poseAccuracy, .poseRepeatability: []
        }
    }

    /// Every statistic's name.
    package static let names = [
        "proportion", "quantile", "mean", "tolerance", "rate", "mtbf", "availability", "iso9283-ap", "iso9283-rp",
    ]
}
