/// What one frame, or several in a row, show of the series of a run that goes on.
struct WatchPart: Mergeable, Sendable {
    /// What is watched of one metric.
    struct MetricPart: Mergeable, Sendable {
        /// By series: the slot of its source in the watch.
        var latest = Slots<LatestSample>()
        /// By series and level rule: the series' slot times the number of the metric's rules, plus the rule's place among them.
        var levels = Slots<Exceedance>()

        mutating func merge(_ later: MetricPart) {
            latest.merge(later.latest)
            levels.merge(later.levels)
        }
    }

    var metrics: [MetricPart]

    init(metrics count: Int) { metrics = [MetricPart](repeating: MetricPart(), count: count) }

    var isEmpty: Bool { metrics.allSatisfy(\.latest.isEmpty) }

    mutating func merge(_ later: WatchPart) {
        for index in metrics.indices { metrics[index].merge(later.metrics[index]) }
    }
}

/// The sample of a series with the latest time.
struct LatestSample: Mergeable, Hashable, Sendable {
    /// Nanoseconds.
    var time: Int64
    /// In the metric's unit; nil when it is no finite number.
    var value: Double?

    mutating func merge(_ later: LatestSample) {
        if later.time >= time { self = later }
    }
}
