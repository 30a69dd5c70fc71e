import Aggregation
import Delivery
import Frames
import Scenarios
import Storage
import StorageSupport
import Telemetry
import TestSupport
import Testing

/// An aggregate that a store gives out is that of all its frames.
@Suite("Aggregates in any store")
struct StoredAggregateTests {
    private static let scenario = Identifier.named("s")

    private static func run(_ name: String, at site: String = "here") -> RunKey {
        RunKey(site: .named(site), run: .named(name))
    }

    /// A store that knows a boot, and one run, from second 10 to 20.
    private func store(_ kind: StoreKind, _ stretch: FoldedStretch = .made(10..<20)) throws -> any Store {
        let store = try kind.makePlace().open()
        try store.commit(.made([.made(100)]))
        try store.save(
            StoredAggregate(stretch, bytes: [1, 2, 3]), of: Self.run("r"), scenario: Self.scenario, digest: "d")
        return store
    }

    private func isKept(in store: any Store) throws -> Bool {
        try !store.aggregates(scenario: Self.scenario, digest: "d").isEmpty
    }

    @Test("come back to the byte, by scenario and digest, and are replaced by newer ones", arguments: StoreKind.all)
    func saving(kind: StoreKind) throws {
        let place = try kind.makePlace()
        let bytes = (0..<70_000).map { UInt8(truncatingIfNeeded: $0) }
        let first = StoredAggregate(.made(10..<20, bootSpan: .made(110..<120)), bytes: bytes)
        let empty = StoredAggregate(
            FoldedStretch(window: Timestamp(nanoseconds: .min)..<Timestamp(nanoseconds: .max), bootSpan: nil), bytes: []
        )
        let named = StoredAggregate(
            FoldedStretch(
                window: Timestamp(seconds: 10)..<Timestamp(seconds: 10),
                bootSpan: Run.BootSpan(boot: .made(0, of: .made(epoch: 7)), sinceBoot: .min..<(.max)),
                isTimeKnown: false), bytes: [9])
        try place.open().commit(.made([.made(1), .made(1, of: .made(epoch: 7), boot: 0)]))
        try place.open().save(first, of: Self.run("a"), scenario: Self.scenario, digest: "d")
        try place.open().save(first, of: Self.run("a", at: "there"), scenario: Self.scenario, digest: "d")
        try place.open().save(empty, of: Self.run("a", at: "there"), scenario: Self.scenario, digest: "d")
        try place.open().save(named, of: Self.run("n"), scenario: Self.scenario, digest: "d")
        try place.open().save(empty, of: Self.run("b"), scenario: Self.scenario, digest: "e")
        try place.open().save(empty, of: Self.run("c"), scenario: .named("t"), digest: "d")
        #expect(
            try place.open().aggregates(scenario: Self.scenario, digest: "d") == [
                Self.run("a"): first, Self.run("a", at: "there"): empty, Self.run("n"): named,
            ])
        #expect(try place.open().aggregates(scenario: Self.scenario, digest: "e") == [Self.run("b"): empty])
        #expect(try place.open().aggregates(scenario: Self.scenario, digest: "x").isEmpty)
    }

    /// What was folded by the wall clock, and by the boot clock in another second of the time.
    private static let stretches: [FoldedStretch] = [.made(10..<20), .made(1010..<1020, bootSpan: .made(10..<20))]

    @Test(
        "go when a frame comes that has something of their time by the clock they were folded by",
        arguments: StoreKind.all.flatMap { kind in stretches.map { (kind, $0) } },
        [
            (0...9, true), (0...10, false), (10...10, false), (12...15, false), (19...19, false), (0...100, false),
            (20...30, true), (21...30, true),
        ])
    func lateFrame(held: (kind: StoreKind, stretch: FoldedStretch), late: (times: ClosedRange<Int64>, isKept: Bool))
        throws
    {
        let store = try store(held.kind, held.stretch)
        try store.commit(.made([.made(1, times: late.times)]))
        #expect(try isKept(in: store) == late.isKept)
    }

    @Test("stay when what comes is of another site, or has no time", arguments: StoreKind.all)
    func unrelated(kind: StoreKind) throws {
        let store = try store(kind)
        try store.commit(.made([.made(1, of: .made(site: "there"), times: 10...20), .made(1)]))
        #expect(try isKept(in: store))
    }

    /// By the wall clock; by the boot clock, at another time by the wall clock, or at the same while the boot clock was elsewhere; by the
    /// boot clock alone, under the name of a time.
    private static let folded: [(run: String, stretch: FoldedStretch)] = [
        ("wall", .made(10..<20)), ("boot", .made(110..<120, bootSpan: .made(10..<20))),
        ("moved", .made(10..<20, bootSpan: .made(210..<220))),
        ("named", .made(10..<20, bootSpan: .made(10..<20), isTimeKnown: false)),
    ]

    private static let stale: [(StaleStretch, gone: Set<String>)] = [
        (.made(.made(), times: 15...15, sinceBoot: 15...15), ["wall", "boot", "named"]),
        (.made(.made(), times: nil, sinceBoot: 15...15), ["boot", "named"]),
        (.made(.made(), times: 15...15, sinceBoot: 300...300), ["wall"]),
        (.made(.made(2), times: 15...15, sinceBoot: 15...15), ["wall", "moved"]),
        (.made(.made(2), times: nil, sinceBoot: 15...15), []),
        (.made(.made(), times: 500...600, sinceBoot: 0...1000), ["boot", "moved", "named"]),
        (.made(.made(of: .made(site: "there")), times: 15...15, sinceBoot: 15...15), []),
        // Of an agent that nothing has come from.
        (.made(.made(of: .made(agent: "new")), times: 15...15, sinceBoot: 15...15), ["wall", "moved"]),
    ]

    private func foldAll(_ store: any Store) throws {
        try store.commit(.made([.made(1), .made(1, of: .made(epoch: 2), boot: 2), .made(1, of: .made(site: "there"))]))
        for (run, stretch) in Self.folded {
            try store.save(
                StoredAggregate(stretch, bytes: [1]), of: Self.run(run), scenario: Self.scenario, digest: "d")
        }
    }

    @Test(
        "go with a stretch of which more is known: by the boot clock in their own boot, by the wall clock in any other",
        arguments: StoreKind.all, stale)
    func staleStretch(kind: StoreKind, more: (StaleStretch, gone: Set<String>)) throws {
        let store = try kind.makePlace().open()
        try foldAll(store)
        var intake = StoredIntake.made([])
        intake.stale = [more.0]
        try store.commit(intake)
        let kept = try store.aggregates(scenario: Self.scenario, digest: "d").keys.map(\.run.text)
        #expect(Set(kept) == Set(Self.folded.map(\.run)).subtracting(more.gone))
    }

    @Test("stay in any stretch when frames of their run have expired", arguments: StoreKind.all, stale)
    func staleExpired(kind: StoreKind, more: (StaleStretch, gone: Set<String>)) throws {
        let store = try kind.makePlace().open()
        try foldAll(store)
        var intake = StoredIntake.expiry(
            .made(1...1, times: [10...11]), .made(2...2, times: [110...111, 210...211]), over: try store.load())
        intake.stale = [more.0]
        try store.commit(intake)
        #expect(try store.aggregates(scenario: Self.scenario, digest: "d").count == Self.folded.count)
        intake.expired = []
        try store.commit(intake)
        #expect(try store.aggregates(scenario: Self.scenario, digest: "d").count == Self.folded.count)
    }

    @Test("stay when frames of their run have expired: nobody can make them again", arguments: StoreKind.all)
    func irreproducible(kind: StoreKind) throws {
        let store = try store(kind)
        let whole = StoredAggregate(.made(30..<40, bootSpan: .made(30..<40)), bytes: [4])
        try store.save(whole, of: Self.run("later"), scenario: Self.scenario, digest: "d")
        try store.commit(.made([.made(9, times: 100...100)]))
        try store.commit(.expiry(.made(1...2, times: [12...13]), over: try store.load()))
        try store.commit(.made([.made(3, times: 15...15)], over: try store.load()))
        #expect(
            try store.aggregates(scenario: Self.scenario, digest: "d").count == 2, "a late frame takes neither away")
        try store.removeReproducibleAggregates()
        #expect(try store.aggregates(scenario: Self.scenario, digest: "d").keys.map(\.run.text) == ["r"])
        let boots = try store.load().boots
        try store.clear(keepingAggregates: true)
        #expect(try isKept(in: store))
        #expect(try store.load().boots == boots, "by which they were folded")
        #expect(try store.load().streams.isEmpty)
        try store.removeReproducibleAggregates()
        #expect(try !isKept(in: store), "nothing is known to have expired any more")
    }
}
