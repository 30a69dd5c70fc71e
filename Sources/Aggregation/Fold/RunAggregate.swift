package import Scenarios
import Statistics
package import Telemetry

/// Names a run: two sites may give the same id.
package struct RunKey: Hashable, Sendable, Comparable {
    package let site: Identifier
    package let run: Identifier

    package init(site: Identifier, run: Identifier) {
        self.site = site
        self.run = run
    }

    package init(_ run: Run) { self.init(site: run.site, run: run.id) }

    package static func < (a: RunKey, b: RunKey) -> Bool { (a.site, a.run) < (b.site, b.run) }
}

/// All that a verdict needs of the samples and events of one run.
///
/// A function of the run's window, the definition's metrics and safety rules, and the set of frames; ``bytes`` are
/// equal whenever these are.
package struct RunAggregate: Equatable, Sendable {
    /// What one metric's samples within the run amount to, in the metric's unit.
    struct Metric: Equatable, Sendable {
        let id: String
        /// Count, extremes, exact sum, quantiles.
        let sketch: Sketch
        let dispersion: Dispersion
        /// Samples left out because they were marked unreliable.
        let unreliable: Int
        /// Samples that count although they were marked out of range or past calibration; nil in one that an earlier version made.
        let marked: Int?
        let first: Timestamp?
        let last: LastSample?
        /// The 0.95 quantile without a sketch's error, where a criterion asks for it and the fold kept all values.
        let exactP95: Double?
        /// Those series that a sample came from, sorted; empty unless the metric says how often it is expected.
        let series: [Series]
        /// For drawings.
        let envelope: Envelope
    }

    /// The sample with the latest time.
    struct LastSample: Hashable, Sendable {
        let time: Timestamp
        let value: Double
    }

    /// How well one series covers the run.
    struct Series: Hashable, Sendable {
        let source: SeriesSource
        /// Nanoseconds of the run's window.
        let covered: Int64
        /// Nanoseconds.
        let longestGap: Int64
        /// The longest gaps, nanoseconds since 1970, in the order of time; nil in one that an earlier version made.
        var gaps: [Presence.Gap]?
    }

    /// What one safety rule found.
    struct Breaches: Hashable, Sendable {
        let rule: String
        /// Events of the name, allowed ones too; or episodes beyond the level.
        let count: Int
        let first: Timestamp?
    }

    /// How often an event that a criterion counts occurred.
    struct EventCount: Hashable, Sendable {
        let name: String
        let count: Int
    }

    /// How long the subject was up and down, as one criterion tells it.
    struct Uptime: Hashable, Sendable {
        let rule: OutageRule
        let time: Aggregation.Uptime
    }

    /// Frames with a sample or an event in the run.
    package let frames: Int
    /// Samples and events in the run, whatever they are of.
    package let samples: UInt64
    /// The largest bound on the error of the times of these frames, nanoseconds; nil without frames, or when the time of one is not
    /// known.
    package let clockError: Int64?
    /// Samples in the run that could not be used: their series was never defined, or its unit does not fit.
    package let unusable: UInt64
    /// The metrics made of samples, in the definition's order.
    let metrics: [Metric]
    /// One for each safety rule, in the definition's order.
    let breaches: [Breaches]
    /// One for each event that a criterion counts, sorted by name.
    let events: [EventCount]
    /// One for each pair of events that an availability goes by, sorted.
    let uptimes: [Uptime]
    /// The version of the format that it was made in.
    var format = RunAggregate.formats.upperBound

    /// Those of versions 4 and 5 are read too: of runs that have expired there is no other.
    static let formats: ClosedRange<UInt8> = 4...6

    /// Whether a fold of the same frames today would know more, whatever the definition asks.
    package var isOfEarlierFormat: Bool { format < Self.formats.upperBound }

    /// Whether a fold of the same frames today would know a 95th percentile exactly that is known from the sketch alone.
    package func lacksExactValues(_ definition: ScenarioDefinition) -> Bool {
        definition.metricsOfP95.contains { id in
            metric(id).map { $0.exactP95 == nil && (1...RunFold.mostValues).contains($0.sketch.count) } ?? false
        }
    }

    func metric(_ id: String) -> Metric? { place(of: id).map { metrics[$0] } }

    /// Where the metric stands, found without a copy of those that it is not.
    func place(of metric: String) -> Int? {
        for index in metrics.indices where metrics[index].id == metric { return index }
        return nil
    }

    /// The series of a metric, without a copy of the rest of it.
    func series(of metric: String) -> [Series] {
        place(of: metric).map { metrics[$0].series } ?? []
    }

    /// How often the event occurred; nil for an event that no criterion counts.
    func count(of event: String) -> Int? { events.first { $0.name == event }?.count }

    func uptime(_ rule: OutageRule) -> Aggregation.Uptime? { uptimes.first { $0.rule == rule }?.time }
}
