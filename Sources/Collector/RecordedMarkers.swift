import Connection
import Frames
import Scenarios
import Storage
import Telemetry

/// The run markers of a scenario as they were recorded, placed in time by what is known of the clocks that recorded them.
///
/// The runs are a function of the set of events and of the set of clock readings; neither order nor repetition matters.
struct RecordedMarkers {
    /// What an operator published, whoever recorded it.
    private struct Statement: Hashable {
        let site: Identifier
        let event: Event
    }

    /// How a boot places what it recorded without a synchronised clock.
    private struct Footing: Hashable {
        let offset: Int64
        let isTimeKnown: Bool

        init(_ clock: BootClock?) {
            offset = clock?.unsynchronisedOffset ?? 0
            isTimeKnown = clock?.isTimeKnown ?? false
        }
    }

    private let definition: ScenarioDefinition
    private var events: Set<StoredEvent> = []
    private var published: Set<Statement> = []
    private var footings: [BootKey: Footing] = [:]
    private var ledger: RunLedger
    private var isStale = false

    init(_ definition: ScenarioDefinition) {
        self.definition = definition
        ledger = RunLedger(definition)
    }

    /// Takes in an event; false for one that is known or no marker of the scenario.
    mutating func insert(_ stored: StoredEvent) -> Bool {
        guard definition.runs.marker(stored.event)?.scenario == definition.id, events.insert(stored).inserted else {
            return false
        }
        if stored.source == .collector { published.insert(Statement(site: stored.site, event: stored.event)) }
        isStale = true
        return true
    }

    /// The ledger of the markers, as `boots` place them.
    mutating func ledger(_ boots: [BootKey: BootClock]) -> RunLedger {
        guard isStale || footings.contains(where: { $0.value != Footing(boots[$0.key]) }) else { return ledger }
        isStale = false
        ledger = RunLedger(definition)
        footings = [:]
        for stored in events {
            footings[stored.clock.boot] = Footing(boots[stored.clock.boot])
            if let marker = marker(stored, boots[stored.clock.boot]) { ledger.insert(marker) }
        }
        return ledger
    }

    /// A marker that was published carries its sender's time, and boxes record it as it is: the collector's own record, equal to the
    /// nanosecond, tells it from one that a box timed. The sender's clock is not known; its time is taken for true.
    private func marker(_ stored: StoredEvent, _ clock: BootClock?) -> RunMarker? {
        guard var event = definition.runs.marker(stored.event) else { return nil }
        guard !published.contains(Statement(site: stored.site, event: stored.event)) else {
            return RunMarker(event, site: stored.site, source: stored.source)
        }
        let sinceBoot = stored.clock.elapsed(at: stored.event.timestamp)
        event.timestamp = Timestamp(nanoseconds: sinceBoot)
            .advanced(byNanoseconds: stored.clock.placedOffset(by: clock))
        return RunMarker(
            event, site: stored.site, source: stored.source,
            clock: RunMarker.Clock(
                boot: stored.clock.boot, sinceBoot: sinceBoot, isTimeKnown: stored.clock.isTimeKnown(by: clock)))
    }
}
