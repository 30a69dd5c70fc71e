import Aggregation
import Delivery
import Scenarios
package import SegmentLog
package import Storage
import Telemetry

/// Makes a store anew from its archive.
package struct Rebuilding {
    package struct Result: Hashable, Sendable {
        package let frames: Int
        package let streams: Int
        package let runs: Int
    }

    private let settings: CollectorSettings
    private let library: ScenarioLibrary

    package init(_ settings: CollectorSettings, _ library: ScenarioLibrary) {
        self.settings = settings
        self.library = library
    }

    /// Empties the store, reads the whole archive, folds every run of which no frame has expired. The others keep the aggregates
    /// that the store had.
    ///
    /// - Throws: `CollectorError` when a collector holds the archive, `StoreError`, `AggregationError`.
    package func run(progress: (Int) -> Void) throws -> Result {
        let store = try SQLiteStore(path: settings.store)
        var frames = 0
        var archive = try Archive.open(settings.archive, files: POSIXFileSystem(), store: store, anew: true) { count in
            frames = count
            progress(count)
        }
        let runs = try Self.fold(library.entries, &archive, store)
        let streams = archive.allStreams.count
        try archive.close()
        return Result(frames: frames, streams: streams, runs: runs)
    }

    /// Folds every run that the store has no true aggregate of, and tells how many.
    package static func fold(
        _ entries: [ScenarioLibrary.Entry], _ archive: inout Archive<some FileSystem>, _ store: some Store
    ) throws -> Int {
        let ledgers = archive.ledgers
        var folding = Folding()
        var runs = 0
        for entry in entries {
            var book = try RunBook(entry, store: store, ledgers)
            for run in book.runsToFold(ledgers) {
                guard let stretch = FoldedStretch(run) else { continue }
                if ledgers.hasExpired(of: run) {
                    book.keep(run)
                    continue
                }
                let aggregate = try folding.aggregate(
                    of: run, entry.definition, archive: &archive, boots: ledgers.boots, store: store)
                try store.save(
                    StoredAggregate(stretch, bytes: aggregate.bytes), of: RunKey(run),
                    scenario: entry.definition.id, digest: entry.digest)
                book.folded(run, aggregate)
                runs += 1
            }
        }
        return runs
    }
}
