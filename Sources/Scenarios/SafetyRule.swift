import Configuration
import Telemetry

/// What must not happen, whatever the criteria say.
package struct SafetyRule: Hashable, Sendable {
    /// How grave a breach is; the gravest is the greatest.
    package enum Severity: String, Hashable, Sendable, CaseIterable, Comparable {
        case warning
        case major
        /// A breach makes the scenario fail.
        case critical

        package static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }

        private var rank: Int {
            switch self {
            case .warning: 0
            case .major: 1
            case .critical: 2
            }
        }
    }

    /// The side of a threshold that is dangerous; the threshold itself is not.
    package enum Side: String, Hashable, Sendable {
        case above
        case below

        package func isBreached(by value: Double, _ threshold: Double) -> Bool {
            switch self {
            case .above: value > threshold
            case .below: value < threshold
            }
        }
    }

    /// When the rule is breached.
    package enum Condition: Hashable, Sendable {
        /// More than `atMost` events of this name in the whole period.
        case events(name: String, atMost: Int)
        /// A metric beyond the threshold, in the metric's unit, without a break for `lasting` nanoseconds; 0 means that
        /// one sample is enough.
        case level(metric: String, Side, threshold: Threshold, lasting: Int64)
        /// Runs in which the event occurs use up the share `budget` of runs that may have it, too fast: the rule of one of `burns`
        /// holds at the end of some run.
        case burn(event: String, budget: Double, [BurnRule])

        /// The event that is watched; nil for a level.
        package var event: String? {
            switch self {
            case .events(let name, _), .burn(let name, _, _): name
            case .level: nil
            }
        }
    }

    /// When a budget is used up too fast: in both windows, at `factor` times the speed at which it would just last.
    ///
    /// The long window tells that it matters, the short one that it still goes on (Beyer et al., The Site Reliability Workbook, 2018,
    /// chapter 5, "Multiwindow, Multi-Burn-Rate Alerts").
    package struct BurnRule: Hashable, Sendable {
        /// Nanoseconds, above `short`.
        package let long: Int64
        /// Nanoseconds, above 0.
        package let short: Int64
        /// Above 1.
        package let factor: Double
    }

    /// An identifier, unique among the safety rules of the definition.
    package let id: String
    package let severity: Severity
    package let condition: Condition
}

extension ValueFormat where Value == WithID<SafetyRule> {
    /// A safety rule over what a definition declares; without a value after a report.
    static func safetyRule(_ declared: Declarations) -> ValueFormat {
        .mapping { reader in
            let id = reader.required("id", as: .identifier)
            let severity = reader.required("severity", as: ValueFormat<SafetyRule.Severity>.enumeration)
            reader.exactlyOne(of: ["event", "metric"])
            let condition: SafetyRule.Condition?
            if reader.contains("event") {
                condition = events(&reader)
            } else if reader.contains("metric") {
                condition = level(declared, &reader)
            } else {
                // Both kinds' keys are fine, so that only what no rule has is called unknown.
                for key in ["event", "metric", "at-most", "above", "below", "for"] {
                    _ = reader.optional(key, as: .core)
                }
                condition = nil
            }
            return WithID(
                id: id, value: condition.map { SafetyRule(id: id, severity: severity, condition: $0) })
        }
    }

    private static func events(_ reader: inout MappingReader) -> SafetyRule.Condition? {
        let name = reader.required("event", as: .eventName)
        _ = reader.contains("metric") ? reader.optional("metric", as: .string) : nil
        guard reader.contains("budget") || reader.contains("burn") else {
            let limit = reader.required("at-most", as: .integer(in: 0...))
            return .events(name: name, atMost: limit)
        }
        if reader.contains("at-most") {
            _ = reader.optional("at-most", as: .core)
            reader.report("cannot stand beside 'budget'; keep one of them", key: "at-most")
        }
        let budget = reader.required("budget", as: .openRatio)
        let burns = reader.required("burn", as: .sequence(of: .mapping { BurnReader.read(&$0, budget) }, count: 1...))
        return .burn(event: name, budget: budget, burns)
    }

    private static func level(_ declared: Declarations, _ reader: inout MappingReader) -> SafetyRule.Condition? {
        let id = reader.required("metric", as: .string)
        let above = reader.optional("above", as: .located(ValueFormat<Quantity>.quantity))
        let below = reader.optional("below", as: .located(ValueFormat<Quantity>.quantity))
        reader.exactlyOne(of: ["above", "below"])
        let lasting = reader.value("for", as: .nanoseconds, default: 0)
        guard let metric = declared.metric(id, key: "metric", reader) else { return nil }
        guard metric.source != .runDuration else {
            reader.report(
                "run.duration is known only when a run is over; give runs.timeout or a criterion", key: "metric")
            return nil
        }
        guard let limit = above ?? below,
            let threshold = Threshold.converting(limit, to: metric.unit, of: "'\(id)'", reader: reader)
        else { return nil }
        return .level(metric: id, above == nil ? .below : .above, threshold: threshold, lasting: lasting)
    }
}

/// Reads `{long: 1h, short: 5m, factor: 14.4}`.
private enum BurnReader {
    static func read(_ reader: inout MappingReader, _ budget: Double) -> SafetyRule.BurnRule {
        let long = reader.required("long", as: .nanoseconds(in: 1...))
        let short = reader.required("short", as: .nanoseconds(in: 1...))
        let factor = reader.required("factor", as: .double)
        if reader.isSound("long"), reader.isSound("short"), short >= long {
            reader.report("must be shorter than 'long'", key: "short")
        }
        if reader.isSound("factor") {
            if factor <= 1 {
                reader.report("must be above 1, the speed at which the budget just lasts", key: "factor")
            } else if factor * budget > 1 {
                let most = Threshold.plain(1 / budget)
                reader.report(
                    "can never be exceeded: with every run affected the budget burns at \(most) times; give less",
                    key: "factor")
            }
        }
        return SafetyRule.BurnRule(long: long, short: short, factor: factor)
    }
}
