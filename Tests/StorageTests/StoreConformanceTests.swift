import Aggregation
import Delivery
import Frames
import Scenarios
import Storage
import StorageSupport
import Telemetry
import Testing

/// What every store must do; a store that passes can take the place of any other.
@Suite("Any store")
struct StoreConformanceTests {
    private static let site = Identifier.named("here")

    @Test("knows nothing at first", arguments: StoreKind.all)
    func empty(kind: StoreKind) throws {
        let store = try kind.makePlace().open()
        let ledgers = try store.load()
        #expect(ledgers.streams.isEmpty && ledgers.archive == nil && ledgers.archivePosition == 0)
        #expect(ledgers.boots.isEmpty)
        #expect(try store.frames(of: .everything).isEmpty)
        #expect(try store.frame(1, of: .made()) == nil)
        #expect(try store.events(named: ["run.start"]).isEmpty)
        #expect(try store.series(of: .made()).isEmpty)
        #expect(try store.aggregates(scenario: .named("s"), digest: "d").isEmpty)
        #expect(try store.registeredDigest(of: .named("s")) == nil)
        #expect(try store.digest(of: 1, in: .made()) == nil)
    }

    @Test("keeps what was told of alerts until it is replaced or removed", arguments: StoreKind.all)
    func alerts(kind: StoreKind) throws {
        let place = try kind.makePlace()
        #expect(try place.open().alerts().isEmpty)
        func row(_ scenario: String, _ cause: String, _ state: String?) -> StoredAlert {
            StoredAlert(.named(scenario), cause: cause, state: state)
        }
        // Two texts that look the same, and one with everything that a database may trip over.
        let odd = "safety|'\"\\;|\u{0}|é"
        try place.open().save([
            row("s", "", "d"), row("s", "\u{E9}", "1"), row("s", "e\u{301}", "2"), row("t", odd, "3"),
        ])
        try place.open().save([row("s", "\u{E9}", nil), row("t", odd, "4"), row("s", "none", nil)])
        let kept: Set = [row("s", "", "d"), row("s", "e\u{301}", "2"), row("t", odd, "4")]
        #expect(try Set(place.open().alerts()) == kept)
        #expect(try place.open().alerts().count == 3)
        try place.open().clear(keepingAggregates: true)
        #expect(try Set(place.open().alerts()) == kept)
        try place.open().clear(keepingAggregates: false)
        #expect(try place.open().alerts().isEmpty)
    }

    @Test("keeps the time on which clocks agreed until it is told a later one, or cleared", arguments: StoreKind.all)
    func agreedTime(kind: StoreKind) throws {
        let place = try kind.makePlace()
        #expect(try place.open().load().agreedTime == nil)
        for (given, kept) in [(nil, nil), (5, 5), (nil, 5), (9, 9)] as [(Int64?, Int64?)] {
            var intake = StoredIntake(of: UUIDBytes(high: 1, low: 1))
            intake.agreedTime = given.map { Timestamp(seconds: $0) }
            #expect(intake.isEmpty == (given == nil))
            try place.open().commit(intake)
            #expect(try place.open().load().agreedTime == kept.map { Timestamp(seconds: $0) })
        }
        try place.open().clear(keepingAggregates: true)
        #expect(try place.open().load().agreedTime == nil, "the archive has it")
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
                boot: .made(.max, of: .made(.bulk)), times: Timestamp(nanoseconds: .min)...Timestamp(nanoseconds: .max),
                unsynchronised: .min...(.max)),
            .made(install: .max, epoch: 1 << 53): StoredStream(
                boot: .made(0, of: .made(install: .max, epoch: 1 << 53)), times: .seconds(5...5)),
            .made(epoch: 2): StoredStream(boot: .made(), unsynchronised: -5...5),
            .made(agent: "other"): StoredStream(), .made(site: "there"): StoredStream(),
        ]
        try place.open().commit(intake)
        let loaded = try place.open().load()
        #expect(loaded.streams == intake.streams)
        #expect(loaded.archive == intake.archive)
        #expect(loaded.archivePosition == .max && loaded.framePosition == .max - 1)
    }

    @Test("loads the clock of every boot as it was last committed", arguments: StoreKind.all)
    func boots(kind: StoreKind) throws {
        let place = try kind.makePlace()
        let least = BootClock.Mark(sinceBoot: .min, offset: .max, error: 0)
        let greatest = BootClock.Mark(sinceBoot: .max, offset: .min, error: .max)
        var intake = StoredIntake(of: UUIDBytes(high: 1, low: 1))
        intake.boots = [
            .made(1): BootClock(first: least, anchor: greatest, synchronised: .min...(.max)),
            .made(2): BootClock(first: greatest, anchor: nil, synchronised: nil),
            .made(1, of: .made(agent: "other")): BootClock(first: least, anchor: nil, synchronised: nil),
            .made(1, of: .made(site: "there")): BootClock(first: least, anchor: least, synchronised: 0...0),
            .made(1, of: .made(install: 2)): BootClock(first: greatest, anchor: nil, synchronised: nil),
            // Without an id of the boot every start of the agent is one.
            .made(0, of: .made(epoch: 1)): BootClock(first: least, anchor: nil, synchronised: nil),
            .made(0, of: .made(epoch: .max)): BootClock(first: greatest, anchor: greatest, synchronised: -1...1),
        ]
        try place.open().commit(intake)
        #expect(try place.open().load().boots == intake.boots)
        var newer = StoredIntake(of: UUIDBytes(high: 1, low: 1))
        newer.boots = [.made(2): BootClock(first: least, anchor: greatest, synchronised: 7...9)]
        try place.open().commit(newer)
        #expect(try place.open().load().boots == intake.boots.merging(newer.boots) { $1 })
    }

    @Test(
        "puts a stream's newer state in the place of the older, and leaves other streams alone",
        arguments: StoreKind.all)
    func newerState(kind: StoreKind) throws {
        let store = try kind.makePlace().open()
        let other = Frames.Stream.made(agent: "other")
        try store.commit(.made([.made(1, times: 0...1), .made(1, of: other, times: 0...1)]))
        let before = try store.load()
        try store.commit(.made([.made(2, times: 7...9)], over: before))
        let after = try store.load().streams
        #expect(after[other] == before.streams[other])
        #expect(after[.made()]?.ledger.received == IntervalSet([1...2]))
        #expect(after[.made()]?.times == Timestamp(seconds: 0)...Timestamp(seconds: 9))
    }

    @Test(
        "finds the frames of a site that overlap a run by either clock: its end is excluded, a frame's times are not",
        arguments: StoreKind.all,
        [
            (10, 20, [2, 3, 4, 5]), (20, 21, [3, 4, 5]), (9, 10, [2]), (0, 10, [1, 2]), (31, 40, []), (30, 40, [5]),
            (15, 16, [3, 5]), (0, 100, [1, 2, 3, 4, 5]),
        ])
    func overlapping(kind: StoreKind, window: (from: Int64, to: Int64, expected: [UInt64])) throws {
        let store = try kind.makePlace().open()
        let frames: [ArchivedFrame] = [
            .made(1, times: 0...8), .made(2, times: 9...10), .made(3, times: 11...20), .made(4, times: 19...20),
            .made(5, times: 15...30), .made(6), .made(7, of: .made(site: "there"), times: 0...100),
        ]
        try store.commit(.made(frames))
        let range = window.from..<window.to
        let byWall = Run.made(.seconds(range))
        #expect(try store.frames(of: byWall).map(\.sequence) == window.expected)
        let byBoot = Run.made(.seconds(1000..<1001), bootSpan: .made(range))
        #expect(try store.frames(of: byBoot).map(\.sequence) == window.expected)
        for run in [byWall, byBoot] { try expectPlaces(of: run, in: store) }
    }

    /// A run of ten seconds, at second 10 of its boot and second 1010 of the time, and all that could be taken for its frames.
    @Test(
        "goes by the boot clock in the boot that marked a run, and by the wall clock in others, where the time is known",
        arguments: StoreKind.all,
        [
            (Run.made(.seconds(1010..<1020), bootSpan: .made(10..<20)), [1, 2, 4, 6]),
            (Run.made(.seconds(1010..<1020), bootSpan: .made(10..<20), isTimeKnown: false), [1, 2]),
            (Run.made(.seconds(1010..<1020)), [1, 3, 4, 6]),
            (Run.made(.seconds(1010..<1020), site: "there"), [8]),
            (Run.made(.seconds(1010..<1020), isTimeKnown: false), []),
        ] as [(Run, [UInt64])])
    func clocks(kind: StoreKind, asked: (run: Run, expected: [UInt64])) throws {
        let store = try kind.makePlace().open()
        let other = Frames.Stream.made(agent: "other")
        let never = Frames.Stream.made(agent: "zero")
        let frames: [ArchivedFrame] = [
            .made(1, times: 10...12, offset: 1000),
            // The wall clock was stepped: far away, and from second 30 of the boot into the run.
            .made(2, times: 10...12, offset: 5000), .made(3, times: 30...32, offset: 980),
            // Another box was started at second 1005, stepped, and was not synchronised in between.
            .made(4, of: other, times: 3...5, offset: 1005), .made(5, of: other, times: 10...12, offset: 1100),
            .made(6, of: other, times: 6...7, offset: -77, isSynchronised: false),
            .made(7, of: never, times: 10...12, offset: 1000, isSynchronised: false),
            .made(8, of: .made(site: "there"), times: 10...12, offset: 1000),
        ]
        try store.commit(.made(frames))
        #expect(try store.frames(of: asked.run).map(\.sequence) == asked.expected)
        try expectPlaces(of: asked.run, in: store)
    }

    /// The places are those of the frames, in the order of the archive, each with its stream.
    private func expectPlaces(of run: Run, in store: any Store) throws {
        let frames = try store.frames(of: run)
        let found = try store.places(of: run)
        #expect(found.places == found.places.sorted())
        #expect(
            Set(found.places.map { "\(found.streams[Int($0.stream)]) \($0.segment) \($0.offset)" })
                == Set(frames.map { "\($0.stream) \($0.segment) \($0.offset)" }))
        #expect(found.places.count == frames.count)
        #expect(Set(found.streams).count == found.streams.count)
    }

    @Test("finds what a boot recorded where it belongs as soon as its clock is known", arguments: StoreKind.all)
    func placedLater(kind: StoreKind) throws {
        let store = try kind.makePlace().open()
        let run = Run.made(.seconds(1010..<1020))
        try store.commit(.made([.made(1, times: 10...12, offset: 1000, isSynchronised: false)]))
        #expect(try store.frames(of: run).isEmpty, "the time is a name only, though the same")
        try store.commit(.made([.made(2, times: 50...51, offset: 3000)], over: try store.load()))
        #expect(try store.frames(of: run).isEmpty)
        #expect(try store.frames(of: .made(.seconds(3010..<3020))).map(\.sequence) == [1])
        // A frame that was earlier, and came later.
        try store.commit(.made([.made(3, times: 40...41, offset: 1000)], over: try store.load()))
        #expect(try store.frames(of: run).map(\.sequence) == [1])
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
        #expect(try place.open().frames(of: .everything) == frames)
        try expectPlaces(of: .everything, in: place.open())
        for frame in frames { #expect(try place.open().frame(frame.sequence, of: frame.stream) == frame) }
        #expect(try place.open().frame(3, of: streams[4]) == nil)
        for (from, found) in [(0, 20), (2, 21), (3, 22), (9, 22), (11, 24)] as [(UInt64, Int)] {
            #expect(try place.open().frame(from: from, of: streams[4]) == frames[found], "from \(from)")
        }
        #expect(try place.open().frame(from: (1 << 53) + 1, of: streams[4]) == nil)
        #expect(try place.open().frame(9, of: .made(agent: "c")) == nil)
        #expect(try place.open().digest(of: 9, in: streams[4]) == frames[22].digest)
        #expect(try place.open().digest(of: 3, in: streams[4]) == nil)
        #expect(try place.open().digest(of: 9, in: .made(agent: "c")) == nil)
    }

    @Test("tells the digest that its archive last said a scenario had at first", arguments: StoreKind.all)
    func registration(kind: StoreKind) throws {
        let place = try kind.makePlace()
        for registrations in [["s": "sha256:1"], ["s": "sha256:2", "t": "sha256:3"], [:]] {
            var intake = StoredIntake(of: UUIDBytes(high: 1, low: 1))
            for (scenario, digest) in registrations {
                intake.registrations[.named(scenario)] = digest
                intake.documents[digest] = Array("{\(digest)}".utf8)
            }
            try place.open().commit(intake)
        }
        #expect(try place.open().registeredDigest(of: .named("s")) == "sha256:2")
        #expect(try place.open().registeredDigest(of: .named("t")) == "sha256:3")
        #expect(try place.open().load().registrations == [.named("s"): "sha256:2", .named("t"): "sha256:3"])
        #expect(try place.open().load().documents["sha256:3"] == Array("{sha256:3}".utf8))
        try place.open().clear(keepingAggregates: true)
        #expect(try place.open().load().registrations.count == 2)
        #expect(try place.open().load().documents.isEmpty, "the archive has them")
        try place.open().clear(keepingAggregates: false)
        #expect(try place.open().load().registrations.isEmpty)
    }

    @Test("is empty when cleared, and can be filled again", arguments: StoreKind.all)
    func clearing(kind: StoreKind) throws {
        let store = try kind.makePlace().open()
        var intake = StoredIntake.made(
            [.made(1, times: 0...1)],
            definitions: [(.made(), SeriesDefinition(id: SeriesID(rawValue: 0), series: Series("a")))],
            events: [
                StoredEvent(
                    site: Self.site, source: .named("box"), event: Event("e", at: Timestamp(seconds: 0)), clock: .made()
                )
            ])
        intake.registrations = [.named("s"): "d"]
        for _ in 0..<2 {
            try store.commit(intake)
            try store.save(
                StoredAggregate(.made(5..<6, bootSpan: .made(5..<6)), bytes: [1]),
                of: RunKey(site: Self.site, run: .named("r")),
                scenario: .named("s"), digest: "d")
            #expect(try store.registeredDigest(of: .named("s")) == "d")
            #expect(try store.load().streams == intake.streams)
            #expect(try store.load().boots == intake.boots)
            #expect(try store.aggregates(scenario: .named("s"), digest: "d").count == 1)
            try store.clear(keepingAggregates: false)
            let ledgers = try store.load()
            #expect(ledgers.streams.isEmpty && ledgers.archive == nil && ledgers.archivePosition == 0)
            #expect(ledgers.boots.isEmpty)
            #expect(try store.frames(of: .everything).isEmpty)
            #expect(try store.frame(1, of: .made()) == nil)
            #expect(try store.events(named: ["e"]).isEmpty)
            #expect(try store.series(of: .made()).isEmpty)
            #expect(try store.aggregates(scenario: .named("s"), digest: "d").isEmpty)
            #expect(try store.digest(of: 1, in: .made()) == nil)
            #expect(try store.registeredDigest(of: .named("s")) == nil)
        }
    }

    @Test(
        "what has expired is known by its time and its last digest, and no more by its frames", arguments: StoreKind.all
    )
    func expiry(kind: StoreKind) throws {
        let place = try kind.makePlace()
        let frames = (1...4).map { ArchivedFrame.made(UInt64($0), times: Int64($0)...Int64($0)) }
        try place.open().commit(.made(frames))
        try place.open().commit(.expiry(.made(1...2, times: [1...2]), over: try place.open().load()))
        let store = try place.open()
        #expect(try store.frames(of: .everything).map(\.sequence) == [3, 4])
        #expect(try store.frames(of: .made(.seconds(0..<9), bootSpan: .made(0..<9))).map(\.sequence) == [3, 4])
        for sequence in 1...2 as ClosedRange<UInt64> { #expect(try store.frame(sequence, of: .made()) == nil) }
        #expect(try store.frame(3, of: .made()) == frames[2])
        #expect(try store.frame(from: 1, of: .made()) == frames[2])
        #expect(try store.digest(of: 1, in: .made()) == nil)
        #expect(try store.digest(of: 2, in: .made()) == frames[1].digest)
        for (from, to, isExpired) in [(0, 1, false), (0, 2, true), (2, 3, true), (3, 9, false)]
            as [(Int64, Int64, Bool)]
        {
            let run = Run.made(.seconds(from..<to))
            #expect(try store.load().hasExpired(of: run) == isExpired, "\(from) to \(to)")
            #expect(try !store.load().hasExpired(of: .made(.seconds(from..<to), site: "there")))
        }
        try store.clear(keepingAggregates: false)
        #expect(try store.load().expired.isEmpty)
        #expect(try !store.load().hasExpired(of: .everything))
    }

    /// Seconds 10 to 12 and 500 to 510 of a boot, whose clock was right from second 600 on, which was second 10600.
    @Test(
        "what expired under a clock that was not synchronised belongs where that clock is known to have been",
        arguments: StoreKind.all,
        [
            (Run.made(.seconds(10011..<10012)), false, true), (.made(.seconds(10100..<10200)), false, false),
            (.made(.seconds(10505..<10506)), false, true), (.made(.seconds(11..<12)), false, false),
            (.made(.seconds(10011..<10012), isTimeKnown: false), false, false),
            (.made(.seconds(0..<1), bootSpan: .made(11..<12)), true, true),
            (.made(.seconds(0..<1), bootSpan: .made(100..<200)), false, false),
            (.made(.seconds(10011..<10012), site: "there"), false, false),
        ] as [(Run, Bool, Bool)])
    func expiredUnsynchronised(kind: StoreKind, asked: (run: Run, before: Bool, after: Bool)) throws {
        let place = try kind.makePlace()
        let frame = ArchivedFrame.made(1, times: 10...510, offset: -77, isSynchronised: false)
        try place.open().commit(.made([frame]))
        try place.open().commit(
            .expiry(.made(1...1, times: [10...12, 500...510], .unsynchronised), over: try place.open().load()))
        #expect(try place.open().load().hasExpired(of: asked.run) == asked.before, "the clock is not known yet")
        try place.open().commit(.made([.made(2, times: 600...600, offset: 10_000)], over: try place.open().load()))
        #expect(try place.open().load().hasExpired(of: asked.run) == asked.after)
    }

    @Test(
        "what expired of a boot whose clock nobody knows may have been of any run of its site", arguments: StoreKind.all
    )
    func expiredUnread(kind: StoreKind) throws {
        let place = try kind.makePlace()
        var intake = StoredIntake.made([.made(1)])
        intake.expired = [.made(1...1, of: .made(), boot: 2, times: [1...2], .placed)]
        intake.boots[.made(2)] = .unread
        try place.open().commit(intake)
        let ledgers = try place.open().load()
        #expect(ledgers.boots[.made(2)] == .unread)
        #expect(ledgers.hasExpired(of: .made(.seconds(700..<800))))
        #expect(!ledgers.hasExpired(of: .made(.seconds(700..<800), site: "there")))
    }

    /// Times that a note of the first form told, by what was known then.
    @Test(
        "what expired at a time that was told once is taken for that of every clock it may have been told by",
        arguments: StoreKind.all,
        [
            (Run.made(.seconds(10..<20)), true), (.made(.seconds(1010..<1020)), true),
            (.made(.seconds(500..<520)), false), (.made(.seconds(500..<520), bootSpan: .made(0..<1)), true),
        ] as [(Run, Bool)])
    func expiredPlaced(kind: StoreKind, asked: (run: Run, isExpired: Bool)) throws {
        let place = try kind.makePlace()
        try place.open().commit(
            .made([
                .made(1, times: 5...6, isSynchronised: false), .made(2, times: 50...60, offset: 1000),
            ]))
        try place.open().commit(.expiry(.made(1...1, times: [11...12], .placed), over: try place.open().load()))
        #expect(try place.open().load().hasExpired(of: asked.run) == asked.isExpired)
        let steady = try kind.makePlace().open()
        try steady.commit(.made([.made(1, times: 5...6)]))
        try steady.commit(.expiry(.made(1...1, times: [11...12], .placed), over: try steady.load()))
        let isWithin = asked.run.window.map { $0.lowerBound < Timestamp(seconds: 20) } ?? false
        #expect(try steady.load().hasExpired(of: asked.run) == isWithin, "of a clock that was right from the first")
    }
}
