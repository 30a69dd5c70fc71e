import Aggregation
import Configuration
import Delivery
import Foundation
import Frames
import Scenarios
import SegmentLog
import Storage
import Telemetry
import TestSupport

@testable import Collector

/// An archive on a disk that can fail, filled by one agent with ten runs of a scenario.
enum Centre {
    static let directory = "/archive"
    /// Holds about fourteen frames of data.
    static let segmentSize = 16384
    static let frames = 70
    /// A run lasts as long as seven frames.
    static let runs = 10
    static let begin = Timestamp(seconds: 1_760_000_000)

    static let site = named("hall")
    static let agent = named("arm-07")

    static func named(_ text: String) -> Identifier {
        guard let identifier = Identifier(text) else { preconditionFailure("'\(text)' is no identifier") }
        return identifier
    }

    static func stream(_ priority: PriorityClass) -> Frames.Stream {
        Frames.Stream(site: site, agent: agent, install: UUIDBytes(high: 5, low: 6), epoch: 1, priority: priority)
    }

    static func open(
        _ files: FaultyFileSystem, _ store: SQLiteStore, anew: Bool = false
    ) throws -> Archive<FaultyFileSystem> {
        try Archive.open(
            directory, files: files, store: store, segmentSize: segmentSize, install: UUIDBytes(high: 1, low: 2),
            anew: anew)
    }

    /// Runs `body` with a place for stores, which is removed afterwards.
    static func withStores(_ body: (_ make: () throws -> SQLiteStore) throws -> Void) throws {
        let place = FileManager.default.temporaryDirectory.appending(path: "collector-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: place) }
        var count = 0
        try body {
            count += 1
            return try SQLiteStore(path: "\(place.path)/\(count).db")
        }
    }

    static func clock(_ wall: Timestamp, isSynchronised: Bool = true) -> ClockReading {
        ClockReading(
            boot: UUIDBytes(high: 7, low: 7), sinceBoot: wall.nanoseconds(since: begin), wall: wall,
            state: ClockState(isSynchronised: isSynchronised, maximumError: 1000))
    }

    /// Everything that the agent ever sends: its dictionary and run markers, then ten seconds of data a frame.
    static let sent: [[UInt8]] = {
        do { return try makeFrames() } catch { preconditionFailure("\(error)") }
    }()

    private static func makeFrames() throws -> [[UInt8]] {
        var encoder = FrameEncoder()
        var generator = SeededGenerator(seed: 17)
        let scenario = try definition.definition.id
        let length = Int64(frames / runs * 10)
        var events: [Event] = []
        for run in 0..<runs {
            let start = begin.advanced(byNanoseconds: Int64(run) * length * 1_000_000_000)
            let stop = start.advanced(byNanoseconds: (length - 1) * 1_000_000_000)
            events.append(RunEvent(.start, scenario: scenario, run: named("r\(run)"), at: start).event)
            events.append(
                RunEvent(.stop, scenario: scenario, run: named("r\(run)"), at: stop, outcome: "success").event)
        }
        let force = SeriesDefinition(
            id: SeriesID(rawValue: 0), series: Series("force", unit: Telemetry.Unit("N") ?? .one))
        var sent: [[UInt8]] = [[]]
        _ = try encoder.encode(
            SampleBatch(), FrameExtras(definitions: [force], events: events), at: StreamHead(stream(.event)),
            clock: clock(begin), into: &sent[0])
        var head = StreamHead(stream(.metric))
        for number in 0..<frames {
            var batch = SampleBatch()
            let start = begin.advanced(byNanoseconds: Int64(number) * 10_000_000_000)
            for sample in 0..<100 {
                try batch.append(
                    Sample(
                        series: force.id, timestamp: start.advanced(byNanoseconds: Int64(sample) * 100_000_000),
                        value: .double(Double.random(in: 0..<50, using: &generator))))
            }
            var frame: [UInt8] = []
            let header = try encoder.encode(
                batch, FrameExtras(), at: head, clock: clock(start.advanced(byNanoseconds: 9_900_000_000)),
                into: &frame)
            head.advance(past: header, digest: FrameDigest(of: frame))
            sent.append(frame)
        }
        return sent
    }

    static var definition: ScenarioLibrary.Entry { get throws { try definition(with: "") } }

    /// `more`: lines of the definition's file behind all others.
    static func definition(with more: String) throws -> ScenarioLibrary.Entry {
        let text = """
            schema: fieldproof/scenario/v1
            id: press
            version: 1.0.0
            title: Press
            setting: real
            metrics:
              force: {series: force, unit: N, every: 100ms}
            criteria:
              - {id: ok, statistic: proportion, outcome: success, at-least: 0.5, confidence: 0.9}
              - {id: soft, statistic: mean, metric: force, reduce: max, at-most: 70 N, confidence: 0.9}
            \(more)
            """
        return ScenarioLibrary.Entry(try ScenarioDefinition(ConfigurationFile(name: "press.yaml", text: text)))
    }

    /// A run that has everything the agent ever sends.
    static var everything: Run {
        get throws {
            let scenario = try definition.definition
            var ledger = RunLedger(scenario)
            let ends: [(RunEvent.Phase, Int64)] = [(.start, 0), (.stop, 4_000_000_000)]
            for (phase, second) in ends {
                let event = RunEvent(phase, scenario: scenario.id, run: named("all"), at: Timestamp(seconds: second))
                ledger.insert(RunMarker(event, site: site, source: agent))
            }
            return try ledger.runs(through: Horizon(begin)).first.orFail()
        }
    }

    static func summary(_ archive: borrowing Archive<FaultyFileSystem>, _ store: SQLiteStore) throws -> Summary {
        let entry = try definition
        let book = try RunBook(entry, store: store, archive.ledgers)
        return try EvidenceRoom(entry, archive.ledgers).summary(
            of: book.runs, aggregates: book.aggregates, .init(), store: store, software: "test")
    }
}

extension Archive {
    /// Takes frames in as the network gives them, and notes the time.
    mutating func take(_ frames: some Sequence<[UInt8]>, at wall: Timestamp = Centre.begin) throws {
        var decoder = FrameDecoder()
        for frame in frames {
            try decoder.decode(frame)
            _ = try admit(decoder, frame)
            try note(Centre.clock(wall))
        }
        try synchronize()
    }

    /// What each stream's ledger says came.
    var spans: [Frames.Stream: FrameSpans] { allStreams.mapValues(\.ledger.archived) }
}
