import Delivery
import Frames
import Installation
import Platform
package import SegmentLog
package import Storage
package import Telemetry

/// How an archive is opened, and its store brought up to it.
extension Archive {
    /// Opens the archive and brings `store` up to it.
    ///
    /// A store that follows another archive, or knows more than this one holds (the archive was restored from a copy), is emptied
    /// first: it would call frames duplicates that are not here, and their agents would let go of them. So is one that an earlier version made.
    ///
    /// `segmentSize`: bytes. `install`: makes the identity of a new archive. `generation`: names this life of it.
    /// `anew`: empties the store in any case. How often frames came again is the one thing an archive does not know, so those counts
    /// are carried over, and so are registrations that it lacks, and the aggregates of runs whose frames have expired: nobody can make those again.
    /// `through`: reads no further than this, as if nothing had come later. `checkingChains`: fills ``chains``.
    /// `progress`: called now and then, and at the end.
    /// Throws `CollectorError` or `StoreError`.
    package static func open(
        _ directory: String, files: Files, store: some Store, segmentSize: Int = 4 << 20,
        install: @autoclosure () -> UUIDBytes = .random(), generation: UUIDBytes = .random(), anew: Bool = false,
        checkingChains: Bool = false, through extent: ArchiveExtent? = nil,
        progress: (ArchiveReading) -> Void = { _ in }
    ) throws -> Archive {
        try hold(directory, files: files, segmentSize: segmentSize, install: install()).open(
            store: store, generation: generation, anew: anew,
            checkingChains: checkingChains, through: extent,
            progress: progress)
    }

    /// Begins a start of the archive: takes its lock, and reads nothing yet.
    package static func hold(
        _ directory: String, files: Files, segmentSize: Int = 4 << 20,
        install: @autoclosure () -> UUIDBytes = .random()
    ) throws(CollectorError) -> HeldArchive<Files> {
        try requireKnownFormat(in: directory, files: files)
        let log: SegmentedLog<Files>
        do throws(LogError) {
            log = try SegmentedLog(
                directory: directory,
                options: LogOptions(laneCount: 2, segmentSize: segmentSize, capacity: .growing, scan: .unsealed),
                files: files)
        } catch {
            throw CollectorError(error)
        }
        do throws(InstallationError) {
            let known = try InstallationIdentity.read(in: directory, files: files)
            return HeldArchive(
                log: log, directory: directory, files: files,
                identity: known ?? InstallationIdentity(install: install(), epoch: 0))
        } catch {
            throw CollectorError(error)
        }
    }

    /// Begins the epoch of this start: before anything is written that names it, and after all that a later version may have written was found to
    /// be known.
    private mutating func startEpoch(in directory: String, files: Files) throws(CollectorError) {
        do throws(InstallationError) {
            identity = try .startEpoch(in: directory, files: files, install: identity.install)
        } catch {
            throw CollectorError(error)
        }
    }

    fileprivate static func read(
        _ opened: consuming SegmentedLog<Files>, in directory: String, files: Files, _ identity: InstallationIdentity,
        _ store: some Store,
        generation: UUIDBytes, anew: Bool, checkingChains: Bool, through extent: ArchiveExtent?,
        progress: (ArchiveReading) -> Void
    ) throws -> Archive {
        let stored = try store.load()
        let isForeign = stored.archive.map { $0 != identity.install } ?? false
        let durable = (events: opened.durable(eventLane).number, frames: opened.durable(frameLane).number)
        let isAhead = stored.archivePosition > durable.events || stored.framePosition > durable.frames
        let isEmptied = anew || isForeign || isAhead || stored.isOutdated
        // Whoever reads it all anyway does so beside a store that is kept, or into no store at all.
        if !anew, !checkingChains {
            let known = isEmptied ? (0, 0) : (stored.archivePosition, stored.framePosition)
            try requireKnownRecords(&opened, after: known, progress: progress)
        }
        if isEmptied { try store.clear(keepingAggregates: !isForeign && !isAhead) }
        var archive = Archive(opened, identity, generation, isEmptied ? StoredLedgers() : stored)
        if checkingChains { archive.chains = ChainCheck() }
        let count = try archive.catchUp(store, through: extent, progress: progress)
        try archive.startEpoch(in: directory, files: files)
        if isEmptied {
            for (scenario, digest) in stored.registrations.sorted(by: { $0.key < $1.key }) where !isForeign {
                try archive.register(digest, for: scenario)
            }
            for (stream, state) in stored.streams { archive.noteDuplicates(state.ledger.duplicates, of: stream) }
        }
        try archive.commit(to: store)
        if isEmptied { try store.removeReproducibleAggregates() }
        archive.stale = []
        progress(ArchiveReading(frames: count, share: 1))
        return archive
    }

    private mutating func noteDuplicates(_ count: UInt64, of stream: Frames.Stream) {
        guard count > 0, streams[stream] != nil else { return }
        streams[stream]?.ledger.noteDuplicates(count)
        pending.streams[stream] = streams[stream]
    }
}

/// An archive whose lock is held, and of which nothing has been read: no collector changes a store that follows it.
package struct HeldArchive<Files: FileSystem>: ~Copyable {
    fileprivate let log: SegmentedLog<Files>
    fileprivate let directory: String
    fileprivate let files: Files
    fileprivate let identity: InstallationIdentity

    /// As ``Archive/open(_:files:store:segmentSize:install:generation:anew:checkingChains:through:progress:)``.
    ///
    /// - Throws: `CollectorError` or `StoreError`.
    package consuming func open(
        store: some Store, generation: UUIDBytes = .random(), anew: Bool = false, checkingChains: Bool = false,
        through extent: ArchiveExtent? = nil, progress: (ArchiveReading) -> Void = { _ in }
    ) throws -> Archive<Files> {
        let (identity, directory, files) = (identity, directory, files)
        return try Archive.read(
            log, in: directory, files: files, identity, store, generation: generation, anew: anew,
            checkingChains: checkingChains, through: extent, progress: progress)
    }
}
