import Foundation
import Delivery
import Frames
import Storage
import StorageSupport
import Synchronization
import Telemetry
import Testing

/// One implementation of ``Store``, as the conformance suite holds it to the protocol. A new one is added to `all`.
struct StoreKind: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// A place for one store that nobody has used.
    let makePlace: @Sendable () throws -> any StorePlace

    static let all = [
        StoreKind(testDescription: "SQLite") { try SQLitePlace() },
        StoreKind(testDescription: "model") { ModelPlace() },
    ]
}

/// Where one store lies: whoever opens it again finds what was committed.
protocol StorePlace {
    func open() throws -> any Store
}

/// A SQLite file that goes with the test that made it.
final class SQLitePlace: StorePlace {
    let directory: String
    var path: String { directory + "/store.db" }

    init() throws {
        let made = FileManager.default.temporaryDirectory.appending(path: "fieldproof-store-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: made, withIntermediateDirectories: true)
        directory = made.path
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    func open() throws -> any Store { try SQLiteStore(path: path) }
}

struct ModelPlace: StorePlace {
    private let store = ModelStore()

    func open() throws -> any Store { store }
}

extension Frames.Stream {
    static func made(
        site: String = "here", agent: String = "box", install: UInt64 = 1, epoch: UInt64 = 1,
        _ priority: PriorityClass = .metric
    ) -> Frames.Stream {
        Frames.Stream(
            site: .named(site), agent: .named(agent), install: UUIDBytes(high: install, low: ~install), epoch: epoch,
            priority: priority)
    }
}

extension ArchivedFrame {
    /// `times`: seconds; nil for a frame of neither samples nor events.
    static func made(
        _ sequence: UInt64, of stream: Frames.Stream = .made(), times: ClosedRange<Int64>? = nil
    ) -> ArchivedFrame {
        ArchivedFrame(
            stream: stream, sequence: sequence, segment: 1, offset: UInt32(sequence % 1000) * 8,
            times: times.map { Timestamp(seconds: $0.lowerBound)...Timestamp(seconds: $0.upperBound) },
            digest: FrameDigest(of: Array("\(stream) \(sequence)".utf8)))
    }
}

extension StoredIntake {
    /// What an archive says after it took in these frames and nothing else: their streams cover the frames' times.
    static func made(
        _ frames: [ArchivedFrame], definitions: [(Frames.Stream, SeriesDefinition)] = [], events: [StoredEvent] = [],
        over known: [Frames.Stream: StoredStream] = [:]
    ) -> StoredIntake {
        var intake = StoredIntake(of: UUIDBytes(high: 0xA, low: 0xB))
        intake.frames = frames
        intake.definitions = definitions.map { (stream: $0.0, definition: $0.1) }
        intake.events = events
        intake.archivePosition = UInt64(frames.count)
        for frame in frames {
            var state = intake.streams[frame.stream] ?? known[frame.stream] ?? StoredStream()
            // Ten samples a frame, whatever its number.
            state.ledger.admit(sequence: frame.sequence, firstOrdinal: frame.sequence * 10 - 9, samples: 10)
            state.widen(to: frame.times)
            intake.streams[frame.stream] = state
        }
        return intake
    }
}
