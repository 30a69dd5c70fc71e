package import Configuration
package import Telemetry

/// How runs begin and end, and how they may end.
package struct RunRules: Hashable, Sendable {
    /// How many runs may be left out of the count, and which.
    package struct ExclusionRule: Hashable, Sendable {
        /// Runs with this outcome do not count.
        package let outcome: String
        /// The largest share of all ended runs that may be left out so; with more there is no pass.
        package let atMost: Double
    }

    /// What begins or ends a run.
    package enum End: Hashable, Sendable {
        /// An event of this name.
        case event(String)
        /// The moment at which a condition over a series began to hold.
        case rule(SeriesRule)

        /// Nil for an event.
        package var rule: SeriesRule? {
            if case .rule(let rule) = self { rule } else { nil }
        }
    }

    /// One of the ways in which a run may end.
    package struct Stop: Hashable, Sendable {
        package let end: End
        /// How a run has ended that ends so; nil where others tell.
        package let outcome: String?
    }

    package let start: End
    /// At least one; what comes first ends the run.
    package let stops: [Stop]
    /// Whose runs the rules tell apart.
    package let subject: RunSubject
    /// What tells how a run ended, where no marker and no stop does.
    package let outcomeSeries: OutcomeSeries?
    /// The words for how a run ends, distinct, at least one.
    package let outcomes: [String]
    package let exclusion: ExclusionRule?
    /// How long a run may take, nanoseconds.
    package let timeout: Int64?

    /// The rules of a definition that states none.
    package init() {
        start = .event(RunEvent.startName)
        stops = [Stop(end: .event(RunEvent.stopName), outcome: nil)]
        subject = .device
        outcomeSeries = nil
        outcomes = Self.defaultOutcomes
        exclusion = nil
        timeout = nil
    }

    /// The outcomes of a definition that states none.
    package static let defaultOutcomes = ["success", "failure", "aborted", "invalid"]

    /// The event that marks a start; `run.start` by default.
    package var startEvent: String {
        if case .event(let name) = start { name } else { RunEvent.startName }
    }

    /// The event that marks a stop; `run.stop` by default. Where rules stop runs, it may end one before they do, or say how it ended.
    package var stopEvent: String {
        for case .event(let name) in stops.lazy.map(\.end) { return name }
        return RunEvent.stopName
    }

    /// The outcomes that a counted run can have.
    package var countedOutcomes: [String] { outcomes.filter { $0 != exclusion?.outcome } }

    /// Reads a run marker under the names that the definition gives to them.
    ///
    /// Nil when the event is none of both, or lacks `scenario` or `id`.
    package func marker(_ event: Event) -> RunEvent? {
        switch event.name {
        case startEvent: RunEvent(Event(RunEvent.startName, at: event.timestamp, attributes: event.attributes))
        case stopEvent: RunEvent(Event(RunEvent.stopName, at: event.timestamp, attributes: event.attributes))
        default: nil
        }
    }
}

extension RunRules.ExclusionRule: ConfigurationDecodable {
    package init(from reader: inout MappingReader) {
        outcome = reader.required("outcome", as: .nonEmptyString)
        atMost = reader.required("at-most", as: .ratio)
    }
}

extension ValueFormat where Value == String {
    /// The name of an event, as `Event` has it.
    static var eventName: ValueFormat {
        .string.matching("an event name: \(Series.nameRule)") { Series.isValidName($0) }
    }
}

extension ValueFormat where Value == [String] {
    static var outcomes: ValueFormat {
        ValueFormat(expected: "a sequence of outcomes", placeholder: []) { reader in
            let outcomes = reader.read(as: .sequence(of: .located(ValueFormat<String>.identifier), count: 1...)) ?? []
            var seen: Set<String> = []
            for outcome in outcomes where !seen.insert(outcome.value).inserted {
                reader.report("outcome '\(outcome.value)' is listed twice; remove one")
            }
            return outcomes.map(\.value)
        }
    }
}
