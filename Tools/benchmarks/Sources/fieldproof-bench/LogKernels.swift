import Agent
import Configuration
import Frames
import SegmentLog
import Telemetry

/// Frames appended to a log of the spool's shape and synced together, then released.
final class LogAppending: Kernel {
    let round = 2
    let samplesPerPass: Int
    let bytesPerPass: Double?
    private let frames: [[UInt8]]
    private var log: SegmentedLog<POSIXFileSystem>
    private let lane = Lane(1)

    /// `syncBytes`: a pass appends frames until they have at least so many bytes.
    init(_ mix: SampleMix, _ origin: Origin, syncBytes: Int, directory: String) throws {
        var size = 0
        var chosen: [[UInt8]] = []
        for frame in try mix.encoded(1 + syncBytes / 100, at: origin) where size < syncBytes {
            chosen.append(frame)
            size += frame.count
        }
        frames = chosen
        samplesPerPass = chosen.count * mix.samplesPerFrame
        bytesPerPass = Double(size)
        log = try SegmentedLog(
            directory: "\(directory)/log-\(syncBytes)", options: Spool<POSIXFileSystem>.options(size: 32 << 20),
            files: POSIXFileSystem())
    }

    func pass() throws {
        for frame in frames { try log.append(frame.span.bytes, to: lane) }
        try log.synchronize(lane)
        log.release(through: log.durable(lane), in: lane)
    }
}

/// Commits to a log of the spool's shape: records of any bytes, synced in batches, released at once.
struct Commits {
    let directory: String

    func seconds(for count: Int, of batch: Int, record: Int) throws -> Double {
        var random = SplitMix64(seed: 20_261_122)
        let payload = (0..<record).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        var log = try SegmentedLog(
            directory: "\(directory)/log", options: Spool<POSIXFileSystem>.options(size: 32 << 20),
            files: POSIXFileSystem())
        let lane = Lane(1)
        let begin = Stopwatch.now()
        for _ in 0..<count {
            for _ in 0..<batch / record { try log.append(payload.span.bytes, to: lane) }
            try log.synchronize(lane)
            log.release(through: log.durable(lane), in: lane)
        }
        let seconds = (Stopwatch.now() - begin) / 1e9
        try log.close()
        return seconds
    }
}

/// The agent's way of a sample from an input to the disk: accepted, batched, encoded, hashed, appended, synced.
final class Spooling: Kernel {
    let round = 2
    let samplesPerPass: Int
    let bytesPerPass: Double? = nil
    private let readings: [[Sample]]
    private let intake = SampleIntake(wake: {})
    private var spool: Spool<POSIXFileSystem>

    init(_ mix: SampleMix, _ origin: Origin, frames: Int, directory: String) throws {
        readings = mix.frames(frames)
        samplesPerPass = frames * mix.samplesPerFrame
        for definition in mix.definitions { _ = intake.register(definition.series) }
        let settings = try ConfigurationFile(name: "spool", text: "{path: \(directory)/spool, size: 64MiB}")
            .decode(AgentSettings.Spool.self)
        spool = try Spool(
            settings, site: origin.site, agent: origin.agent, files: POSIXFileSystem(),
            readClock: { Origin.clock(after: Timestamp(seconds: Origin.begin)) }, install: UUIDBytes(high: 1, low: 2))
    }

    func pass() throws {
        for reading in readings { intake.accept(reading, priority: .metric) }
        for (priority, batch, _) in intake.harvest(closing: true).batches {
            try spool.store(batch, as: priority)
            intake.recycle(batch)
        }
        try spool.synchronize()
        spool.release(through: spool.log.durable(Lane(1)).number, of: .metric)
    }
}
