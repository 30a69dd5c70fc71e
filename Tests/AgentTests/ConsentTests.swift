import Frames
import Synchronization
import Telemetry
import Testing

@testable import Agent

/// A clock that stands where it is put.
private final class HandClock: Sendable {
    private let seconds = Mutex<Int64>(100)

    var time: Timestamp { Timestamp(seconds: seconds.withLock { $0 }) }

    func set(_ time: Int64) { seconds.withLock { $0 = time } }
}

/// An intake with rules of consent, and what comes out of it.
private struct GuardedIntake {
    let clock = HandClock()
    let intake: SampleIntake

    init(
        _ rules: [(String, ConsentGiver)], redaction: [(String, Redaction.Action)] = [], granted: [(String, Int64)] = []
    ) {
        let clock = clock
        let redaction = Redaction(ready: redaction.map { (Self.pattern($0), $1) })
        let consent = Consent(
            ready: rules.map { ConsentRecord.Rule(Self.pattern($0), $1) }, redaction: redaction)
        intake = SampleIntake(redaction: redaction, consent: consent, now: { clock.time }) {}
        intake.adopt(granted.map { ($0, Timestamp(seconds: $1)) })
        _ = intake.beginConsent(epoch: 1)
    }

    static func pattern(_ text: String) -> SeriesPattern {
        guard let pattern = SeriesPattern(text) else { preconditionFailure("'\(text)' is no pattern") }
        return pattern
    }

    func take(_ series: Series, _ times: Int64...) throws {
        let id = try #require(intake.register(series))
        for time in times {
            intake.accept(
                [Sample(series: id, timestamp: Timestamp(seconds: time), value: .double(1))], priority: .metric)
        }
    }

    /// As the engine does it: a grant has effect only after it was put on disk.
    func grant(_ subject: String, at time: Int64? = nil) {
        #expect(intake.offer(change("consent.granted", subject, at: time)) == nil)
        intake.grant(intake.takeGrants())
    }

    func withdraw(_ subject: String, at time: Int64? = nil) {
        #expect(intake.offer(change("consent.withdrawn", subject, at: time)) == nil)
    }

    func change(_ name: String, _ subject: String, at time: Int64?) -> Event {
        Event(
            name, at: time.map { Timestamp(seconds: $0) } ?? clock.time, attributes: [.init("subject", .text(subject))])
    }

    /// Seconds of the samples that may be stored, by series.
    func left() -> [String: [Int64]] { Self.times(intake.harvest(closing: true)) }

    static func times(_ harvest: SampleIntake.Harvest) -> [String: [Int64]] {
        let series = Dictionary(uniqueKeysWithValues: harvest.definitions.map { ($0.id, $0.series.key) })
        var times: [String: [Int64]] = [:]
        for (_, batch, _) in harvest.batches {
            batch.forEach {
                times[series[$0.series] ?? "undefined", default: []].append($0.timestamp.nanoseconds / 1_000_000_000)
            }
        }
        return times
    }
}

@Suite("Consent on the box")
struct ConsentTests {
    private static let anna = Series("person.pulse", tags: [Tag("person", "anna")])
    private static let bert = Series("person.pulse", tags: [Tag("person", "bert")])

    @Test("who has not consented is not stored, not even by name, and all else is")
    func unknown() throws {
        let box = GuardedIntake([("person.*", .tag("person"))])
        try box.take(Self.anna, 101, 102)
        try box.take(Series("room.temperature"), 101)
        let harvest = box.intake.harvest(closing: true)
        #expect(harvest.definitions.map(\.series.key) == ["room.temperature"])
        #expect(GuardedIntake.times(harvest) == ["room.temperature": [101]])
        #expect(box.intake.accepted == 2, "the sample and the record of the rules")
    }

    @Test("a grant has no effect before it is on disk, and none on what was taken before it")
    func grant() throws {
        let box = GuardedIntake([("person.*", .tag("person"))])
        #expect(box.intake.offer(box.change("consent.granted", "anna", at: 50)) == nil)
        try box.take(Self.anna, 101)
        box.clock.set(110)
        box.intake.grant(box.intake.takeGrants())
        try box.take(Self.anna, 60, 109, 110, 111)
        try box.take(Self.bert, 111)
        let harvest = box.intake.harvest(closing: true)
        #expect(GuardedIntake.times(harvest) == ["person.pulse,person=anna": [110, 111]])
        let event = try #require(harvest.events.first { $0.name == "consent.granted" })
        #expect(event.timestamp == Timestamp(seconds: 110), "it is told from when on it holds")
    }

    @Test("a withdrawal reaches what waits in the intake, as far as it was taken after it")
    func waiting() throws {
        let box = GuardedIntake([("person.*", .tag("person"))], granted: [("anna", 50), ("bert", 50)])
        try box.take(Self.anna, 101, 105, 106)
        try box.take(Self.bert, 106)
        box.clock.set(107)
        box.withdraw("anna", at: 105)
        try box.take(Self.anna, 102, 108)
        #expect(box.left() == ["person.pulse,person=anna": [101], "person.pulse,person=bert": [106]])
        #expect(box.intake.takeSuppressed().first?["count"] == .integer(4))
    }

    @Test("a withdrawal that is timed later holds at once")
    func future() throws {
        let box = GuardedIntake([("person.*", .tag("person"))], granted: [("anna", 50)])
        box.withdraw("anna", at: 500)
        try box.take(Self.anna, 101)
        #expect(box.left().isEmpty)
    }

    @Test("a withdrawal ends a harvest that waits for the disk, too")
    func harvested() throws {
        let box = GuardedIntake([("person.*", .tag("person")), ("fall.*", .subject("anna"))], granted: [("anna", 50)])
        try box.take(Self.anna, 101, 140)
        #expect(box.intake.offer(Event("fall.seen", at: Timestamp(seconds: 141))) == nil)
        var harvest = box.intake.harvest(closing: true)
        box.clock.set(120)
        box.withdraw("anna")
        box.intake.review(&harvest)
        #expect(GuardedIntake.times(harvest) == ["person.pulse,person=anna": [101]])
        #expect(!harvest.events.contains { $0.name == "fall.seen" })
    }

    @Test("events need consent like series; markers of runs do not")
    func events() throws {
        let box = GuardedIntake([("*", .subject("anna"))])
        #expect(box.intake.offer(Event("fall.seen", at: Timestamp(seconds: 101)))?.reason.contains("consent") == true)
        #expect(box.intake.offer(Event("run.start", at: Timestamp(seconds: 101))) == nil)
        box.grant("anna")
        #expect(box.intake.offer(Event("fall.seen", at: Timestamp(seconds: 101))) == nil)
    }

    @Test("a series that does not say whom it is about is never kept")
    func unnamed() throws {
        let box = GuardedIntake([("person.*", .tag("person"))])
        box.grant("anna")
        try box.take(Series("person.pulse"), 101)
        try box.take(Series("person.pulse", tags: [Tag("person", "an na")]), 101)
        #expect(box.left().isEmpty)
    }

    @Test("a series that two rules match needs both")
    func both() throws {
        let box = GuardedIntake([("person.*", .tag("person")), ("*.pulse", .subject("ward"))])
        box.grant("anna")
        try box.take(Self.anna, 101)
        #expect(box.left().isEmpty)
        box.grant("ward")
        try box.take(Self.anna, 102)
        #expect(box.left() == ["person.pulse,person=anna": [102]])
    }

    @Test("consent is asked of whom the input named; on record stands a pseudonym")
    func pseudonyms() throws {
        let key = PseudonymKey(Array("a secret of more than 16 bytes".utf8))
        let box = GuardedIntake(
            [("person.*", .tag("person"))], redaction: [("*", .pseudonymise(key, tags: ["person", "subject"]))])
        box.grant("anna")
        try box.take(Self.anna, 101)
        let harvest = box.intake.harvest(closing: true)
        let name = key.pseudonym(of: "anna")
        #expect(GuardedIntake.times(harvest) == ["person.pulse,person=\(name)": [101]])
        #expect(harvest.events.first { $0.name == "consent.granted" }?.text("subject") == name)
    }

    @Test("no rule takes changes of consent from the record")
    func kept() throws {
        let box = GuardedIntake([("person.*", .tag("person"))], redaction: [("*", .drop)])
        box.grant("anna")
        box.withdraw("anna")
        let names = box.intake.harvest(closing: true).events.map(\.name)
        #expect(names == ["consent.applied", "consent.granted", "consent.withdrawn"])
    }

    @Test("a withdrawal that overtakes a grant on its way to the disk wins")
    func overtaken() throws {
        let box = GuardedIntake([("person.*", .tag("person"))])
        #expect(box.intake.offer(box.change("consent.granted", "anna", at: nil)) == nil)
        let grants = box.intake.takeGrants()
        box.withdraw("anna")
        box.intake.grant(grants)
        try box.take(Self.anna, 101)
        #expect(box.left().isEmpty)
        #expect(try #require(box.intake.takeUnsaved()).isEmpty, "the disk is told")
    }

    @Test("consent from an earlier start stands where the clock has gone back behind it, from now on")
    func earlierClock() throws {
        let box = GuardedIntake([("person.*", .tag("person"))], granted: [("anna", 900)])
        try box.take(Self.anna, 99, 101)
        #expect(box.left() == ["person.pulse,person=anna": [101]])
    }

    @Test("what a device's last values were is forgotten, and said so once")
    func views() throws {
        var view = SeriesView(
            site: try #require(Identifier("lab")), agent: try #require(Identifier("box")))
        view.define([SeriesDefinition(id: SeriesID(rawValue: 0), series: Series("pulse", tags: [Tag("device", "bed")]))]
        )
        var batch = SampleBatch()
        try batch.append(Sample(series: SeriesID(rawValue: 0), timestamp: Timestamp(seconds: 1), value: .double(70)))
        view.note(batch)
        func shown() -> [String] {
            var shown: [String] = []
            view.states { shown.append("\($0) \(String(decoding: $1, as: UTF8.self))") }
            return shown
        }
        #expect(shown() == ["bed {\"pulse\":70}"])
        view.forget([SeriesID(rawValue: 0)])
        #expect(shown() == ["bed {}"])
        #expect(shown().isEmpty)
    }

    /// Whatever is granted, withdrawn, taken and harvested in whatever order: what is left was taken while consent stood, by what is known to the
    /// very end, and nothing taken while it stood and heard in time is held back.
    @Test("nothing slips through, in any order", arguments: 0..<200)
    func property(seed: UInt64) throws {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func random(_ count: UInt64) -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state % count
        }
        let box = GuardedIntake([("person.*", .tag("person"))])
        var now: Int64 = 100
        var windows: [(from: Int64, to: Int64)] = []
        var isGranted = false
        var kept: Set<Int64> = []
        for _ in 0..<60 {
            now += Int64(random(5)) + 1
            box.clock.set(now)
            switch random(4) {
            case 0 where !isGranted:
                box.grant("anna")
                windows.append((now, .max))
                isGranted = true
            case 1 where isGranted:
                let time = max(now - Int64(random(8)), 100)
                box.withdraw("anna", at: time)
                windows[windows.count - 1].to = time
                for index in windows.indices {
                    windows[index].to = min(windows[index].to, max(time, windows[index].from))
                }
                // What is still in the intake, and only that, is reached.
                kept = kept.filter { $0 < time }
                isGranted = false
            case 2:
                let time = now - Int64(random(6))
                try box.take(Self.anna, time)
                if isGranted, windows.contains(where: { $0.from <= time && time < $0.to }) { kept.insert(time) }
            default: break
            }
        }
        #expect(Set(box.left()["person.pulse,person=anna"] ?? []) == kept, "seed \(seed)")
    }
}
