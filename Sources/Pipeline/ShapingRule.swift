package import Telemetry

/// One item of `pipeline:` that shapes what inputs give: which series, and what is done to them.
///
/// The steps of a rule are taken in a fixed order, whatever the order of their keys, so that two people read the same from it: what a
/// series is called, then what its numbers mean, then which of them are kept.
package struct ShapingRule: Hashable, Sendable {
    package enum Step: Hashable, Sendable {
        case rename(NameTemplate)
        case tags(set: [Tag], remove: [String])
        /// The numbers are in this unit; the source did not say.
        case unit(Unit)
        /// The numbers are to be in this unit.
        case convert(Unit)
        /// value × factor + offset.
        case scale(factor: Double, offset: Double)
        /// What the sensor can give, in the series' unit; `clamp`: what is beyond is also set to the nearer end.
        case range(ClosedRange<Double>, clamp: Bool)
        case calibration(serial: String?, expiry: Timestamp?)
        /// `band`: in `unit`, or in the series' where that is nil; `every`: nanoseconds after which a value is kept in any case.
        case deadBand(Double, unit: Unit?, every: Int64?)
        /// One value, or few, of so many nanoseconds.
        case downSample(every: Int64, keep: DownSampling.Kept)
        /// The change per unit of time.
        case derivative(per: Unit)
        /// So many samples in so many nanoseconds, for each series.
        case rateLimit(count: Int, per: Int64)
        /// Kept in memory only, and saved around an event.
        case capture(CaptureRule)
    }

    package let pattern: SeriesPattern
    /// Sorted by key.
    package let tags: [TagPattern]
    /// Only samples of this class; nil for both.
    package let priority: PriorityClass?
    /// The steps are taken on a copy of this name, and the series itself goes on untouched.
    package let copy: NameTemplate?
    package let steps: [Step]

    package init(
        _ pattern: SeriesPattern, where tags: [TagPattern] = [], class priority: PriorityClass? = nil,
        as copy: NameTemplate? = nil, _ steps: [Step]
    ) {
        self.pattern = pattern
        self.tags = tags.sorted()
        self.priority = priority
        self.copy = copy
        self.steps = steps
    }

    package func matches(_ series: Series) -> Bool {
        pattern.matches(series.name) && tags.allSatisfy { $0.matches(series) }
    }

    /// Rules of one box.
    package static let most = 256
}

/// Around which event raw data are saved, and how much of them.
package struct CaptureRule: Hashable, Sendable {
    /// The name of the event, such as `estop.pressed`; `*` stands for any characters.
    package let event: SeriesPattern
    /// Nanoseconds saved before the event and after it.
    package let before: Int64
    package let after: Int64
    /// Bytes of memory that the data may take while they wait, at most; all of it is had once the first come.
    package let memory: Int64

    package init(on event: SeriesPattern, before: Int64, after: Int64, memory: Int64 = Self.usualMemory) {
        self.event = event
        self.before = before
        self.after = after
        self.memory = memory
    }

    package static let usualMemory: Int64 = 4 << 20
}
