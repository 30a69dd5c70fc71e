import Frames
import SegmentLog
import Synchronization
import Telemetry
import TestSupport

@testable import Agent

extension Identifier {
    /// For the names a test makes up; one that is none fails the test at once.
    static func named(_ text: String) -> Identifier {
        guard let identifier = Identifier(text) else { preconditionFailure("'\(text)' is no identifier") }
        return identifier
    }
}

/// A box without a network: a disk that can fail, a clock that goes only when told, and how the spool is set up on them.
final class Box: Sendable {
    /// The smallest that the log allows: one segment holds a few frames, so that a handful of them fills a spool.
    static let segmentSize = 8192
    static let path = "/spool"
    static let install = UUIDBytes(high: 0xB0, low: 0x0B)

    let files: FaultyFileSystem
    let clock = StandingClock()
    let settings: AgentSettings.Spool

    /// `segments`: at least 6, a lane for each class, two in reserve and one to spare.
    /// `capacity`: bytes of the whole disk.
    init(segments: Int = 8, seed: UInt64 = 1, capacity: Int? = nil) {
        files = FaultyFileSystem(seed: seed, capacity: capacity)
        settings = AgentSettings.Spool(path: Self.path, size: Int64((segments + 1) * Self.segmentSize))
    }

    /// Starts on the disk as it is.
    func open(site: String = "here", agent: String = "box") throws(AgentError) -> Spool<FaultyFileSystem> {
        let clock = self.clock
        return try Spool(
            settings, segmentSize: Self.segmentSize, site: .named(site), agent: .named(agent), files: files,
            readClock: { clock.reading }, install: Self.install)
    }
}

/// Time that a test moves.
final class StandingClock: Sendable {
    private let elapsed = Mutex<Int64>(0)

    /// `CLOCK_MONOTONIC`, nanoseconds.
    var monotonic: Int64 { elapsed.withLock { $0 } }

    func advance(seconds: Double) { elapsed.withLock { $0 += Int64(seconds * 1e9) } }

    var reading: ClockReading {
        let now = monotonic
        return ClockReading(
            boot: UUIDBytes(high: 7, low: 7), sinceBoot: now,
            wall: Timestamp(nanoseconds: 1_750_000_000_000_000_000 + now),
            state: ClockState(isSynchronised: true, maximumError: 1000))
    }
}

extension SampleBatch {
    /// `count` samples that no encoding makes small, eight bytes each, and others for another `seed`.
    static func noise(_ count: Int, seed: UInt64 = 1) throws(FrameError) -> SampleBatch {
        var generator = SeededGenerator(seed: seed)
        var batch = SampleBatch()
        for second in 0..<count {
            try batch.append(
                Sample(
                    series: SeriesID(rawValue: 0), timestamp: Timestamp(seconds: Int64(second)),
                    value: .integer(Int64(bitPattern: generator.next()))))
        }
        return batch
    }
}

extension Spool {
    /// Every durable frame of a class that is not released, in order.
    mutating func frames(of priority: PriorityClass) throws -> [[UInt8]] {
        var reader = reader(of: priority)
        var frames: [[UInt8]] = []
        var frame: [UInt8] = []
        while true {
            switch try next(&reader, into: &frame) {
            case .record: frames.append(frame)
            case .lost: continue
            case .end: return frames
            }
        }
    }

    mutating func headers(of priority: PriorityClass) throws -> [FrameHeader] {
        try frames(of: priority).map { try FrameHeader.peek($0) }
    }

    /// What durable frames of class `event` declare lost.
    mutating func declarations() throws -> [LossDeclaration] {
        try frames(of: .event).flatMap { try Frame(decoding: $0).extras.losses }
    }

    /// Frames of a class that wait.
    func pending(_ priority: PriorityClass) -> Int { statistics.lanes[Int(priority.rawValue)].pending }
}

extension Box {
    /// Flips a bit in the middle of a frame where it stands on the medium.
    func damage(_ frame: [UInt8]) throws(DamageFailure) {
        for path in files.paths where path.hasSuffix(".segment") {
            guard let bytes = files.contents(path) else { continue }
            for start in stride(from: 0, through: bytes.count - frame.count, by: 8)
            where bytes[start..<start + frame.count].elementsEqual(frame) {
                files.flipBit((start + frame.count / 2) * 8, of: path)
                return
            }
        }
        throw DamageFailure()
    }

    struct DamageFailure: Error {}
}
