package import Telemetry

/// Makes markers of runs out of what rules found in series, and of the events that go with them.
///
/// A function of the sets of traces and events. Within a boot the boot clock orders what happened; boots of known times are laid side by side by
/// these times; a boot whose time is not known stands alone. See <doc:RunsByRule>.
package struct RunRecognition: Sendable {
    /// An event that tells of runs, as somebody recorded it.
    package struct Statement: Hashable, Sendable {
        package let event: Event
        package let site: Identifier
        package let source: Identifier
        /// Nil where the time came with the event, from an operator.
        package let boot: BootKey?
        package let instant: RecordedInstant

        package init(_ event: Event, site: Identifier, source: Identifier, boot: BootKey?, instant: RecordedInstant) {
            self.event = event
            self.site = site
            self.source = source
            self.boot = boot
            self.instant = instant
        }
    }

    let definition: ScenarioDefinition
    var rules: RunRules { definition.runs }

    package init(_ definition: ScenarioDefinition) { self.definition = definition }

    /// The markers of all runs.
    package func markers(_ traces: [RuleTrace], _ events: Set<Statement>) -> [RunMarker] {
        let sites = Set(traces.map(\.boot.site)).union(events.map(\.site))
        return sites.sorted().flatMap { site in
            let traces = traces.filter { $0.boot.site == site }
            let events = events.filter { $0.site == site }
            let subjects = Dictionary(grouping: traces, by: \.subject).sorted { $0.key < $1.key }
                .map { SubjectCourse($0.key, $0.value) }
            return rules.start.rule == nil
                ? stopped(subjects, events, at: site) : recognised(subjects, events, at: site)
        }
    }
}

/// Something that may begin or end a run of a subject, or say how one ended.
struct Occasion: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        /// By its place among the definition's stops; nil for one that only an event names.
        case stop(Int?)
        case start
        /// The event for which somebody stops a run.
        case statement(RunRecognition.Statement)

        /// Of several at one time the run that goes on ends before the next begins.
        var rank: Int {
            switch self {
            case .statement: 0
            case .stop(let place): 1 + (place ?? 0)
            case .start: .max
            }
        }
    }

    let kind: Kind
    /// Nil for what an operator published.
    let boot: BootKey?
    let instant: RecordedInstant

    static func precedes(_ a: Occasion, _ b: Occasion) -> Bool {
        if a.instant.sinceBoot != b.instant.sinceBoot { return a.instant.sinceBoot < b.instant.sinceBoot }
        return a.kind.rank < b.kind.rank
    }

    /// Nanoseconds from another to this; by the boot clock where one boot recorded both, nil where nobody can say.
    func distance(since other: Occasion) -> Int64? {
        if let boot, boot == other.boot {
            return Timestamp(nanoseconds: instant.sinceBoot)
                .nanoseconds(since: Timestamp(nanoseconds: other.instant.sinceBoot))
        }
        guard instant.isTimeKnown, other.instant.isTimeKnown else { return nil }
        return instant.time.nanoseconds(since: other.instant.time)
    }
}
