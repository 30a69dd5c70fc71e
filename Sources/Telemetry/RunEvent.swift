/// The start or the stop of a run, as an operator, a program or the box itself marks it.
package struct RunEvent: Hashable, Sendable {
    /// Which end of the run is marked.
    package enum Phase: Hashable, Sendable {
        case start
        case stop
    }

    package var phase: Phase
    package var scenario: Identifier
    package var run: Identifier
    package var timestamp: Timestamp
    /// The system under test; usually given at the start.
    package var subject: String?
    /// How it ended, in the words of the scenario's `outcomes`; given at the stop.
    package var outcome: String?
    /// Why it failed, in the operator's words.
    package var failureMode: String?
    /// Whether a person had to step in.
    package var intervention: Bool?

    package init(
        _ phase: Phase, scenario: Identifier, run: Identifier, at timestamp: Timestamp, subject: String? = nil,
        outcome: String? = nil, failureMode: String? = nil, intervention: Bool? = nil
    ) {
        self.phase = phase
        self.scenario = scenario
        self.run = run
        self.timestamp = timestamp
        self.subject = subject
        self.outcome = outcome
        self.failureMode = failureMode
        self.intervention = intervention
    }

    /// The name of the event that marks the start of a run.
    package static let startName = "run.start"
    /// The name of the event that marks the stop of a run.
    package static let stopName = "run.stop"

    /// The marker as an event with the attributes `scenario`, `id`, `subject`, `outcome`, `failure_mode`, `intervention`.
    package var event: Event {
        var attributes = [
            Event.Attribute("scenario", .text(scenario.text)), Event.Attribute("id", .text(run.text)),
        ]
        if let subject { attributes.append(Event.Attribute("subject", .text(subject))) }
        if let outcome { attributes.append(Event.Attribute("outcome", .text(outcome))) }
        if let failureMode { attributes.append(Event.Attribute("failure_mode", .text(failureMode))) }
        if let intervention { attributes.append(Event.Attribute("intervention", .boolean(intervention))) }
        let name = phase == .start ? Self.startName : Self.stopName
        return Event(name, at: timestamp, attributes: attributes)
    }

    /// Reads a run marker; nil when `event` is not one or lacks a valid scenario or run id.
    package init?(_ event: Event) {
        let phase: Phase
        switch event.name {
        case Self.startName: phase = .start
        case Self.stopName: phase = .stop
        default: return nil
        }
        guard let scenario = event.text("scenario").flatMap({ Identifier($0) }),
            let run = event.text("id").flatMap({ Identifier($0) })
        else { return nil }
        var intervention: Bool?
        if case .boolean(let value)? = event["intervention"] { intervention = value }
        self.init(
            phase, scenario: scenario, run: run, at: event.timestamp, subject: event.text("subject"),
            outcome: event.text("outcome"), failureMode: event.text("failure_mode"), intervention: intervention)
    }
}
