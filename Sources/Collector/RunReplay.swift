import Aggregation
import Frames
import Scenarios
package import SegmentLog
package import Storage
package import Telemetry

/// Something that a run recorded, at its place in time.
package struct RecordedMoment: Hashable, Sendable {
    package enum Content: Hashable, Sendable {
        case sample(Series, Value, Quality)
        /// Its time is the moment's.
        case event(Event)
    }

    package let site: Identifier
    package let agent: Identifier
    package let time: Timestamp
    package let content: Content
}

/// The samples and events of runs, read back from the archive, beside a collector that runs or without one.
///
/// Neither the archive's lock is taken nor anything changed. Memory is bounded by the list of frames of one run, or of runs of one site that
/// overlap, and a few segments.
package struct RunReplay<Files: FileSystem> {
    private let store: any Store
    private let boots: [BootKey: BootClock]
    private let markers: Set<String>
    private let groups: [[Run]]
    private var archive: SegmentPeek<Files>
    private var series: (stream: Frames.Stream, known: [SeriesID: Series])?

    /// The runs of a scenario that are selected, but for those that may be kept no longer; `archive` is the archive's directory.
    ///
    /// - Throws: `StoreError`.
    package init(
        _ entry: ScenarioLibrary.Entry, _ selection: EvidenceRoom.Selection, store: any Store, archive: String,
        files: Files
    ) throws(StoreError) {
        let ledgers = try store.load()
        let room = EvidenceRoom(entry, ledgers)
        let runs = try EvidenceRoom.runs(of: entry.definition, in: store, ledgers)
        self.store = store
        boots = ledgers.boots
        markers = Set(entry.definition.runs.eventNames)
        groups = Self.overlapping(room.runsToTell(of: runs, selection).told)
        self.archive = SegmentPeek(directory: archive, files: files)
    }

    /// Runs of one site that overlap each other, together, in the order in which they began: what two runs hold is told once.
    static func overlapping(_ runs: [Run]) -> [[Run]] {
        var groups: [[Run]] = []
        var open: [Identifier: (group: Int, end: Timestamp)] = [:]
        let windowed = runs.compactMap { run in run.window.map { (run: run, window: $0) } }
        for (run, window) in windowed.sorted(by: { $0.window.lowerBound < $1.window.lowerBound }) {
            if let last = open[run.site], window.lowerBound < last.end {
                groups[last.group].append(run)
                open[run.site] = (last.group, max(last.end, window.upperBound))
            } else {
                open[run.site] = (groups.count, window.upperBound)
                groups.append([run])
            }
        }
        return groups
    }

    /// Tells every moment of the runs once, nearly in order: frames one after another by their first time, in order within each frame.
    /// Markers of runs are left out.
    ///
    /// - Throws: `StoreError`, `FrameError`, `CollectorError` when a frame cannot be read back, and what `visit` throws.
    package mutating func play(_ visit: (RecordedMoment) throws -> Void) throws {
        for group in groups {
            for archived in try frames(of: group) {
                for moment in try moments(of: archived, in: group) { try visit(moment) }
            }
        }
    }

    private func frames(of group: [Run]) throws -> [ArchivedFrame] {
        var found: [(frame: ArchivedFrame, first: Int64)] = []
        var seen: Set<FrameName> = []
        for run in group {
            for frame in try store.frames(of: run) {
                guard let times = frame.times,
                    seen.insert(FrameName(stream: frame.stream, sequence: frame.sequence)).inserted
                else { continue }
                let offset = frame.clock.placedOffset(by: boots[frame.clock.boot])
                found.append((frame, times.lowerBound.addingReportingOverflow(offset).partialValue))
            }
        }
        return found.sorted { one, other in
            (one.first, one.frame.sequence) < (other.first, other.frame.sequence)
        }.map(\.frame)
    }

    private mutating func moments(of archived: ArchivedFrame, in group: [Run]) throws -> [RecordedMoment] {
        let frame = try Frame(decoding: read(archived))
        let stream = frame.header.stream
        let known = try definitions(of: stream)
        let clock = frame.header.clock
        let placement = boots[frame.header.boot]?.placement(of: clock) ?? Placement(asRecordedAt: clock)
        let offsets = group.compactMap { run in
            run.offset(of: frame.header, placement).flatMap { offset in run.window.map { (window: $0, offset: offset) }
            }
        }
        /// In the first of the runs that hold it.
        func place(_ time: Timestamp) -> Timestamp? {
            offsets.lazy.map { (time.advanced(byNanoseconds: $0.offset), $0.window) }.first { $1.contains($0) }?.0
        }
        var moments: [RecordedMoment] = []
        for sample in frame.samples {
            guard let time = place(sample.timestamp) else { continue }
            // One that was never defined has a number for a name, and no unit.
            let series = known[sample.series] ?? Series("series-\(sample.series.rawValue)", kind: .state)
            moments.append(
                RecordedMoment(
                    site: stream.site, agent: stream.agent, time: time,
                    content: .sample(series, sample.value, sample.quality)))
        }
        for event in frame.extras.events where !markers.contains(event.name) {
            guard let time = place(event.timestamp) else { continue }
            moments.append(
                RecordedMoment(
                    site: stream.site, agent: stream.agent, time: time,
                    content: .event(Event(event.name, at: time, attributes: event.attributes))))
        }
        return moments.sorted { $0.time < $1.time }
    }

    private mutating func definitions(of stream: Frames.Stream) throws -> [SeriesID: Series] {
        // The classes of one start share their definitions.
        var start = stream
        start.priority = .event
        if let series, series.stream == start { return series.known }
        let known = try store.series(of: stream)
        series = (start, known)
        return known
    }

    private mutating func read(_ archived: ArchivedFrame) throws(CollectorError) -> [UInt8] {
        let bytes: [UInt8]
        do throws(LogError) {
            bytes = try archive.read(at: Location(segment: archived.segment, offset: archived.offset))
        } catch  where error.code == .notFound {
            throw CollectorError(
                .notReady, "frames of the runs expired from the archive while they were read; try again",
                path: error.path)
        } catch {
            throw CollectorError(error)
        }
        guard FrameDigest(of: bytes) == archived.digest else {
            throw CollectorError(
                .archive,
                "frame \(archived.sequence) of \(archived.stream.agent) is not the one that the store knows; "
                    + "run 'fieldproof rebuild'")
        }
        return bytes
    }
}

/// By which a frame is known.
private struct FrameName: Hashable {
    let stream: Frames.Stream
    let sequence: UInt64
}

extension RunReplay<POSIXFileSystem> {
    /// As a collector's configuration names store and archive.
    ///
    /// - Throws: `StoreError`.
    package init(
        _ settings: CollectorSettings, _ entry: ScenarioLibrary.Entry, _ selection: EvidenceRoom.Selection
    ) throws(StoreError) {
        try self.init(
            entry, selection, store: SQLiteStore(path: settings.store, mustExist: true), archive: settings.archive,
            files: POSIXFileSystem())
    }
}

extension Run {
    /// Nanoseconds to add to a frame's times; nil for a frame of which nobody can say whether it belongs to the run. As runs are folded:
    /// by the boot clock for what the run's own boot recorded.
    fileprivate func offset(of header: FrameHeader, _ placement: Placement) -> Int64? {
        if let bootSpan, bootSpan.boot == header.boot, let start {
            let zero = start.nanoseconds(since: Timestamp(nanoseconds: bootSpan.sinceBoot.lowerBound))
            return Timestamp(nanoseconds: zero).nanoseconds(since: Timestamp(nanoseconds: header.clock.offset))
        }
        return isTimeKnown && placement.isTimeKnown ? placement.correction : nil
    }
}
