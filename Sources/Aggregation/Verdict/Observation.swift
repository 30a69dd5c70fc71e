import Scenarios
import Statistics
import Telemetry

/// The value that one run gives to a criterion, as far as it is known: somewhere from `low` to `high`.
struct Observation: Hashable, Sendable {
    /// The best single number; +∞ for a run that never ended, nil when nothing is known.
    let value: Double?
    let low: Double
    let high: Double

    /// Nothing is known of it, so bounds must hold whatever it was.
    static let missing = Observation(value: nil, low: -.infinity, high: .infinity)

    init(value: Double?, low: Double, high: Double) {
        self.value = value
        self.low = low
        self.high = high
    }

    init(exact value: Double?) {
        guard let value, value.isFinite else {
            self = .missing
            return
        }
        self.init(value: value, low: value, high: value)
    }

    var isExact: Bool { low == high }

    /// One of the numbers that a value may be.
    enum End: CaseIterable {
        case best
        case low
        case high
    }

    /// The same as if that number were exact; what is not known to a range stays as it is.
    func exact(at end: End) -> Observation {
        guard let value, low.isFinite, high.isFinite else { return self }
        return switch end {
        case .best: Observation(exact: value)
        case .low: Observation(exact: low)
        case .high: Observation(exact: high)
        }
    }
}

extension Evidence {
    /// What a run gives to a criterion over one value a run.
    func observation(_ observed: Scenarios.Criterion.Observation, of run: Run) -> Observation {
        switch observed {
        case .runDuration(let metric):
            guard let unit = definition.metric(metric)?.unit else { return .missing }
            return duration(of: run, in: unit)
        case .perRun(let metric, let reduction):
            guard let folded = aggregate(of: run)?.metric(metric), folded.sketch.count > 0 else { return .missing }
            return folded.reduced(by: reduction)
        case .samples:
            return .missing
        }
    }

    /// A run that ran out of time without a stop lasted longer than the timeout: how much longer, nobody knows.
    private func duration(of run: Run, in unit: Unit) -> Observation {
        func converted(_ nanoseconds: Int64) -> Double? {
            Unit.convert(Double(nanoseconds) / 1e9, from: .second, to: unit)
        }
        if let duration = run.duration { return Observation(exact: converted(duration)) }
        guard run.start != nil, run.flags.contains(.timedOut), let timeout = definition.runs.timeout,
            let least = converted(timeout)
        else { return .missing }
        return Observation(value: .infinity, low: least, high: .infinity)
    }
}

extension RunAggregate.Metric {
    func reduced(by reduction: Scenarios.Criterion.Reduction) -> Observation {
        switch reduction {
        case .mean: Observation(exact: sketch.mean)
        case .max: Observation(exact: sketch.maximum)
        case .min: Observation(exact: sketch.minimum)
        case .last: Observation(exact: last?.value)
        case .duration:
            Observation(
                exact: first.flatMap { first in last.map { Double($0.time.nanoseconds(since: first)) / 1e9 } })
        case .p95: exactP95.map { Observation(exact: $0) } ?? sketchedP95
        }
    }

    private var sketchedP95: Observation {
        let rank = 1 + Int(0.95 * Double(sketch.count - 1))
        // A rank within 1…count has an enclosure, and 0.95 is a probability: neither can fail.
        guard let range = sketch.enclosure(ofRank: rank), let value = try? sketch.quantile(0.95) else {
            return .missing
        }
        return Observation(value: value, low: range.lowerBound, high: range.upperBound)
    }
}
