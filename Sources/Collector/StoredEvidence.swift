package import Aggregation
import Platform
import Scenarios
import Storage
import Telemetry

/// Summaries from the store alone, beside a collector that runs or without one.
package struct StoredEvidence {
    private let store: SQLiteStore

    /// - Throws: `StoreError`.
    package init(_ settings: CollectorSettings) throws {
        store = try SQLiteStore(path: settings.store, mustExist: true)
    }

    /// - Throws: `CollectorError` when runs of the selection are not folded yet, `StoreError`, `AggregationError`.
    package func summary(of entry: ScenarioLibrary.Entry, _ selection: EvidenceRoom.Selection) throws -> Summary {
        let definition = entry.definition
        let ledgers = try store.load()
        let room = EvidenceRoom(entry, ledgers)
        var markers = try RecordedMarkers(definition, store: store, ledgers)
        guard try markers.lacking(ledgers, in: store) == 0 else {
            throw CollectorError(
                .notReady,
                "the rules that mark runs have not seen all frames yet; a running collector shows them within seconds, or after a restart when "
                    + "the definition has changed; without one, run 'fieldproof rebuild'")
        }
        let runs = markers.ledger(ledgers.boots).runs(through: ledgers.horizon)
        let stored = try store.aggregates(scenario: definition.id, digest: entry.digest)
        let selected = room.runsToTell(of: runs, selection).told.filter { FoldedStretch($0) != nil }
        let kept = selected.map { run -> [UInt8]? in
            guard let kept = stored[RunKey(run)], let stretch = FoldedStretch(run),
                kept.stretch == stretch || ledgers.hasExpired(of: run) && kept.stretch.stands(for: stretch)
            else { return nil }
            return kept.bytes
        }
        var aggregates: [RunKey: RunAggregate] = [:]
        aggregates.reserveCapacity(selected.count)
        var unfolded = 0
        let decoded = Threads.map(kept) { bytes in bytes.flatMap { try? RunAggregate(bytes: $0) } }
        for (run, aggregate) in zip(selected, decoded) {
            if let aggregate {
                aggregates[RunKey(run)] = aggregate
            } else if !ledgers.hasExpired(of: run) {
                unfolded += 1
            }
        }
        guard unfolded == 0 else {
            throw CollectorError(
                .notReady,
                "\(unfolded) of \(runs.count) runs are not folded under this definition yet; a running collector does so within "
                    + "seconds, or after a restart when the definition has changed; without one, run 'fieldproof rebuild'"
            )
        }
        return try room.summary(
            of: runs, aggregates: aggregates, selection, store: store, software: CollectorVersion.software)
    }
}
