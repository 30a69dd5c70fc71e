import Aggregation
import Delivery
import Frames
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

    private static func window(_ seconds: ClosedRange<Int64>) -> Range<Timestamp> {
        Timestamp(seconds: seconds.lowerBound)..<Timestamp(seconds: seconds.upperBound)
    }

    /// A store with one run, from second 10 to 20.
    private func store(_ kind: StoreKind, site: String = "here") throws -> any Store {
        let store = try kind.makePlace().open()
        try store.save(
            StoredAggregate(window: Self.window(10...20), bytes: [1, 2, 3]), of: Self.run("r", at: site),
            scenario: Self.scenario, digest: "d")
        return store
    }

    private func isKept(in store: any Store) throws -> Bool {
        try !store.aggregates(scenario: Self.scenario, digest: "d").isEmpty
    }

    @Test("come back to the byte, by scenario and digest, and are replaced by newer ones", arguments: StoreKind.all)
    func saving(kind: StoreKind) throws {
        let place = try kind.makePlace()
        let bytes = (0..<70_000).map { UInt8(truncatingIfNeeded: $0) }
        let first = StoredAggregate(window: Self.window(10...20), bytes: bytes)
        let empty = StoredAggregate(
            window: Timestamp(nanoseconds: .min)..<Timestamp(nanoseconds: .max), bytes: [])
        try place.open().save(first, of: Self.run("a"), scenario: Self.scenario, digest: "d")
        try place.open().save(first, of: Self.run("a", at: "there"), scenario: Self.scenario, digest: "d")
        try place.open().save(empty, of: Self.run("a", at: "there"), scenario: Self.scenario, digest: "d")
        try place.open().save(empty, of: Self.run("b"), scenario: Self.scenario, digest: "e")
        try place.open().save(empty, of: Self.run("c"), scenario: .named("t"), digest: "d")
        #expect(
            try place.open().aggregates(scenario: Self.scenario, digest: "d") == [
                Self.run("a"): first, Self.run("a", at: "there"): empty,
            ])
        #expect(try place.open().aggregates(scenario: Self.scenario, digest: "e") == [Self.run("b"): empty])
        #expect(try place.open().aggregates(scenario: Self.scenario, digest: "x").isEmpty)
    }

    @Test(
        "go when a frame comes that has something of their time",
        arguments: StoreKind.all,
        [
            (0...9, true), (0...10, false), (10...10, false), (12...15, false), (19...19, false), (0...100, false),
            (20...30, true), (21...30, true),
        ])
    func lateFrame(kind: StoreKind, late: (times: ClosedRange<Int64>, isKept: Bool)) throws {
        let store = try store(kind)
        try store.commit(.made([.made(1, times: late.times)]))
        #expect(try isKept(in: store) == late.isKept)
    }

    @Test("stay when what comes is of another site, or has no time", arguments: StoreKind.all)
    func unrelated(kind: StoreKind) throws {
        let store = try store(kind)
        try store.commit(.made([.made(1, of: .made(site: "there"), times: 10...20), .made(1)]))
        #expect(try isKept(in: store))
    }

    @Test(
        "go when a definition comes after the samples that it is of",
        arguments: StoreKind.all,
        [
            // Samples of the epoch before, within and after the run; the same, told of another epoch, install or site.
            (0...5, 1, 1, "here", true), (12...14, 1, 1, "here", false), (21...30, 1, 1, "here", true),
            (12...14, 2, 1, "here", true), (12...14, 1, 2, "here", true), (12...14, 1, 1, "there", true),
        ] as [(ClosedRange<Int64>, UInt64, UInt64, String, Bool)])
    func lateDefinition(
        kind: StoreKind, late: (times: ClosedRange<Int64>, epoch: UInt64, install: UInt64, site: String, isKept: Bool)
    ) throws {
        let store = try kind.makePlace().open()
        try store.commit(.made([.made(1, of: .made(site: late.site), times: late.times)]))
        try store.save(
            StoredAggregate(window: Self.window(10...20), bytes: []), of: Self.run("r"), scenario: Self.scenario,
            digest: "d")
        let stream = Frames.Stream.made(site: late.site, install: late.install, epoch: late.epoch, .event)
        let definition = SeriesDefinition(id: SeriesID(rawValue: 0), series: Series("a"))
        // A frame of definitions alone covers no time itself.
        try store.commit(.made([.made(1, of: stream)], definitions: [(stream, definition)]))
        #expect(try isKept(in: store) == late.isKept)
    }

    @Test("stay when frames of their run have expired: nobody can make them again", arguments: StoreKind.all)
    func irreproducible(kind: StoreKind) throws {
        let store = try store(kind)
        try store.save(
            StoredAggregate(window: Self.window(30...40), bytes: [4]), of: Self.run("later"), scenario: Self.scenario,
            digest: "d")
        try store.commit(.made([.made(9, times: 100...100)]))
        var intake = StoredIntake.made([])
        intake.expired = [
            ExpiredFrames(
                stream: .made(), boot: UUIDBytes(high: 1, low: 1),
                span: FrameSpan(sequences: 1...2, firstOrdinal: 1, nextOrdinal: 3),
                times: Timestamp(seconds: 12)...Timestamp(seconds: 13), digest: FrameDigest(of: []))
        ]
        try store.commit(intake)
        try store.commit(.made([.made(3, times: 15...15)], over: try store.load().streams))
        #expect(
            try store.aggregates(scenario: Self.scenario, digest: "d").count == 2, "a late frame takes neither away")
        try store.removeReproducibleAggregates()
        #expect(try store.aggregates(scenario: Self.scenario, digest: "d").keys.map(\.run.text) == ["r"])
        try store.clear(keepingAggregates: true)
        #expect(try isKept(in: store))
        try store.removeReproducibleAggregates()
        #expect(try !isKept(in: store), "nothing is known to have expired any more")
    }

    /// Small numbers, so that runs, frames and epochs meet again and again.
    @Test("any course of commits and folds leaves every store with the same", arguments: 1...40 as ClosedRange<UInt64>)
    func anyCourse(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let places = try StoreKind.all.map { try $0.makePlace() }
        let stores = try places.map { try $0.open() }
        var known: [Frames.Stream: StoredStream] = [:]
        for step in 0..<60 {
            func draw(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &generator) }
            let stream = Frames.Stream.made(
                site: draw(0...1) == 0 ? "here" : "there", install: UInt64(draw(1...2)), epoch: UInt64(draw(1...2)),
                PriorityClass.allCases[Int(draw(0...2))])
            if draw(0...2) == 0 {
                let start = draw(0...50)
                let aggregate = StoredAggregate(
                    window: Self.window(start...(start + draw(0...9))), bytes: [UInt8(step)])
                let run = Self.run("r\(draw(0...9))", at: stream.site.text)
                for store in stores { try store.save(aggregate, of: run, scenario: Self.scenario, digest: "d") }
            } else {
                let start = draw(0...50)
                let frame = ArchivedFrame.made(
                    UInt64(draw(1...20)), of: stream, times: draw(0...4) == 0 ? nil : start...(start + draw(0...9)))
                let definition = SeriesDefinition(
                    id: SeriesID(rawValue: UInt32(draw(0...3))), series: Series("s\(draw(0...9))"))
                let intake = StoredIntake.made(
                    [frame], definitions: draw(0...3) == 0 ? [(stream, definition)] : [], over: known)
                known.merge(intake.streams) { $1 }
                for store in stores { try store.commit(intake) }
            }
            let aggregates = try stores.map { try $0.aggregates(scenario: Self.scenario, digest: "d") }
            let loaded = try stores.map { try $0.load().streams }
            let frames = try stores.map { try $0.frames(overlapping: Self.window(20...30), site: .named("here")) }
            for index in stores.indices.dropFirst() {
                try #require(aggregates[index] == aggregates[0], "seed \(seed), step \(step)")
                try #require(loaded[index] == loaded[0], "seed \(seed), step \(step)")
                try #require(frames[index] == frames[0], "seed \(seed), step \(step)")
            }
        }
    }
}
