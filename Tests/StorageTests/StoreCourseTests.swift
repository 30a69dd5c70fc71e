import Aggregation
import Delivery
import Frames
import Scenarios
import Storage
import StorageSupport
import Telemetry
import TestSupport
import Testing

/// Every store against the model, over courses of everything that a collector does with one.
@Suite("Any course of a store")
struct StoreCourseTests {
    private static let scenario = Identifier.named("s")

    /// Small numbers, so that runs, frames, boots and epochs meet again and again.
    private struct Course {
        var generator: SeededGenerator
        var known = StoredLedgers()

        mutating func draw(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &generator) }

        mutating func range() -> Range<Int64> {
            // More than a pause of what expires apart.
            let start = draw(0...50) + 200 * draw(0...1)
            return start..<(start + draw(0...9))
        }

        mutating func stream() -> Frames.Stream {
            .made(
                site: draw(0...1) == 0 ? "here" : "there", install: UInt64(draw(1...2)), epoch: UInt64(draw(1...2)),
                PriorityClass.allCases[Int(draw(0...2))])
        }

        mutating func bootSpan() -> Run.BootSpan? {
            guard draw(0...1) == 0, let boot = known.boots.keys.sorted().randomElement(using: &generator) else {
                return nil
            }
            return .made(range(), of: boot)
        }

        mutating func run() -> Run {
            let span = bootSpan()
            return .made(
                .seconds(range()), site: span?.boot.site.text ?? (draw(0...3) == 0 ? "there" : "here"), bootSpan: span,
                isTimeKnown: draw(0...2) > 0)
        }

        /// One start of an agent is on one boot; of two starts, the kernel may have an id of the boot or none.
        mutating func frame() -> ArchivedFrame {
            let stream = stream()
            let range = range()
            return .made(
                UInt64(draw(1...20)), of: stream,
                times: draw(0...4) == 0 ? nil : range.lowerBound...range.upperBound,
                boot: stream.install.high == 1 ? 0 : 1, offset: draw(-9...9) * draw(0...1),
                isSynchronised: draw(0...2) > 0)
        }

        mutating func intake() -> StoredIntake {
            let frame = frame()
            let definition = SeriesDefinition(
                id: SeriesID(rawValue: UInt32(draw(0...3))), series: Series("s\(draw(0...9))"))
            let event = StoredEvent(
                site: frame.stream.site, source: frame.stream.agent,
                event: Event("e", at: Timestamp(seconds: draw(0...3))), clock: frame.clock)
            var intake = StoredIntake.made(
                [frame], definitions: draw(0...3) == 0 ? [(frame.stream, definition)] : [],
                events: draw(0...3) == 0 ? [event] : [], over: known)
            if draw(0...2) == 0 {
                let (times, since) = (range(), range())
                intake.stale.append(
                    .made(
                        frame.clock.boot, times: draw(0...1) == 0 ? nil : times.lowerBound...times.upperBound,
                        sinceBoot: since.lowerBound...since.upperBound))
            }
            let stream = stream()
            if draw(0...4) == 0, known.streams[stream] != nil {
                let first = UInt64(draw(1...20))
                let times = (0..<draw(0...3)).map { _ in
                    let range = range()
                    return range.lowerBound...range.upperBound
                }
                let recordings: [ExpiredFrames.Recording] = [
                    .unsynchronised, .placed, .synchronised(offset: draw(-1...1) * 200 * .second),
                ]
                let gone = ExpiredFrames.made(
                    first...(first + UInt64(draw(0...3))), of: stream, boot: stream.install.high == 1 ? 0 : 1,
                    times: times, recordings[Int(draw(0...2))])
                intake.boots[gone.bootKey] = intake.boots[gone.bootKey] ?? known.boots[gone.bootKey] ?? .unread
                intake.expired = [gone]
            }
            return intake
        }
    }

    /// What a store answers to every question.
    private struct Answers: Equatable {
        let aggregates: [RunKey: StoredAggregate]
        let streams: [Frames.Stream: StoredStream]
        let boots: [BootKey: BootClock]
        let frames: [ArchivedFrame]
        let frame: ArchivedFrame?
        let next: ArchivedFrame?
        let digest: FrameDigest?
        let series: [SeriesID: Series]
        let events: Set<StoredEvent>
        let hasExpired: Bool
        let expired: ExpiredTimes
        let parts: Set<StoredRulePart>

        init(_ store: any Store, _ run: Run, _ sequence: UInt64, _ stream: Frames.Stream) throws {
            aggregates = try store.aggregates(scenario: scenario, digest: "d")
            let ledgers = try store.load()
            streams = ledgers.streams
            boots = ledgers.boots
            expired = ledgers.expired
            frames = try store.frames(of: run)
            frame = try store.frame(sequence, of: stream)
            next = try store.frame(from: sequence, of: stream)
            digest = try store.digest(of: sequence, in: stream)
            series = try store.series(of: stream)
            events = Set(try store.events(named: ["e"]))
            parts = Set(try store.ruleParts(of: "rules"))
            hasExpired = ledgers.hasExpired(of: run)
        }
    }

    @Test("leaves every store with the same", arguments: 1...40 as ClosedRange<UInt64>)
    func anyCourse(seed: UInt64) throws {
        var course = Course(generator: SeededGenerator(seed: seed))
        let places = try StoreKind.all.map { try $0.makePlace() }
        let stores = try places.map { try $0.open() }
        for step in 0..<80 {
            switch course.draw(0...25) {
            case 21...23:
                let node = RuleTree.Node(level: Int(course.draw(0...3)), place: UInt64(course.draw(0...9)))
                let bytes = course.draw(0...3) == 0 ? nil : [UInt8(step)]
                let part = StoredRulePart(course.stream(), node, bytes: bytes)
                let name = course.draw(0...4) == 0 ? "others" : "rules"
                for store in stores { try store.save([part], of: name) }
            case 24:
                let keys = (0..<2).map { _ in RunKey(site: course.run().site, run: .named("r\(course.draw(0...9))")) }
                for store in stores { try store.remove(keys, scenario: Self.scenario, digest: "d") }
            case 0...6:
                let run = course.run()
                guard let stretch = FoldedStretch(run) else { continue }
                let key = RunKey(site: run.site, run: .named("r\(course.draw(0...9))"))
                for store in stores {
                    try store.save(
                        StoredAggregate(stretch, bytes: [UInt8(step)]), of: key, scenario: Self.scenario, digest: "d")
                }
            case 7 where step > 40:
                for store in stores { try store.removeReproducibleAggregates() }
            case 8 where step > 60:
                let isKeeping = course.draw(0...1) == 0
                for store in stores { try store.clear(keepingAggregates: isKeeping) }
                course.known = try stores[1].load()
            default:
                let intake = course.intake()
                course.known.streams.merge(intake.streams) { $1 }
                course.known.boots.merge(intake.boots) { $1 }
                for store in stores { try store.commit(intake) }
            }
            let (run, sequence, stream) = (course.run(), UInt64(course.draw(1...20)), course.stream())
            let answers = try stores.map { try Answers($0, run, sequence, stream) }
            for other in answers.dropFirst() { try #require(other == answers[0], "seed \(seed), step \(step)") }
        }
    }
}
