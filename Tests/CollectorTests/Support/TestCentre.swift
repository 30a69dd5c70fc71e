import Aggregation
import Configuration
import Foundation
import Frames
import JSON
import Scenarios
import Storage
import Telemetry
import TestSupport

@testable import Collector

/// A collector without a network: an archive in memory, a store on disk, and the runs as a collector follows them.
final class TestCentre {
    private let folder: URL
    private let files = FaultyFileSystem(seed: 1)
    private let store: SQLiteStore
    private var archive: Archive<FaultyFileSystem>
    private var book: RunBook
    private var folding = Folding()
    private var entry: ScenarioLibrary.Entry
    /// What the wall clock of the last frame showed.
    private var now = Centre.begin
    private let segmentSize: Int

    static let rules = "{gap-at-most: 2s, coverage-at-least: 0.9, clock-error-at-most: 500ms}"

    static let criterion = "{id: ok, statistic: proportion, outcome: success, at-least: 0.001, confidence: 0.95}"

    init(
        completeness: String = rules, more: String = "", segmentSize: Int = 4 << 20, criterion: String = criterion
    ) throws {
        self.segmentSize = segmentSize
        folder = FileManager.default.temporaryDirectory.appending(path: "centre-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        entry = try Self.entry(completeness, more, criterion)
        store = try SQLiteStore(path: folder.appending(path: "store.db").path)
        archive = try Archive.open(
            "/archive", files: files, store: store, segmentSize: segmentSize, install: UUIDBytes(high: 99, low: 1))
        book = try RunBook(entry, store: store, archive.ledgers)
    }

    private static func entry(_ completeness: String, _ more: String, _ criterion: String = criterion) throws
        -> ScenarioLibrary.Entry
    {
        ScenarioLibrary.Entry(
            try ScenarioDefinition(
                ConfigurationFile(
                    name: "lifting.yaml",
                    text: """
                        schema: fieldproof/scenario/v1
                        id: lifting
                        version: 1.0.0
                        title: {en: Lifting}
                        setting: real
                        metrics:
                          cycle-time: {series: run.duration, unit: s}
                          force: {series: gripper.force, unit: N, every: 1s}
                        criteria:
                          - \(criterion)
                        completeness: \(completeness)
                        \(more)
                        """)))
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// What the collector's thread does with a frame.
    func take(_ frame: [UInt8]) throws {
        var decoder = FrameDecoder()
        let header = try decoder.decode(frame)
        now = header.clock.wall
        guard try archive.admit(decoder, frame) == .admitted else { return }
        let clock = RecordedClock(header)
        book.note(clock.boot)
        for event in decoder.extras.events {
            _ = book.note(
                StoredEvent(site: header.stream.site, source: header.stream.agent, event: event, clock: clock))
        }
        for stretch in archive.takeStale() { book.note(stretch) }
    }

    func take(_ frames: [[UInt8]]) throws {
        for frame in frames { try take(frame) }
    }

    /// Commits, and folds what is not folded.
    ///
    /// - Returns: the ids of the runs that were folded.
    @discardableResult
    func fold() throws -> [String] {
        try archive.commit(to: store)
        if let failure = try book.recognise(&archive, store) { throw failure }
        let ledgers = archive.ledgers
        let runs = book.runsToFold(ledgers)
        try book.removeVanished(from: store)
        var folded: [String] = []
        for run in runs {
            guard !ledgers.hasExpired(of: run) else {
                book.keep(run)
                continue
            }
            let aggregate = try folding.aggregate(
                of: run, entry.definition, archive: &archive, boots: ledgers.boots, store: store)
            if let stretch = FoldedStretch(run) {
                try store.save(
                    StoredAggregate(stretch, bytes: aggregate.bytes), of: RunKey(run), scenario: entry.definition.id,
                    digest: entry.digest)
            }
            book.folded(run, aggregate)
            folded.append(run.id.text)
        }
        return folded
    }

    /// Lets the oldest segments go, and tells how many frames were in them.
    ///
    /// `wall`: what the collector's clock shows; nil for what that of the last frame did.
    func expire(segments: Int, at wall: Timestamp? = nil) throws -> UInt64 {
        let expiry = try archive.expire(ArchiveRetention(size: 1), at: Centre.clock(wall ?? now), limit: segments)
        try archive.commit(to: store)
        return expiry.frames
    }

    /// Lets go of what was folded of runs that may be kept no longer, and names those of which there was something.
    func retire() throws -> [String] { try retire(from: store) }

    /// The same with another store in the place of the collector's.
    func retire(from store: some Store) throws -> [String] {
        try book.retire(archive.ledgers, from: store).map(\.run.text)
    }

    /// The collector starts with another definition of the scenario; tells the digest of the one before.
    func redefine(completeness: String = rules, more: String) throws -> String {
        let former = entry.digest
        entry = try Self.entry(completeness, more)
        book = try RunBook(entry, store: store, archive.ledgers)
        return former
    }

    /// The runs of which there is an aggregate under a digest of the definition; nil for that of the present one.
    func kept(under digest: String? = nil) throws -> [String] {
        let aggregates = try store.aggregates(scenario: entry.definition.id, digest: digest ?? entry.digest)
        return aggregates.keys.map(\.run.text).sorted()
    }

    /// The collector stops and starts again.
    func restart() throws {
        try archive.commit(to: store)
        try reopen(anew: false)
    }

    /// As `fieldproof rebuild` does it.
    func rebuild() throws {
        try reopen(anew: true)
        try fold()
    }

    private func reopen(anew: Bool) throws {
        try archive.synchronize()
        files.endProcess()
        archive = try Archive.open("/archive", files: files, store: store, segmentSize: segmentSize, anew: anew)
        book = try RunBook(entry, store: store, archive.ledgers)
    }

    func summary(_ selection: EvidenceRoom.Selection = .init()) throws -> Summary {
        try EvidenceRoom(entry, archive.ledgers).summary(
            of: book.runs, aggregates: book.aggregates, selection, store: store, software: "fieldproof 1.0.0")
    }

    /// The runs as the collector has them.
    var runs: [Run] { book.runs }

    /// What the store has that was made of frames: of runs and of rules, in no order.
    func derived() throws -> Set<String> {
        let aggregates = try store.aggregates(scenario: entry.definition.id, digest: entry.digest)
        let plan = RulePlan(entry.definition)
        let parts = try plan.map { try store.ruleParts(of: "sha256:\(FrameDigest(of: Array($0.text.utf8)))") } ?? []
        return Set(aggregates.map { "\($0.key) \($0.value.stretch) \($0.value.bytes)" })
            .union(parts.map { "\($0)" })
    }

    /// The keys of what was folded.
    func folded() throws -> Set<RunKey> {
        Set(try store.aggregates(scenario: entry.definition.id, digest: entry.digest).keys)
    }

    var registered: String? { archive.registrations[entry.definition.id] }

    /// The runs as another program reads them from the store.
    func read() throws -> [Run] {
        try archive.commit(to: store)
        return try EvidenceRoom.runs(of: entry.definition, in: store, store.load())
    }

    /// What the runs recorded, read beside the open archive.
    func replay(_ selection: EvidenceRoom.Selection = .init()) throws -> [RecordedMoment] {
        try archive.commit(to: store)
        var replay = try RunReplay(entry, selection, store: store, archive: "/archive", files: files)
        var moments: [RecordedMoment] = []
        try replay.play { moments.append($0) }
        return moments
    }

    /// What is known of the causes of alerts when a collector looks, at `now` by `CLOCK_MONOTONIC`; every run is read from the archive anew.
    func facts(_ losses: inout LossWatch, at now: Int64, isHeard: Bool) throws -> [Alert.Fact] {
        try fold()
        var watch = ScenarioWatch(entry)
        watch.follow(book)
        try losses.look(archive.ledgers, at: watch.sitesWithOpenRuns, store, now) { _ in isHeard }
        try watch.catchUp(&archive, store)
        return watch.facts(
            AgentWatch(patience: 1), losses, at: now, Timestamp(nanoseconds: now), limit: nil, isWhole: { _ in true },
            isTold: { _, _ in false })
    }

    /// The whole summary, as bytes.
    func json() throws -> String { String(decoding: try summary().json.compact(), as: UTF8.self) }
}
