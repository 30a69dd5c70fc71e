import Aggregation
import Delivery
import Frames
import Storage
import StorageSupport
import Telemetry
import Testing

/// What every store must do; a store that passes can take the place of any other.
@Suite("Any store")
struct StoreConformanceTests {
    private static let site = Identifier.named("here")
    private static let everything = Timestamp(nanoseconds: .min)..<Timestamp(nanoseconds: .max)

    @Test("knows nothing at first", arguments: StoreKind.all)
    func empty(kind: StoreKind) throws {
        let store = try kind.makePlace().open()
        let ledgers = try store.load()
        #expect(ledgers.streams.isEmpty && ledgers.archive == nil && ledgers.archivePosition == 0)
        #expect(try store.frames(overlapping: Self.everything, site: Self.site).isEmpty)
        #expect(try store.events(named: ["run.start"]).isEmpty)
        #expect(try store.series(install: UUIDBytes(high: 1, low: 1), epoch: 1).isEmpty)
        #expect(try store.aggregates(scenario: .named("s"), digest: "d").isEmpty)
        #expect(try store.registeredDigest(of: .named("s")) == nil)
        #expect(try store.digest(of: 1, in: .made()) == nil)
    }

    @Test("loads every ledger as it was committed, out to the ends of its numbers", arguments: StoreKind.all)
    func ledgers(kind: StoreKind) throws {
        let place = try kind.makePlace()
        var intake = StoredIntake(of: UUIDBytes(high: .max, low: 0))
        intake.archivePosition = .max
        intake.framePosition = .max - 1
        let holes = IntervalSet([1...1, 3...7, (.max - 1)...(.max)])
        let archived = try #require(
            FrameSpans([
                FrameSpan(sequences: 1...5, firstOrdinal: 1, nextOrdinal: 1),
                FrameSpan(sequences: 7...(.max), firstOrdinal: 9, nextOrdinal: .max),
            ]))
        intake.streams = [
            .made(.event): StoredStream(),
            .made(.bulk): StoredStream(
                ledger: StreamLedger(
                    archived: archived, declaredFrames: holes, declaredSamples: IntervalSet([0...UInt64.max]),
                    uncounted: IntervalSet([2...2]), duplicates: .max, end: .init(frames: .max, samples: .max)),
                times: Timestamp(nanoseconds: .min)...Timestamp(nanoseconds: .max),
                boot: UUIDBytes(high: .max, low: 1)),
            .made(install: .max, epoch: 1 << 53): StoredStream(
                times: Timestamp(seconds: 5)...Timestamp(seconds: 5)),
            .made(agent: "other"): StoredStream(), .made(site: "there"): StoredStream(),
        ]
        try place.open().commit(intake)
        let loaded = try place.open().load()
        #expect(loaded.streams == intake.streams)
        #expect(loaded.archive == intake.archive)
        #expect(loaded.archivePosition == .max && loaded.framePosition == .max - 1)
    }

    @Test(
        "puts a stream's newer state in the place of the older, and leaves other streams alone",
        arguments: StoreKind.all)
    func newerState(kind: StoreKind) throws {
        let store = try kind.makePlace().open()
        let other = Frames.Stream.made(agent: "other")
        try store.commit(.made([.made(1, times: 0...1), .made(1, of: other, times: 0...1)]))
        let before = try store.load().streams
        try store.commit(.made([.made(2, times: 7...9)], over: before))
        let after = try store.load().streams
        #expect(after[other] == before[other])
        #expect(after[.made()]?.ledger.received == IntervalSet([1...2]))
        #expect(after[.made()]?.times == Timestamp(seconds: 0)...Timestamp(seconds: 9))
    }

    @Test(
        "finds the frames of a site that overlap a window: its end is excluded, a frame's times are not",
        arguments: StoreKind.all,
        [
            (10, 20, [2, 3, 4, 5]), (20, 21, [3, 4, 5]), (9, 10, [2]), (0, 10, [1, 2]), (31, 40, []), (30, 40, [5]),
            (15, 16, [3, 5]), (0, 100, [1, 2, 3, 4, 5]),
        ])
    func overlapping(kind: StoreKind, window: (from: Int64, to: Int64, expected: [UInt64])) throws {
        let store = try kind.makePlace().open()
        try store.commit(
            .made([
                .made(1, times: 0...8), .made(2, times: 9...10), .made(3, times: 11...20), .made(4, times: 19...20),
                .made(5, times: 15...30), .made(6), .made(7, of: .made(site: "there"), times: 0...100),
            ]))
        let range = Timestamp(seconds: window.from)..<Timestamp(seconds: window.to)
        #expect(try store.frames(overlapping: range, site: Self.site).map(\.sequence) == window.expected)
    }

    @Test(
        "gives frames back whole, by stream and then by number, whatever order they came in", arguments: StoreKind.all)
    func order(kind: StoreKind) throws {
        let place = try kind.makePlace()
        let streams: [Frames.Stream] = [
            .made(agent: "a", install: 1, epoch: 1, .event), .made(agent: "a", install: 1, epoch: 1, .metric),
            .made(agent: "a", install: 1, epoch: 2, .event), .made(agent: "a", install: 1, epoch: 10, .event),
            .made(agent: "a", install: 2, epoch: 1, .bulk), .made(agent: "b", install: 1, epoch: 1, .event),
        ]
        let frames = streams.flatMap { stream in
            [1, 2, 9, 10, 1 << 53].map { ArchivedFrame.made($0, of: stream, times: -5...5) }
        }
        try place.open().commit(.made(frames.shuffled()))
        #expect(try place.open().frames(overlapping: Self.everything, site: Self.site) == frames)
        #expect(try place.open().digest(of: 9, in: streams[4]) == frames[22].digest)
        #expect(try place.open().digest(of: 3, in: streams[4]) == nil)
        #expect(try place.open().digest(of: 9, in: .made(agent: "c")) == nil)
    }

    @Test("fixes a scenario's digest once", arguments: StoreKind.all)
    func registration(kind: StoreKind) throws {
        let place = try kind.makePlace()
        try place.open().register("sha256:1", for: .named("s"))
        try place.open().register("sha256:2", for: .named("s"))
        try place.open().register("sha256:3", for: .named("t"))
        #expect(try place.open().registeredDigest(of: .named("s")) == "sha256:1")
        #expect(try place.open().registeredDigest(of: .named("t")) == "sha256:3")
    }

    @Test("is empty when cleared, but for registrations, and can be filled again", arguments: StoreKind.all)
    func clearing(kind: StoreKind) throws {
        let store = try kind.makePlace().open()
        let intake = StoredIntake.made(
            [.made(1, times: 0...1)],
            definitions: [(.made(), SeriesDefinition(id: SeriesID(rawValue: 0), series: Series("a")))],
            events: [StoredEvent(site: Self.site, source: .named("box"), event: Event("e", at: Timestamp(seconds: 0)))])
        for _ in 0..<2 {
            try store.commit(intake)
            let window = Timestamp(seconds: 5)..<Timestamp(seconds: 6)
            try store.save(
                StoredAggregate(window: window, bytes: [1]), of: RunKey(site: Self.site, run: .named("r")),
                scenario: .named("s"), digest: "d")
            try store.register("d", for: .named("s"))
            #expect(try store.load().streams == intake.streams)
            #expect(try store.aggregates(scenario: .named("s"), digest: "d").count == 1)
            try store.clear(keepingAggregates: false)
            let ledgers = try store.load()
            #expect(ledgers.streams.isEmpty && ledgers.archive == nil && ledgers.archivePosition == 0)
            #expect(try store.frames(overlapping: Self.everything, site: Self.site).isEmpty)
            #expect(try store.events(named: ["e"]).isEmpty)
            #expect(try store.series(install: Frames.Stream.made().install, epoch: 1).isEmpty)
            #expect(try store.aggregates(scenario: .named("s"), digest: "d").isEmpty)
            #expect(try store.digest(of: 1, in: .made()) == nil)
            #expect(try store.registeredDigest(of: .named("s")) == "d")
        }
    }

    @Test(
        "what has expired is known by its time and its last digest, and no more by its frames", arguments: StoreKind.all
    )
    func expiry(kind: StoreKind) throws {
        let place = try kind.makePlace()
        let frames = (1...4).map { ArchivedFrame.made(UInt64($0), times: Int64($0)...Int64($0)) }
        try place.open().commit(.made(frames))
        var intake = StoredIntake.made([])
        intake.expired = [
            ExpiredFrames(
                stream: .made(), boot: UUIDBytes(high: 1, low: 1),
                span: FrameSpan(sequences: 1...2, firstOrdinal: 10, nextOrdinal: 30),
                times: Timestamp(seconds: 1)...Timestamp(seconds: 2), digest: frames[1].digest)
        ]
        try place.open().commit(intake)
        let store = try place.open()
        #expect(try store.frames(overlapping: Self.everything, site: Self.site).map(\.sequence) == [3, 4])
        #expect(try store.digest(of: 1, in: .made()) == nil)
        #expect(try store.digest(of: 2, in: .made()) == frames[1].digest)
        for (from, to, isExpired) in [(0, 1, false), (0, 2, true), (2, 3, true), (3, 9, false)]
            as [(Int64, Int64, Bool)]
        {
            let window = Timestamp(seconds: from)..<Timestamp(seconds: to)
            #expect(try store.hasExpired(overlapping: window, site: Self.site) == isExpired, "\(from) to \(to)")
            #expect(try !store.hasExpired(overlapping: window, site: .named("there")))
        }
        try store.clear(keepingAggregates: false)
        #expect(try !store.hasExpired(overlapping: Self.everything, site: Self.site))
    }
}
