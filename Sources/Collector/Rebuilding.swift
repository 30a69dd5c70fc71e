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

    /// How far it has come.
    package enum Progress: Hashable, Sendable {
        /// `frames`: read so far; `share`: of the archive's bytes, 0 to 1.
        case reading(frames: Int, share: Double)
        /// Runs folded, and to be folded, of all scenarios.
        case folding(Int, of: Int)
    }

    private let settings: CollectorSettings
    private let library: ScenarioLibrary

    package init(_ settings: CollectorSettings, _ library: ScenarioLibrary) {
        self.settings = settings
        self.library = library
    }

    /// Reads the whole archive, folds every run of which no frame has expired, and puts what that gives in the place of the store. Runs of which
    /// frames have expired keep the aggregates that the store had, until they may be kept no longer.
    ///
    /// All is made beside the store, which is replaced at the end, in one step: a rebuild that is ended before leaves it as it was.
    ///
    /// - Throws: `CollectorError` when a collector holds the archive, `StoreError`, `AggregationError`.
    package func run(progress: (Progress) -> Void) throws -> Result {
        try Archive.requireKnownFormat(in: settings.archive, files: POSIXFileSystem())
        let store = try SQLiteStore(path: settings.store)
        // First of all: what a running collector saved while its store was copied would be lost with the old one.
        let held = try Archive.hold(settings.archive, files: POSIXFileSystem())
        let draft = try store.makeDraft()
        var frames = 0
        var archive = try held.open(store: draft, anew: true) { reading in
            frames = reading.frames
            progress(.reading(frames: reading.frames, share: reading.share))
        }
        var books = try library.entries.map { [ledgers = archive.ledgers] in try RunBook($0, store: draft, ledgers) }
        let runs = try Self.fold(&books, &archive, draft) { progress(.folding($0, of: $1)) }
        for index in books.indices { _ = try books[index].retire(archive.ledgers, from: draft) }
        let streams = archive.allStreams.count
        try store.adopt(draft)
        try archive.close()
        return Result(frames: frames, streams: streams, runs: runs)
    }

    /// Folds every run that the store has no true aggregate of, and tells how many.
    ///
    /// `isRegistering`: whether a definition that has its first run by a rule is put on record in the archive.
    package static func fold(
        _ entries: [ScenarioLibrary.Entry], _ archive: inout Archive<some FileSystem>, _ store: some Store,
        isRegistering: Bool = true
    ) throws -> Int {
        let ledgers = archive.ledgers
        var books = try entries.map { try RunBook($0, store: store, ledgers) }
        return try fold(&books, &archive, store, isRegistering: isRegistering)
    }

    /// Folds the runs of `books` whose aggregate is missing or no longer true, saves them in the store, and tells how many. The books are not
    /// told of the aggregates, which are many.
    ///
    /// `archive`: all of it durable.
    package static func fold(
        _ books: inout [RunBook], _ archive: inout Archive<some FileSystem>, _ store: some Store,
        isRegistering: Bool = true, progress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) throws -> Int {
        for index in books.indices {
            if let failure = try books[index].recognise(&archive, store, isRegistering: isRegistering) { throw failure }
        }
        let ledgers = archive.ledgers
        var jobs: [FoldingJob] = []
        for index in books.indices {
            let due = books[index].runsToFold(ledgers)
            try books[index].removeVanished(from: store)
            let entry = books[index].entry
            for run in due {
                guard let stretch = FoldedStretch(run) else { continue }
                if ledgers.hasExpired(of: run) {
                    books[index].keep(run)
                } else {
                    jobs.append(FoldingJob(run, stretch, entry))
                }
            }
        }
        let threads = FoldingThreads(archive: archive.log.peek, boots: ledgers.boots, store: store)
        try threads.fold(jobs) { progress($0, jobs.count) }
        return jobs.count
    }
}
