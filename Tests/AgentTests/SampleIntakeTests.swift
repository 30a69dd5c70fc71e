import Frames
import Platform
import Synchronization
import Telemetry
import Testing

@testable import Agent

@Suite("Where inputs put their samples")
struct SampleIntakeTests {
    /// How often somebody was to be woken.
    private final class Wakes: Sendable {
        private let number = Mutex(0)
        var count: Int { number.withLock { $0 } }
        func note() { number.withLock { $0 += 1 } }
    }

    private let wakes = Wakes()
    private let intake: SampleIntake
    /// So many samples are a full batch.
    private static let batch = (SampleIntake.frameBytes - 128) / 4

    init() {
        let wakes = self.wakes
        intake = SampleIntake(seriesLimit: 3) { wakes.note() }
    }

    /// Makes the series known that ``samples(_:from:value:)`` are of, and takes its definition away.
    private func know() {
        _ = intake.register(Series("n"))
        _ = intake.harvest(closing: false)
    }

    /// Samples numbered from `first`, by value and by time.
    private static func samples(_ count: Int, from first: Int = 0, value: Value? = nil) -> [Sample] {
        (first..<(first + count)).map { number in
            Sample(
                series: SeriesID(rawValue: 0), timestamp: Timestamp(nanoseconds: Int64(number)),
                value: value ?? .integer(Int64(number)))
        }
    }

    private static func times(_ harvest: SampleIntake.Harvest, _ priority: PriorityClass) -> [Int64] {
        var times: [Int64] = []
        for (kind, batch, _) in harvest.batches where kind == priority {
            batch.forEach { times.append($0.timestamp.nanoseconds) }
        }
        return times
    }

    @Test("a sample waits for the tick and wakes nobody")
    func tick() {
        know()
        intake.accept(Self.samples(10), priority: .metric)
        #expect(!intake.isUrgent && wakes.count == 0)
        #expect(intake.harvest(closing: false).isEmpty)
        #expect(Self.times(intake.harvest(closing: true), .metric) == Array(0..<10))
        #expect(intake.harvest(closing: true).isEmpty)
        #expect(intake.accepted == 10)
    }

    @Test("a full batch wakes the engine once, and goes without the tick")
    func fullBatch() {
        know()
        intake.accept(Self.samples(Self.batch - 1), priority: .metric)
        #expect(wakes.count == 0)
        intake.accept(Self.samples(2, from: Self.batch - 1), priority: .metric)
        #expect(wakes.count == 1 && intake.isUrgent)
        #expect(Self.times(intake.harvest(closing: false), .metric) == (0..<Int64(Self.batch)).map { $0 })
        #expect(!intake.isUrgent)
        #expect(Self.times(intake.harvest(closing: true), .metric) == [Int64(Self.batch)])
    }

    @Test("an event wakes the engine at once; a run marker takes the samples before it along, another event does not")
    func events() {
        know()
        intake.accept(Self.samples(3), priority: .metric)
        intake.accept(Self.samples(2), priority: .bulk)
        intake.accept(Event("estop.pressed", at: Timestamp(seconds: 1)))
        #expect(wakes.count == 1 && intake.isUrgent)
        var harvest = intake.harvest(closing: false)
        #expect(harvest.events.map(\.name) == ["estop.pressed"] && harvest.batches.isEmpty)
        for name in ["run.start", "run.stop"] {
            intake.accept(Event(name, at: Timestamp(seconds: 2)))
            intake.accept(Self.samples(1, from: 99), priority: .metric)
            harvest = intake.harvest(closing: false)
            #expect(harvest.events.map(\.name) == [name])
            #expect(Self.times(harvest, .metric).last == 99)
        }
        #expect(wakes.count == 3)
        #expect(intake.accepted == 3 + 2 + 1 + 2 + 2)
    }

    @Test("classes are kept apart, each in its order")
    func classes() {
        know()
        for round in 0..<3 {
            intake.accept(Self.samples(2, from: round * 2), priority: .metric)
            intake.accept(Self.samples(2, from: 100 + round * 2), priority: .bulk)
        }
        let harvest = intake.harvest(closing: true)
        #expect(Self.times(harvest, .metric) == [0, 1, 2, 3, 4, 5])
        #expect(Self.times(harvest, .bulk) == [100, 101, 102, 103, 104, 105])
    }

    @Test("a series has one id, and a definition that goes out once, before anything of the next harvest")
    func definitions() {
        #expect(intake.register(Series("a")) == SeriesID(rawValue: 0))
        #expect(intake.register(Series("b")) == SeriesID(rawValue: 1))
        #expect(intake.register(Series("a")) == SeriesID(rawValue: 0))
        #expect(intake.register(Series("a", unit: .celsius)) == SeriesID(rawValue: 2), "another unit is another series")
        #expect(!intake.isUrgent, "a definition waits for its first sample")
        #expect(intake.harvest(closing: false).definitions.map(\.id.rawValue) == [0, 1, 2])
        #expect(intake.harvest(closing: false).definitions.isEmpty)
    }

    @Test("when definitions were lost all of them go out again")
    func definedAgain() throws {
        let names = ["a", "b", "c"]
        let ids = try names.prefix(2).map { try #require(intake.register(Series($0))) }
        #expect(intake.harvest(closing: true).definitions.map(\.id) == ids)
        let late = try #require(intake.register(Series("c")))
        intake.defineAgain()
        let again = intake.harvest(closing: true).definitions
        #expect(again.map(\.id) == ids + [late])
        #expect(again.map(\.series.name) == names)
        #expect(intake.harvest(closing: true).definitions.isEmpty)
    }

    @Test("beyond the limit of series, and for one that no frame can hold, there is no id")
    func seriesLimit() {
        let tags = (0...FrameLimits.tags).map { Tag("t\($0)", "v") }
        #expect(intake.register(Series("many", tags: tags)) == nil)
        #expect(intake.register(Series("long", tags: [Tag("t", String(repeating: "x", count: 65_536))])) == nil)
        for name in ["a", "b", "c"] { #expect(intake.register(Series(name)) != nil) }
        #expect(intake.register(Series("d")) == nil)
        #expect(intake.register(Series("b")) != nil, "those that are known stay")
        #expect(intake.harvest(closing: true).definitions.count == 3)
    }

    @Test("an engine that does not come gets what there is room for; the rest is counted, to the sample")
    func shedding() {
        know()
        let chunk = Self.samples(Self.batch)
        var offered = 0
        for _ in 0..<80 {
            intake.accept(chunk, priority: .metric)
            offered += chunk.count
        }
        let refused = intake.rejected[.init(input: "pipeline", reason: "more samples than the disk can take")] ?? 0
        #expect(refused > 0)
        #expect(Int(intake.accepted) + refused == offered)
        // 64 closed batches, and one that is open and holds what a frame can.
        #expect(intake.accepted == UInt64(64 * Self.batch + FrameLimits.samples))
        #expect(Self.times(intake.harvest(closing: true), .metric).count == Int(intake.accepted))
        intake.accept(Self.samples(5), priority: .metric)
        #expect(Self.times(intake.harvest(closing: true), .metric).count == 5, "once it has come there is room again")
    }

    @Test("bulk data are shed before metrics")
    func bulkFirst() {
        know()
        let chunk = Self.samples(Self.batch)
        for _ in 0..<40 { intake.accept(chunk, priority: .bulk) }
        let refused = intake.rejected.values.reduce(0, +)
        #expect(refused > 0)
        for _ in 0..<20 { intake.accept(chunk, priority: .metric) }
        #expect(intake.rejected.values.reduce(0, +) == refused, "no metric was refused")
        intake.accept(chunk, priority: .bulk)
        #expect(intake.rejected.values.reduce(0, +) == refused + chunk.count)
    }

    @Test("more events than the disk can take are refused with the reason, and wake nobody")
    func tooManyEvents() {
        let event = Event("e", at: Timestamp(seconds: 1))
        for _ in 0..<10_000 { #expect(intake.offer(event) == nil) }
        let woken = wakes.count
        let refusal = intake.offer(event)
        #expect(refusal == SampleIntake.Rejection(input: "events", reason: "more events than the disk can take"))
        #expect(wakes.count == woken)
        #expect(refusal.map { intake.rejected[$0] } == 1)
        #expect(intake.accepted == 10_000)
        _ = intake.harvest(closing: false)
        #expect(intake.offer(event) == nil)
    }

    @Test("what no frame can hold is refused alone")
    func tooLong() {
        know()
        let long = String(repeating: "x", count: FrameLimits.textBytes + 1)
        intake.accept(
            Self.samples(1) + Self.samples(1, value: .text(long)) + Self.samples(1, from: 2), priority: .metric)
        #expect(intake.rejected == [.init(input: "pipeline", reason: "text too long"): 1])
        #expect(Self.times(intake.harvest(closing: true), .metric) == [0, 2])
        let event = Event("e", at: Timestamp(seconds: 0), attributes: [.init("a", .text(long))])
        #expect(intake.offer(event)?.reason == "too many attributes, or too long ones")
        let many = Event(
            "e", at: Timestamp(seconds: 0),
            attributes: (0...FrameLimits.attributes).map { .init("a\($0)", .boolean(true)) })
        #expect(intake.offer(many) != nil)
        #expect(!intake.isUrgent)
    }

    @Test("a class that the disk takes nothing of stays here, with those below it; what is more precious goes")
    func blocked() {
        _ = intake.register(Series("a"))
        intake.accept(Self.samples(1), priority: .metric)
        intake.accept(Self.samples(1), priority: .bulk)
        intake.accept(Event("e", at: Timestamp(seconds: 1)))
        #expect(intake.harvest(closing: true, blocked: .event).isEmpty)
        var harvest = intake.harvest(closing: true, blocked: .metric)
        #expect(harvest.events.count == 1 && harvest.definitions.count == 1 && harvest.batches.isEmpty)
        harvest = intake.harvest(closing: true, blocked: .bulk)
        #expect(harvest.batches.map(\.priority) == [.metric])
        harvest = intake.harvest(closing: true)
        #expect(harvest.batches.map(\.priority) == [.bulk])
    }

    @Test("a batch that was given back comes out again with nothing of its old content")
    func recycling() {
        for round in 0..<20 {
            intake.accept(Self.samples(3, from: round * 3, value: .text("round \(round)")), priority: .metric)
            for (_, batch, _) in intake.harvest(closing: true).batches {
                var texts: Set<Value> = []
                batch.forEach { texts.insert($0.value) }
                #expect(batch.count == 3 && texts == [.text("round \(round)")])
                intake.recycle(batch)
            }
        }
    }

    @Test("batches that were needed while the disk was slow are given up once they are left over, but for one")
    func idleBatches() {
        func isHolding() -> Int { intake.state.withLock { $0.spare.count } }
        for _ in 0..<4 { intake.recycle(SampleBatch()) }
        #expect(isHolding() == 4)
        for round in 0..<3 {
            intake.accept(Self.samples(3, from: round * 3), priority: .metric)
            for (_, batch, _) in intake.harvest(closing: true).batches { intake.recycle(batch) }
        }
        #expect(isHolding() == 1)
        _ = intake.harvest(closing: true)
        #expect(isHolding() == 1)
    }

    @Test("inputs of many threads lose nothing, and each keeps its order", .timeLimit(.minutes(1)))
    func threads() throws {
        let intake = self.intake
        let ids = try ["a", "b", "c"].map { try #require(intake.register(Series($0))) }
        let inputs = try ids.map { id in
            try OwnThread("input") {
                for number in 0..<5000 {
                    let sample = Sample(
                        series: id, timestamp: Timestamp(nanoseconds: Int64(number)), value: .integer(Int64(number)))
                    intake.accept([sample], priority: .metric)
                    if number % 1000 == 0 { intake.accept(Event("e", at: Timestamp(nanoseconds: 0))) }
                }
            }
        }
        var seen: [SeriesID: [Int64]] = [:]
        var events = 0
        func take() {
            let harvest = intake.harvest(closing: true)
            events += harvest.events.count
            for (_, batch, _) in harvest.batches {
                batch.forEach { seen[$0.series, default: []].append($0.timestamp.nanoseconds) }
                intake.recycle(batch)
            }
        }
        while intake.accepted < 15_015 { take() }
        inputs.forEach { $0.join() }
        take()
        #expect(events == 15)
        for id in ids { #expect(seen[id] == Array(0..<5000)) }
        #expect(intake.rejected.isEmpty)
    }
}

@Suite("What fits one frame beside samples")
struct HarvestExtrasTests {
    @Test("any number of definitions and events goes out in frames that can be encoded, in order, none twice")
    func chunks() throws {
        let intake = SampleIntake {}
        for number in 0..<200 {
            let text = String(repeating: "x", count: 30_000) + String(number)
            _ = intake.register(Series("s\(number)", tags: [Tag("t", text)]))
            intake.accept(Event("e", at: Timestamp(nanoseconds: Int64(number)), attributes: [.init("a", .text(text))]))
        }
        var harvest = intake.harvest(closing: true)
        #expect(harvest.definitions.count == 200 && harvest.events.count == 200)
        var encoder = FrameEncoder()
        let stream = Frames.Stream(
            site: .named("here"), agent: .named("box"), install: UUIDBytes(high: 1, low: 1), epoch: 1, priority: .event)
        let clock = StandingClock().reading
        var definitions: [UInt32] = []
        var events: [Int64] = []
        var frames = 0
        while !harvest.isEmpty {
            let extras = harvest.firstExtras()
            try #require(!extras.definitions.isEmpty || !extras.events.isEmpty, "it comes to an end")
            var bytes: [UInt8] = []
            _ = try encoder.encode(SampleBatch(), extras, at: StreamHead(stream), clock: clock, into: &bytes)
            definitions += extras.definitions.map(\.id.rawValue)
            events += extras.events.map(\.timestamp.nanoseconds)
            harvest.removeFirst(extras)
            frames += 1
        }
        #expect(definitions == Array(0..<200))
        #expect(events == Array(0..<200))
        #expect(frames > 5)
    }
}
