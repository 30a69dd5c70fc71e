package import Aggregation
import Delivery
import Frames
import Scenarios
import SegmentLog
import Storage
import Telemetry

/// Recomputes a summary from the archive and the definition, and nothing else: the collector's store is not looked at.
///
/// Nothing on the disk changes, and a collector may go on writing to the archive. See <doc:VerifyingSummaries>.
package struct Verification {
    /// What the archive is worth, and what it says.
    package struct Outcome: Sendable {
        /// Frames that were read.
        package var frames = 0
        package var streams = 0
        /// Log positions that could not be read back.
        package var damaged: [ClosedRange<UInt64>] = []
        /// Frames that do not follow the frame before them, `site/agent class number`.
        package var breaks: [String] = []
        /// Log positions of the archive's own notes that do not follow the note before them.
        package var noteBreaks: [UInt64] = []
        /// Notes that an earlier version wrote, which do not name the one before them.
        package var unlinkedNotes = 0
        /// Frames of which the one before is not in the archive, so that nothing can be said of their link.
        package var unchecked = 0
        /// What the archive says now, where it has grown since and was looked at as it was.
        package var today: Summary?
        /// What was computed now.
        package var recomputed: Summary
        package var differences: [SummaryDifference]

        /// Whether every checksum, hash chain and number is as it must be.
        package var holds: Bool {
            damaged.isEmpty && breaks.isEmpty && noteBreaks.isEmpty && differences.isEmpty
        }
    }

    private let entry: ScenarioLibrary.Entry
    private let archive: String
    private let scratch: String

    /// - Parameters:
    ///   - entry: the definition that the summary names.
    ///   - archive: the archive's directory.
    ///   - scratch: an empty directory for what is computed on the way; whoever made it removes it.
    package init(_ entry: ScenarioLibrary.Entry, archive: String, scratch: String) {
        self.entry = entry
        self.archive = archive
        self.scratch = scratch
    }

    /// Compares `summary` with what the archive gives.
    ///
    /// An archive that has grown since is read once: up to where the summary says that it was, and after that was summarised, on to its end.
    ///
    /// - Throws: `CollectorError`, `StoreError`, `AggregationError`.
    package func verify(_ summary: Summary, progress: (Rebuilding.Progress) -> Void) throws -> Outcome {
        let store = try SQLiteStore(draftBeside: scratch + "/store.db")
        let extent = summary.reproduction.extent.map { ArchiveExtent($0) }
        var frames = 0
        func note(_ reading: ArchiveReading) {
            progress(.reading(frames: frames + reading.frames, share: reading.share))
        }
        var read = 0
        var archive = try Archive.open(
            archive, files: OverlayFileSystem(over: POSIXFileSystem()), store: store, checkingChains: true,
            through: extent
        ) { reading in
            read = reading.frames
            note(reading)
        }
        frames = read
        var then: Outcome?
        if let extent, archive.reaches(beyond: extent) {
            then = try compute(like: summary, &archive, store, progress)
            frames += try archive.readOn(to: store, progress: note)
        }
        var present = try compute(like: summary, &archive, store, progress)
        present.frames = frames
        present.streams = archive.allStreams.count
        present.damaged = archive.damaged
        present.breaks = (archive.chains?.breaks ?? []).map {
            "\($0.stream.site)/\($0.stream.agent) \($0.stream.priority.name) \($0.sequence)"
        }
        present.unchecked = archive.chains?.unchecked ?? 0
        present.noteBreaks = archive.notes?.breaks ?? []
        present.unlinkedNotes = archive.notes?.unlinked ?? 0
        guard let then, !present.differences.isEmpty else { return present }
        var outcome = present
        outcome.today = present.recomputed
        (outcome.recomputed, outcome.differences) = (then.recomputed, then.differences)
        return outcome
    }

    /// What the archive says as far as it has been read.
    private func compute(
        like summary: Summary, _ archive: inout Archive<some FileSystem>, _ store: SQLiteStore,
        _ progress: (Rebuilding.Progress) -> Void
    ) throws -> Outcome {
        var books = [try RunBook(entry, store: store, archive.ledgers)]
        _ = try Rebuilding.fold(&books, &archive, store) { progress(.folding($0, of: $1)) }
        let ledgers = try store.load()
        let room = EvidenceRoom(entry, ledgers)
        let runs = try EvidenceRoom.runs(of: entry.definition, in: store, ledgers)
        var aggregates: [RunKey: RunAggregate] = [:]
        for (key, stored) in try store.aggregates(scenario: entry.definition.id, digest: entry.digest) {
            aggregates[key] = try RunAggregate(bytes: stored.bytes)
        }
        let asked = summary.reproduction.selection
        let whole = try room.summary(
            of: runs, aggregates: aggregates,
            EvidenceRoom.Selection(from: asked?.from, to: asked?.to, site: asked?.site, subject: asked?.subject),
            store: store,
            software: CollectorVersion.software)
        // What was made for readers outside is a function of the whole.
        let recomputed = whole.shared(with: summary.governance.sharing?.audience ?? .none)
        return Outcome(recomputed: recomputed, differences: SummaryDifference.between(summary, recomputed))
    }
}
