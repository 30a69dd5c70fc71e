package import Aggregation
import Frames
package import Scenarios
package import SegmentLog
package import Storage
package import Telemetry

/// The runs of one scenario as the collector follows them: which there are, which are folded, which must be folded again.
package struct RunBook {
    package let entry: ScenarioLibrary.Entry
    private var markers: RecordedMarkers
    package private(set) var runs: [Run] = []
    package private(set) var aggregates: [RunKey: RunAggregate] = [:]
    private var stretches: [RunKey: FoldedStretch] = [:]
    private var stale: Set<RunKey> = []
    /// Runs that were folded and are none any more, or have no end any more, since `removeVanished`.
    private var vanished: [RunKey] = []
    /// Whether a summary has been made, so that others are to know when there is no run any more.
    private var isTold = false
    /// The runs that may be kept no longer, of which the store has nothing any more.
    private var retired: Set<RunKey> = []
    /// What has happened since the last summary.
    package private(set) var news = News.runs

    /// How soon a summary should follow.
    package enum News: Int, Comparable, Sendable {
        case none
        /// More data of the same runs: only the account of what was delivered is other.
        case data
        /// A run was marked or folded.
        case runs

        package static func < (a: News, b: News) -> Bool { a.rawValue < b.rawValue }
    }

    /// Takes up the scenario where the store has it.
    package init(_ entry: ScenarioLibrary.Entry, store: some Store, _ ledgers: StoredLedgers) throws(StoreError) {
        self.entry = entry
        let definition = entry.definition
        markers = try RecordedMarkers(definition, store: store, ledgers)
        for (key, stored) in try store.aggregates(scenario: definition.id, digest: entry.digest) {
            // One that another version wrote is folded again.
            guard let aggregate = try? RunAggregate(bytes: stored.bytes) else { continue }
            aggregates[key] = aggregate
            stretches[key] = stored.stretch
            // An earlier version kept less. What has expired keeps what it has.
            if aggregate.isOfEarlierFormat || aggregate.lacksExactValues(definition) { stale.insert(key) }
        }
        runs = markers.ledger(ledgers.boots).runs(through: ledgers.horizon)
    }

    /// Takes in an event; true when it is a marker of this scenario that was not known.
    @discardableResult
    package mutating func note(_ stored: StoredEvent) -> Bool {
        guard markers.insert(stored) else { return false }
        news = .runs
        return true
    }

    /// More is known of a stretch of time: runs in it are to be folded again.
    package mutating func note(_ stretch: StaleStretch) {
        news = max(news, .data)
        markers.note(stretch.boot)
        for run in runs where stretch.touches(run) { stale.insert(RunKey(run)) }
    }

    /// Looks at the frames that the definition's rules over series have not seen, if it has such rules, and fixes its digest with the first run.
    ///
    /// The archive must have been committed, and may be again. `isRegistering`: false for one that only computes.
    /// - Returns: why a frame could not be read back; the others were seen.
    /// - Throws: `StoreError`, or `CollectorError` when the archive cannot be written.
    package mutating func recognise(
        _ archive: inout Archive<some FileSystem>, _ store: some Store, isRegistering: Bool = true
    ) throws -> CollectorError? {
        guard markers.isDue else { return nil }
        let failure = try markers.catchUp(&archive, store)
        guard isRegistering, archive.registrations[entry.definition.id] == nil else { return failure }
        takeUp(archive.ledgers)
        if !runs.isEmpty {
            try archive.register(entry.definition, digest: entry.digest)
            try archive.commit(to: store)
        }
        return failure
    }

    /// A frame of this boot came.
    package mutating func note(_ boot: BootKey) { markers.note(boot) }

    /// The runs as the markers tell them by now.
    private mutating func takeUp(_ ledgers: StoredLedgers) {
        let before = runs
        runs = markers.ledger(ledgers.boots).runs(through: ledgers.horizon)
        // A marker is news of its own; what rules found shows in the runs alone.
        if entry.definition.runs.hasRules, runs != before { news = .runs }
    }

    /// The runs whose aggregate is missing or no longer true; none before rules have seen all frames.
    package mutating func runsToFold(_ ledgers: StoredLedgers) -> [Run] {
        guard markers.isComplete else { return [] }
        takeUp(ledgers)
        if entry.definition.runs.hasRules { dropVanished() }
        var found: [Run] = []
        for run in runs {
            let key = RunKey(run)
            guard let stretch = FoldedStretch(run) else {
                // It had a window until another marker came, or until data showed that its stop was none.
                if stretches[key] != nil, entry.definition.runs.hasRules { vanished.append(key) }
                aggregates[key] = nil
                stretches[key] = nil
                continue
            }
            if stretches[key] != stretch || stale.contains(key) { found.append(run) }
        }
        return found
    }

    /// What rules recognise may be recognised otherwise once more is known.
    private mutating func dropVanished() {
        let present = Set(runs.map { RunKey($0) })
        for key in stretches.keys where !present.contains(key) {
            aggregates[key] = nil
            stretches[key] = nil
            vanished.append(key)
        }
        stale.formIntersection(present)
    }

    /// Removes from the store what was folded of runs that are none any more, or have no end any more.
    package mutating func removeVanished(from store: some Store) throws(StoreError) {
        guard !vanished.isEmpty else { return }
        try store.remove(vanished, scenario: entry.definition.id, digest: entry.digest)
        vanished = []
        news = .runs
    }

    /// What folding a run gave: nil when it cannot be folded; it is then left without until something changes.
    package mutating func folded(_ run: Run, _ aggregate: RunAggregate?) {
        let key = RunKey(run)
        aggregates[key] = aggregate
        stretches[key] = FoldedStretch(run)
        stale.remove(key)
        news = .runs
    }

    /// Frames of the run have expired: what was folded while they were there stands, if it is of the run as it is marked now, whatever
    /// was learned of the clock that marked it.
    package mutating func keep(_ run: Run) {
        let key = RunKey(run)
        let isKept = FoldedStretch(run).map { stretches[key]?.stands(for: $0) ?? false } ?? false
        folded(run, isKept ? aggregates[key] : nil)
    }

    /// Removes from the store what was folded of runs that may be kept no longer, under whichever definition, and lets go of it here after that: a
    /// store that fails is asked again the next time.
    ///
    /// - Returns: the runs of which there was something.
    package mutating func retire(_ ledgers: StoredLedgers, from store: some Store) throws(StoreError) -> [RunKey] {
        let old = runs.filter { ledgers.isRetired($0, entry.definition.governance) }
        let keys = Set(old.map { RunKey($0) })
        // One of which more was learned may be within its time again, and old another day.
        retired.formIntersection(keys)
        let fresh = old.filter { !retired.contains(RunKey($0)) }
        guard !fresh.isEmpty else { return [] }
        let removed = try store.removeAggregates(of: fresh.map { RunKey($0) }, scenario: entry.definition.id)
        for run in fresh { folded(run, nil) }
        retired = keys
        return removed
    }

    /// Whether there is something to make a summary of.
    package var isWorthTelling: Bool { !runs.isEmpty || isTold }

    /// A summary has been made of what there is.
    package mutating func summarised() {
        news = .none
        isTold = true
    }

    /// What was published may be gone: a broker that starts anew has no retained messages.
    package mutating func unpublished() { news = .runs }
}
