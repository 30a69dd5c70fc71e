import Agent
import Delivery
import Foundation
import Frames
import Mosquitto
import SegmentLog
import Telemetry

/// A box with many series at 1 Hz: the agent's own intake, spool and uplink on real files, a second of its time whenever told to.
struct OutageAgent: ~Copyable {
    static let id = Identifier("box") ?? .simulation

    private let clock: SimulatedClock
    private let directory: String
    private let intake = SampleIntake {}
    private let series: [SeriesID]
    private var spool: Spool<POSIXFileSystem>
    private var uplink: Uplink
    private var walk: [Int64]
    private var generator = SystemRandomNumberGenerator()
    private(set) var evictedSamples: UInt64 = 0

    init(_ plan: Outage.Plan, clock: SimulatedClock) throws {
        self.clock = clock
        directory = plan.directory
        let intake = self.intake
        series = (0..<plan.series).compactMap { number in
            intake.register(
                Series("joint.temperature", tags: [Tag("device", "arm-\(number / 7)"), Tag("joint", "\(number % 7)")]))
        }
        walk = Array(repeating: 4000, count: plan.series)
        let opened = try Spool(
            AgentSettings.Spool(path: plan.directory, size: Int64(plan.budget)), segmentSize: plan.segmentSize,
            site: .simulation, agent: Self.id, files: POSIXFileSystem(), readClock: { clock.reading },
            install: UUIDBytes(high: 1, low: 2))
        uplink = Uplink(opened, authority: .collector)
        spool = opened
    }

    var accepted: UInt64 { intake.accepted }

    /// Frames that nobody else has yet.
    var pending: Int { spool.statistics.lanes.reduce(0) { $0 + $1.pending } }

    /// Segments with frames in them, bytes.
    var usedBytes: Int { spool.statistics.usedBytes }

    /// What the spool takes on disk, bytes.
    var diskBytes: Int {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.reduce(0) { sum, name in
            let facts = try? FileManager.default.attributesOfItem(atPath: "\(directory)/\(name)")
            return sum + (facts?[.size] as? Int ?? 0)
        }
    }

    /// Measures every series once, then stores and syncs what came, as the agent does once a sync window.
    ///
    /// Each series is a walk in hundredths, as most sensors give them.
    mutating func liveThroughSecond() throws {
        let now = clock.reading.wall
        var samples: [Sample] = []
        samples.reserveCapacity(series.count)
        for index in series.indices {
            walk[index] += Int64.random(in: -5...5, using: &generator)
            samples.append(Sample(series: series[index], timestamp: now, value: .double(Double(walk[index]) / 100)))
        }
        intake.accept(samples, priority: .metric)
        let harvest = intake.harvest(closing: true)
        if !harvest.definitions.isEmpty {
            try spool.store(SampleBatch(), FrameExtras(definitions: harvest.definitions), as: .event)
        }
        for (priority, batch, clock) in harvest.batches {
            try spool.store(batch, as: priority, clock: clock)
            intake.recycle(batch)
        }
        try spool.synchronize()
        for eviction in spool.takeEvictions() {
            evictedSamples += eviction.samples
            uplink.forgot(through: eviction.through, of: eviction.priority)
        }
    }

    mutating func connected() { uplink.connected(spool) }

    mutating func answered(_ token: Token) { uplink.answered(token, reason: 0, at: clock.monotonic, in: &spool) }

    mutating func acknowledged(_ json: [UInt8]) throws {
        uplink.acknowledged(try Acknowledgement(json: json), in: &spool)
    }

    mutating func pump(_ wire: ThinLink) throws {
        try uplink.pump(&spool, wire, at: clock.monotonic)
        for notice in uplink.takeNotices() { throw Violation("the uplink says \(notice)") }
    }

    var resent: UInt64 { uplink.resent }

    consuming func close() throws { try spool.close() }
}
