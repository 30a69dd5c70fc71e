import Aggregation
import Delivery
import Scenarios
import SegmentLog
import Storage
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

    /// Empties the store, reads the whole archive, folds every run.
    ///
    /// - Throws: `CollectorError` when a collector holds the archive, `StoreError`, `AggregationError`.
    package func run(progress: (Int) -> Void) throws -> Result {
        let store = try SQLiteStore(path: settings.store)
        var frames = 0
        var archive = try Archive.open(settings.archive, files: POSIXFileSystem(), store: store, anew: true) { count in
            frames = count
            progress(count)
        }
        let horizon = EvidenceRoom.horizon(archive.allStreams)
        var folding = Folding()
        var runs = 0
        for entry in library.entries {
            var book = try RunBook(entry, store: store, through: horizon)
            for run in book.runsToFold(through: horizon) {
                let aggregate = try folding.aggregate(of: run, entry.definition, archive: &archive, store: store)
                if let window = run.window {
                    try store.save(
                        StoredAggregate(window: window, bytes: aggregate.bytes), of: RunKey(run),
                        scenario: entry.definition.id, digest: entry.digest)
                }
                book.folded(run, aggregate)
                runs += 1
            }
        }
        let streams = archive.allStreams.count
        try archive.close()
        return Result(frames: frames, streams: streams, runs: runs)
    }
}
