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

    /// The event that marks a start; `run.start` by default.
    package let startEvent: String
    /// The event that marks a stop; `run.stop` by default.
    package let stopEvent: String
    /// The words for how a run ends, distinct, at least one.
    package let outcomes: [String]
    package let exclusion: ExclusionRule?
    /// How long a run may take, nanoseconds.
    package let timeout: Int64?

    /// The rules of a definition that states none.
    package init() {
        startEvent = RunEvent.startName
        stopEvent = RunEvent.stopName
        outcomes = Self.defaultOutcomes
        exclusion = nil
        timeout = nil
    }

    /// The outcomes of a definition that states none.
    package static let defaultOutcomes = ["success", "failure", "aborted", "invalid"]

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

extension RunRules: ConfigurationDecodable {
    package init(from reader: inout MappingReader) {
        startEvent = reader.value("start", as: .marker, default: RunEvent.startName)
        stopEvent = reader.value("stop", as: .marker, default: RunEvent.stopName)
        outcomes = reader.value("outcomes", as: .outcomes, default: Self.defaultOutcomes)
        exclusion = reader.optional("exclude", as: .mapping { ExclusionRule(from: &$0) })
        timeout = reader.optional("timeout", as: .nanoseconds(in: 1...))

        if startEvent == stopEvent, reader.isSound("start"), reader.isSound("stop") {
            reader.report("is the same event as that of 'start'; a run must end by another", key: "stop")
        }
        if let exclusion, reader.isSound("outcomes"), reader.isSound("exclude") {
            let place = reader.place(of: "exclude")
            if !outcomes.contains(exclusion.outcome) {
                reader.report(unknownOutcome(exclusion.outcome), at: place)
            } else if outcomes.count == 1 {
                reader.report("leaves no outcome that counts; declare another in 'outcomes'", at: place)
            }
        }
    }

    func unknownOutcome(_ word: String) -> String {
        "outcome '\(word)' is not among runs.outcomes"
            + MappingReader.suggestion(for: word, among: outcomes, noun: "outcome")
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

    /// `{event: run.start}`.
    fileprivate static var marker: ValueFormat {
        .mapping { reader in
            reader.reserved(
                "series", "this version marks runs by events only; give 'event' instead of a rule over a series")
            return reader.contains("series")
                ? reader.value("event", as: .eventName, default: "") : reader.required("event", as: .eventName)
        }
    }
}

extension ValueFormat where Value == [String] {
    fileprivate static var outcomes: ValueFormat {
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
