import Aggregation
import Frames
import SegmentLog
import Storage
import StorageSupport
import Telemetry
import TestSupport
import Testing

@testable import Collector

/// What an archive tells its store is enough to take away every aggregate that is no longer true, and no other.
@Suite("Which aggregates an archive makes stale")
struct StaleAggregateTests {
    private let store = ModelStore()
    private let files = FaultyFileSystem()
    private static let definition = SeriesDefinition(id: SeriesID(rawValue: 0), series: Series("a"))

    /// A run that was folded.
    private func fold(_ window: Range<Timestamp>, at site: Identifier) throws {
        try store.save(
            StoredAggregate(FoldedStretch(window: window, bootSpan: nil), bytes: []),
            of: RunKey(site: site, run: .named("r")), scenario: .named("s"), digest: "d")
    }

    private var isKept: Bool { get throws { try !store.aggregates(scenario: .named("s"), digest: "d").isEmpty } }

    private func open() throws -> Archive<FaultyFileSystem> {
        try Archive.open("/archive", files: files, store: store, install: UUIDBytes(high: 1, low: 2))
    }

    @Test(
        "go when a definition comes after the samples that it is of",
        arguments: [
            // Samples of the epoch before, within and after the run; the same, told of another epoch, install or site.
            (0, 1, 1, "here", true), (12, 1, 1, "here", false), (21, 1, 1, "here", true), (12, 2, 1, "here", true),
            (12, 1, 2, "here", true), (12, 1, 1, "there", true),
        ] as [(Int64, UInt64, UInt64, String, Bool)])
    func lateDefinition(second: Int64, epoch: UInt64, install: UInt64, site: String, isKept expected: Bool) throws {
        var archive = try open()
        var samples = Sender(site: site)
        try archive.take([try samples.frame(from: second)])
        try archive.commit(to: store)
        try fold(Timestamp(seconds: 10)..<Timestamp(seconds: 20), at: .named("here"))
        var definer = Sender(site: site, install: install, epoch: epoch, .event)
        // A frame of definitions alone covers no time itself.
        try archive.take([try definer.frame(samples: 0, FrameExtras(definitions: [Self.definition]))])
        try archive.commit(to: store)
        #expect(try isKept == expected)
    }

    /// Seconds from the truth to the run: where the frames are then, where they were, where their box named them, and elsewhere.
    @Test(
        "go when frames that came before are placed in their time, or out of it",
        arguments: [(0, false), (500, false), (-1000, true), (200, true)] as [(Int64, Bool)])
    func anchored(offset: Int64, isKept expected: Bool) throws {
        var archive = try open()
        var box = TestBox()
        let frame = try box.samples(at: [2, 3], .init(wrongBy: -1000, isSynchronised: false))
        // Of two synchronised frames the earlier comes later, and tells of another offset.
        let anchor = try box.samples(at: [50])
        let stepped = try box.samples(at: [60], .init(wrongBy: 500))
        try archive.take([frame, stepped])
        try archive.commit(to: store)
        let start = Timestamp(seconds: TestBox.start + offset)
        try fold(start..<start.advanced(byNanoseconds: 10_000_000_000), at: TestBox.site)
        try archive.take([anchor])
        try archive.commit(to: store)
        #expect(try isKept == expected)
    }
}
