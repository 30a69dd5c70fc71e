package import Telemetry

/// What rules over series make of runs.
extension RunRules {
    /// Whether any run begins or ends by a rule over a series.
    package var hasRules: Bool { start.rule != nil || stops.contains { $0.end.rule != nil } }

    /// The events that tell of runs.
    package var eventNames: [String] { [startEvent] + stopNames }

    /// The events that end runs. Where rules mark them, `run.stop` is always one: it is what an operator sends.
    var stopNames: [String] {
        hasRules && stopEvent != RunEvent.stopName ? [stopEvent, RunEvent.stopName] : [stopEvent]
    }

    /// Whether an event tells of runs of `scenario`.
    ///
    /// Where rules mark runs, an event need not name scenario and run: whose run is meant is told from where and when it occurred.
    package func concerns(_ event: Event, scenario: Identifier) -> Bool {
        guard hasRules else { return marker(event)?.scenario == scenario }
        if stopNames.contains(event.name) {
            return event["scenario"] == nil || event.text("scenario") == scenario.text
        }
        return start.rule == nil && marker(event)?.scenario == scenario
    }
}
