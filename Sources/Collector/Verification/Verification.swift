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
        /// Frames of which the one before is not in the archive, so that nothing can be said of their link.
        package var unchecked = 0
        /// What the archive says now, where it has grown since and was looked at as it was.
        package var today: Summary?
        /// What was computed now.
        package var recomputed: Summary
        package var differences: [SummaryDifference]

        /// Whether every checksum, hash chain and number is as it must be.
        package var holds: Bool { damaged.isEmpty && breaks.isEmpty && differences.isEmpty }
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
    /// - Throws: `CollectorError`, `StoreError`, `AggregationError`.
    package func verify(_ summary: Summary, progress: (Int) -> Void) throws -> Outcome {
        let present = try compute(like: summary, "present.db", through: nil, progress: progress)
        if present.differences.isEmpty { return present }
        // What came later is passed over: the archive is read up to where it was.
        guard let extent = summary.reproduction.extent else { return present }
        var then = try compute(like: summary, "then.db", through: ArchiveExtent(extent), progress: progress)
        then.frames = present.frames
        then.streams = present.streams
        then.damaged = present.damaged
        then.breaks = present.breaks
        then.unchecked = present.unchecked
        then.today = present.recomputed
        return then
    }

    private func compute(
        like summary: Summary, _ name: String, through extent: ArchiveExtent?, progress: (Int) -> Void
    ) throws -> Outcome {
        let store = try SQLiteStore(path: scratch + "/" + name)
        let files = OverlayFileSystem(over: POSIXFileSystem())
        var frames = 0
        var archive = try Archive.open(
            self.archive, files: files, store: store, checkingChains: extent == nil, through: extent
        ) { reading in
            frames = reading.frames
            progress(frames)
        }
        _ = try Rebuilding.fold([entry], &archive, store, isRegistering: false)
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
        return Outcome(
            frames: frames, streams: archive.allStreams.count, damaged: archive.damaged,
            breaks: (archive.chains?.breaks ?? []).map {
                "\($0.stream.site)/\($0.stream.agent) \($0.stream.priority.name) \($0.sequence)"
            },
            unchecked: archive.chains?.unchecked ?? 0, recomputed: recomputed,
            differences: SummaryDifference.between(summary, recomputed))
    }
}
