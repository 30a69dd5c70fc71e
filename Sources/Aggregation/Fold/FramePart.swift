import Scenarios
import Statistics
import Telemetry

/// What one frame, or several in a row, give to a run's aggregate as far as their order matters.
struct FramePart: Mergeable, Sendable {
    var metrics: [MetricPart]

    init(metrics count: Int) { metrics = [MetricPart](repeating: MetricPart(), count: count) }

    var isEmpty: Bool { metrics.allSatisfy(\.isEmpty) }

    mutating func merge(_ later: FramePart) {
        for index in metrics.indices { metrics[index].merge(later.metrics[index]) }
    }
}

/// The part of one metric.
struct MetricPart: Mergeable, Sendable {
    var dispersion = Dispersion()
    /// When the first sample was taken.
    var first: Int64?
    /// The latest finite sample.
    var last: (time: Int64, value: Double)?
    /// By series: the slot of its source in the fold.
    var presence = Slots<Presence>()
    /// By series and level rule: the series' slot times the number of the metric's rules, plus the rule's place among them.
    var levels = Slots<Exceedance>()

    var isEmpty: Bool { first == nil && levels.isEmpty }

    mutating func merge(_ later: MetricPart) {
        merge(later.dispersion, first: later.first, last: later.last)
        presence.merge(later.presence)
        levels.merge(later.levels)
    }

    mutating func merge(_ dispersion: Dispersion, first other: Int64?, last latest: (time: Int64, value: Double)?) {
        self.dispersion.merge(dispersion)
        if let other { first = min(first ?? other, other) }
        if let latest, latest.time >= last?.time ?? .min { last = latest }
    }
}

/// What does not depend on the order of frames.
struct FoldTotals: Sendable {
    struct MetricTotal: Sendable {
        var sketch = FoldTotals.emptySketch
        var unreliable = 0
        var marked = 0
        var envelope = Envelope()
        /// Every finite value, where exact quantiles are wanted and there are not too many.
        var values: [Double]?
        let mostValues: Int

        /// - Parameter mostValues: how many finite values are kept; none are where there are more, whatever came first.
        init(mostValues: Int) {
            self.mostValues = mostValues
            values = mostValues > 0 ? [] : nil
        }

        mutating func keep(_ finite: [Double]) {
            guard let count = values?.count else { return }
            if count + finite.count > mostValues { values = nil } else { values?.append(contentsOf: finite) }
        }
    }

    var metrics: [MetricTotal]
    var unusable: UInt64 = 0
    /// Events that safety rules watch. An event that several agents recorded is one event.
    var events: Set<Event> = []
    /// Frames with a sample or an event in the window.
    private(set) var frames = 0
    /// Samples and events in the window, whatever they are of.
    var samples: UInt64 = 0
    private var greatestError: Int64 = 0
    private var isTimeKnown = true

    /// Of these frames' clocks; nil without frames, or when the time of one is not known.
    var clockError: Int64? { frames > 0 && isTimeKnown ? greatestError : nil }

    /// - Parameter mostValues: by metric, how many finite values are kept.
    init(mostValues: [Int]) { metrics = mostValues.map(MetricTotal.init(mostValues:)) }

    mutating func note(clockError: Int64?) {
        frames += 1
        greatestError = max(greatestError, clockError ?? 0)
        isTimeKnown = isTimeKnown && clockError != nil
    }

    /// With the default error of 1 %, which all sketches here share so that they can be merged.
    static let emptySketch: Sketch = {
        do throws(StatisticsError) {
            return try Sketch()
        } catch {
            preconditionFailure("the default settings of a sketch are allowed: \(error)")
        }
    }()
}
