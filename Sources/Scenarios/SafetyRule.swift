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
        for key in ["budget", "burn"] {
            reader.reserved(
                key, "burn rates are not computed by this version; give 'at-most' for the events of the period")
        }
        _ = reader.contains("metric") ? reader.optional("metric", as: .string) : nil
        let hasBudget = reader.contains("budget") || reader.contains("burn")
        let limit =
            hasBudget
            ? reader.optional("at-most", as: .integer(in: 0...)) : reader.required("at-most", as: .integer(in: 0...))
        return limit.map { .events(name: name, atMost: $0) }
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
