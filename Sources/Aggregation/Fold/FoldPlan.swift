import Frames
import Scenarios
import Telemetry

/// What a run's definition asks of its frames.
struct FoldPlan: Sendable {
    /// A metric that is made of samples.
    struct FoldedMetric: Sendable {
        let metric: Metric
        let selector: SeriesSelector
    }

    struct LevelRule: Sendable {
        let id: String
        let side: SafetyRule.Side
        let threshold: Double
        let lasting: Int64
    }

    let site: Identifier
    /// Nanoseconds; nil for a run without both ends, or one longer than 64 bits can count.
    let window: Range<Int64>?
    /// Where the parts of its envelopes begin and end, nanoseconds; none without a window.
    let edges: [Int64]
    /// The boot clock by which the run goes, and the wall clock at its zero; nil for a run that goes by the wall clock.
    let bootClock: (boot: BootKey, zero: Int64)?
    let isTimeKnown: Bool
    /// In the definition's order.
    let metrics: [FoldedMetric]
    /// By metric: how often a sample is expected, nanoseconds. Beside the metrics, since looking at one for every column would copy it.
    let intervals: [Int64?]
    /// By metric: the safety rules over its level.
    let levels: [[LevelRule]]
    /// By metric: whether there are any, for the same reason as ``intervals``.
    let hasLevels: [Bool]
    /// By metric: whether a criterion goes by the 95th percentile of a run.
    let asksForP95: [Bool]
    let safety: [SafetyRule]
    /// The events that criteria count, sorted.
    let counted: [String]
    let outages: [OutageRule]
    private let watched: Set<String>

    init(run: Run, definition: ScenarioDefinition) {
        site = run.site
        safety = definition.safety
        window = run.window.flatMap { window in
            window.upperBound.nanoseconds(since: window.lowerBound) == .max
                ? nil : window.lowerBound.nanoseconds..<window.upperBound.nanoseconds
        }
        edges = window.map(Envelope.edges) ?? []
        isTimeKnown = run.isTimeKnown
        bootClock = run.bootSpan.flatMap { span in
            run.start.map {
                (span.boot, $0.nanoseconds(since: Timestamp(nanoseconds: span.sinceBoot.lowerBound)))
            }
        }
        metrics = definition.metrics.compactMap { metric in
            guard case .series(let selector) = metric.source else { return nil }
            return FoldedMetric(metric: metric, selector: selector)
        }
        intervals = metrics.map(\.metric.every)
        levels = metrics.map { folded in
            definition.safety.compactMap { rule in
                guard case .level(folded.metric.id, let side, let threshold, let lasting) = rule.condition else {
                    return nil
                }
                return LevelRule(id: rule.id, side: side, threshold: threshold.value, lasting: lasting)
            }
        }
        hasLevels = levels.map { !$0.isEmpty }
        let quantiles = definition.metricsOfP95
        asksForP95 = metrics.map { quantiles.contains($0.metric.id) }
        counted = Set(definition.criteria.flatMap(\.statistic.events)).sorted()
        outages = Set(definition.criteria.compactMap { OutageRule($0) }).sorted()
        watched = Set(definition.safety.compactMap(\.condition.event) + counted)
    }

    /// Nanoseconds to add to a frame's times; nil for a frame of which nobody can say whether it belongs to the run.
    ///
    /// On the run's own boot clock nothing moves with the wall clock: neither a step within the run, nor one before it.
    func offset(of header: FrameHeader, _ placement: Placement) -> Int64? {
        if let bootClock, bootClock.boot == header.boot {
            return Timestamp(nanoseconds: bootClock.zero).nanoseconds(
                since: Timestamp(nanoseconds: header.clock.offset))
        }
        return isTimeKnown && placement.isTimeKnown ? placement.correction : nil
    }

    func watches(_ event: String) -> Bool { watched.contains(event) }

    /// Where the samples of a series go, whose source has this slot.
    func routes(for series: Series, slot: Int) -> [Route] {
        metrics.indices.compactMap { index in
            guard metrics[index].selector.matches(series) else { return nil }
            return Route(
                metric: index, slot: slot,
                conversion: UnitConversion(from: series.unit, to: metrics[index].metric.unit))
        }
    }
}

extension ScenarioDefinition {
    /// The metrics of which a criterion takes the 95th percentile of a run: the one value that rests on a quantile of samples.
    var metricsOfP95: Set<String> {
        Set(
            criteria.flatMap(\.statistic.observations).compactMap { observed in
                if case .perRun(let metric, .p95) = observed { metric } else { nil }
            })
    }
}

/// The way of one series into one metric.
struct Route: Sendable {
    /// The metric's place in the plan.
    let metric: Int
    /// The number of the series' source in the fold.
    let slot: Int
    /// Nil where the series' unit does not fit the metric's: its samples cannot be used.
    let conversion: UnitConversion?
    /// Whether values stay as they are.
    let isIdentity: Bool

    init(metric: Int, slot: Int, conversion: UnitConversion?) {
        self.metric = metric
        self.slot = slot
        self.conversion = conversion
        isIdentity = conversion?.isIdentity ?? false
    }
}

/// The ways of the series of one stream.
struct RouteTable: Sendable {
    /// Agents number their series from 0 on; a number that is far beyond is kept elsewhere, so that nobody pays for it with memory.
    private static let denseLimit = 16_384
    private var dense: [[Route]?] = []
    private var sparse: [SeriesID: [Route]] = [:]

    /// Nil for a series that was never defined.
    subscript(series: SeriesID) -> [Route]? {
        get {
            let number = Int(series.rawValue)
            if number < dense.count { return dense[number] }
            return number < Self.denseLimit ? nil : sparse[series]
        }
        set {
            let number = Int(series.rawValue)
            guard number < Self.denseLimit else {
                sparse[series] = newValue
                return
            }
            while dense.count <= number { dense.append(nil) }
            dense[number] = newValue
        }
    }
}

/// A series as it stays the same over restarts: who measures it, and its name with its tags.
struct SeriesSource: Hashable, Sendable, Comparable {
    let agent: Identifier
    let key: String

    static func < (a: SeriesSource, b: SeriesSource) -> Bool { (a.agent, a.key) < (b.agent, b.key) }
}
