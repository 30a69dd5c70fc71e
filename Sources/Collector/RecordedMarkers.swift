import Aggregation
import Connection
import Frames
import Scenarios
import SegmentLog
import Storage
import Telemetry

/// The run markers of a scenario as they were recorded, or as rules over series tell them, placed in time by what is known of the clocks of the
/// boxes.
///
/// The runs are a function of the set of events, of the set of frames, and of the set of clock readings; neither order nor repetition matters.
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
    /// Nil where events alone mark runs.
    private var rules: RuleRecord?
    /// Whether all frames were looked at that rules are about.
    private(set) var isComplete: Bool
    private var events: Set<StoredEvent> = []
    private var published: Set<Statement> = []
    private var footings: [BootKey: Footing] = [:]
    private var ledger: RunLedger
    private var isStale = false

    /// Takes up what the store has of the scenario.
    init(_ definition: ScenarioDefinition, store: some Store, _ ledgers: StoredLedgers) throws(StoreError) {
        self.definition = definition
        ledger = RunLedger(definition)
        rules = try RuleRecord(definition, store: store, ledgers)
        isComplete = rules == nil
        isStale = rules != nil
        for stored in try store.events(named: definition.runs.eventNames) { _ = insert(stored) }
    }

    /// Takes in an event; false for one that is known or says nothing of the scenario's runs.
    mutating func insert(_ stored: StoredEvent) -> Bool {
        guard definition.runs.concerns(stored.event, scenario: definition.id), events.insert(stored).inserted else {
            return false
        }
        if stored.source == .collector { published.insert(Statement(site: stored.site, event: stored.event)) }
        isStale = true
        return true
    }

    /// More is known of a boot.
    mutating func note(_ boot: BootKey) { rules?.note(boot) }

    /// Whether there may be frames that rules have not seen.
    var isDue: Bool { rules?.isDue ?? false }

    /// Looks at the frames that rules have not seen, and tells why one could not be read back.
    ///
    /// - Throws: `StoreError`.
    mutating func catchUp(
        _ archive: inout Archive<some FileSystem>, _ store: some Store
    ) throws -> CollectorError? {
        guard let (isOther, failure) = try rules?.catchUp(&archive, store) else { return nil }
        isComplete = true
        isStale = isStale || isOther
        return failure
    }

    /// See `RuleRecord`.
    func lacking(_ ledgers: StoredLedgers, in store: some Store) throws(StoreError) -> Int {
        try rules?.lacking(ledgers, in: store) ?? 0
    }

    /// The ledger of the markers, as `boots` place them.
    mutating func ledger(_ boots: [BootKey: BootClock]) -> RunLedger {
        guard isStale || footings.contains(where: { $0.value != Footing(boots[$0.key]) }) else { return ledger }
        isStale = false
        ledger = RunLedger(definition)
        footings = [:]
        for boot in rules?.foundBoots ?? [] { footings[boot] = Footing(boots[boot]) }
        for stored in events { footings[stored.clock.boot] = Footing(boots[stored.clock.boot]) }
        if let rules {
            let statements = Set(events.map { statement($0, boots[$0.clock.boot]) })
            for marker in RunRecognition(definition).markers(rules.traces(boots), statements) { ledger.insert(marker) }
        } else {
            for stored in events {
                if let marker = marker(stored, boots[stored.clock.boot]) { ledger.insert(marker) }
            }
        }
        return ledger
    }

    /// A marker that was published carries its sender's time, and boxes record it as it is: the collector's own record, equal to the
    /// nanosecond, tells it from one that a box timed. The sender's clock is not known; its time is taken for true.
    private func isPublished(_ stored: StoredEvent) -> Bool {
        published.contains(Statement(site: stored.site, event: stored.event))
    }

    private func marker(_ stored: StoredEvent, _ clock: BootClock?) -> RunMarker? {
        guard var event = definition.runs.marker(stored.event) else { return nil }
        guard !isPublished(stored) else { return RunMarker(event, site: stored.site, source: stored.source) }
        let sinceBoot = stored.clock.elapsed(at: stored.event.timestamp)
        event.timestamp = Timestamp(nanoseconds: sinceBoot)
            .advanced(byNanoseconds: stored.clock.placedOffset(by: clock))
        return RunMarker(
            event, site: stored.site, source: stored.source,
            clock: RunMarker.Clock(
                boot: stored.clock.boot, sinceBoot: sinceBoot, isTimeKnown: stored.clock.isTimeKnown(by: clock)))
    }

    /// What was published is one statement, whoever recorded it.
    private func statement(_ stored: StoredEvent, _ clock: BootClock?) -> RunRecognition.Statement {
        let time = stored.event.timestamp
        guard !isPublished(stored) else {
            return RunRecognition.Statement(
                stored.event, site: stored.site, source: .collector, boot: nil,
                instant: RecordedInstant(
                    sinceBoot: time.nanoseconds, recorded: time, time: time, isTimeKnown: true))
        }
        let sinceBoot = stored.clock.elapsed(at: time)
        return RunRecognition.Statement(
            stored.event, site: stored.site, source: stored.source, boot: stored.clock.boot,
            instant: RecordedInstant(
                sinceBoot: sinceBoot, recorded: time,
                time: Timestamp(nanoseconds: sinceBoot).advanced(byNanoseconds: stored.clock.placedOffset(by: clock)),
                isTimeKnown: stored.clock.isTimeKnown(by: clock)))
    }
}
