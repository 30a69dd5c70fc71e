import Agent
import Delivery
import Frames
import Installation
import Mosquitto
import SegmentLog
import Synchronization
import Telemetry
import TestSupport

/// A spool and its uplink between two starts of the agent.
struct RunningAgent: ~Copyable {
    var spool: Spool<FaultyFileSystem>
    var uplink: Uplink
}

/// One box: a disk, a clock, and the agent's own spool and uplink.
final class SimulatedAgent {
    let id: Identifier
    let files: FaultyFileSystem
    private let settings: AgentSettings.Spool
    private let install: UUIDBytes
    private let window: Int
    private let clock: SimulatedClock
    private(set) var running: RunningAgent?
    private(set) var isConnected = false
    /// A bit on its disk was flipped.
    private(set) var isDamaged = false
    /// Tokens the broker has not answered for.
    private var unanswered: [Token] = []

    private static let segmentSize = 8192
    private static let cursorSize = 8192

    init(_ id: Identifier, number: Int, plan: WorldPlan, clock: SimulatedClock) {
        self.id = id
        self.clock = clock
        files = FaultyFileSystem(seed: plan.seed &+ UInt64(number))
        settings = AgentSettings.Spool(
            path: "/spool", size: Int64(plan.segments * Self.segmentSize + Self.cursorSize))
        install = UUIDBytes(high: plan.seed, low: UInt64(number))
        window = plan.window
    }

    /// The most its files may take, with a little for the identity.
    var budget: Int { Int(settings.size) + 2 * 48 }

    /// Starts it if it is down and the disk lets it.
    func start(_ truth: inout Truth) throws {
        guard running == nil else { return }
        do throws(AgentError) {
            let clock = self.clock
            let spool = try Spool(
                settings, segmentSize: Self.segmentSize, site: .simulation, agent: id, files: files,
                readClock: { clock.reading }, install: install)
            let uplink = Uplink(spool, authority: .collector, window: window, jitter: { 0.5 })
            running = RunningAgent(spool: spool, uplink: uplink)
            if isConnected { running?.connected() }
        } catch {
            try die(error)
        }
    }

    /// Measures `samples` times.
    func store(_ priority: PriorityClass, samples: Int, _ truth: inout Truth) throws {
        try start(&truth)
        guard let identity = running?.spool.identity else { return }
        let stream = Stream(
            site: .simulation, agent: id, install: identity.install, epoch: identity.epoch, priority: priority)
        var batch = SampleBatch()
        let first = truth.nextOrdinal(of: stream)
        for ordinal in first..<first + UInt64(samples) {
            let series = SeriesID(rawValue: UInt32(ordinal % 3))
            try batch.append(
                Sample(
                    series: series, timestamp: clock.reading.wall,
                    value: .integer(Truth.measurement(ordinal, in: stream))))
        }
        var header: FrameHeader?
        do throws(AgentError) {
            header = try running?.spool.store(batch, as: priority)
        } catch {
            // Full of what is at least as precious: the sensor is told, and nothing was accepted.
            if error.code != .full { try die(error) }
        }
        if let header { try truth.stored(header) }
        for eviction in running?.spool.takeEvictions() ?? [] {
            running?.uplink.forgot(through: eviction.through, of: eviction.priority)
        }
    }

    func synchronize(_ truth: inout Truth) throws {
        guard let identity = running?.spool.identity else { return try start(&truth) }
        do throws(AgentError) {
            try running?.spool.synchronize()
            truth.synchronized(install: identity.install, epoch: identity.epoch)
        } catch {
            try die(error)
        }
    }

    func pump(_ wire: SimulatedWire, _ truth: inout Truth) throws {
        try start(&truth)
        wire.begin(from: self)
        do throws(AgentError) {
            try running?.pump(wire, at: clock.monotonic)
        } catch {
            try die(error)
        }
        unanswered += wire.takeTokens()
    }

    func connect() {
        guard !isConnected else { return }
        isConnected = true
        running?.connected()
    }

    func disconnect() {
        isConnected = false
        unanswered = []
        running?.uplink.disconnected()
    }

    func answer(reason: UInt8) {
        guard let token = unanswered.first else { return }
        unanswered.removeFirst()
        running?.answered(token, reason, at: clock.monotonic)
    }

    func answerAll() {
        while !unanswered.isEmpty { answer(reason: 0) }
    }

    /// Flips a bit of a segment, as a bad medium does; the agent notices, or not.
    func flipBit(_ pick: Int) {
        let segments = files.paths.filter { $0.hasSuffix(".segment") }
        guard !segments.isEmpty else { return }
        isDamaged = true
        files.flipBit(pick / segments.count, of: segments[pick % segments.count])
    }

    func greeted(by generation: UUIDBytes) { running?.uplink.greeted(by: generation) }

    func asked(_ command: Command) throws {
        guard case .resend(let stream, let ranges) = command else { return }
        do throws(AgentError) {
            try running?.asked(for: ranges, of: stream)
        } catch {
            try die(error)
        }
    }

    func acknowledged(_ acknowledgement: Acknowledgement) { running?.acknowledged(acknowledgement) }

    /// Frames that nobody else has yet.
    var pending: Int { running?.spool.statistics.lanes.reduce(0) { $0 + $1.pending } ?? 0 }

    func stop(_ truth: inout Truth) throws {
        guard let identity = running?.spool.identity else { return try start(&truth) }
        do throws(AgentError) {
            let ends = try running?.storeEnds(at: clock.reading.wall)
            do {
                if let ends { try truth.stored(ends) }
            } catch {
                preconditionFailure("\(error)")
            }
            if let ending = running.take() {
                try ending.close()
                truth.synchronized(install: identity.install, epoch: identity.epoch)
            }
        } catch {
            try die(error)
        }
        try start(&truth)
    }

    func kill() {
        running = nil
        unanswered = []
        files.endProcess()
    }

    func cutPower(_ survival: SimulatedDisk.Survival) {
        running = nil
        unanswered = []
        files.reboot(survival)
    }

    /// The process ends on an error of the disk. What a failed write left in the page cache is no proof of anything: only a power
    /// cut is honest about it.
    private func die(_ error: AgentError) throws {
        let expected: Set<AgentError.Code> = [.spool, .full]
        guard expected.contains(error.code) else { throw Violation("agent \(id): \(error)") }
        cutPower(.seeded(UInt64(files.history.count)))
    }
}

extension RunningAgent {
    mutating func pump(_ wire: SimulatedWire, at now: Int64) throws(AgentError) {
        try uplink.pump(&spool, wire, at: now)
        _ = uplink.takeNotices()
    }

    mutating func connected() { uplink.connected(spool) }

    mutating func answered(_ token: Token, _ reason: UInt8, at now: Int64) {
        uplink.answered(token, reason: reason, at: now, in: &spool)
    }

    mutating func asked(for ranges: [ClosedRange<UInt64>], of stream: StreamReference) throws(AgentError) {
        try uplink.asked(for: ranges, of: stream, in: &spool)
        for eviction in spool.takeEvictions() { uplink.forgot(through: eviction.through, of: eviction.priority) }
    }

    mutating func acknowledged(_ acknowledgement: Acknowledgement) {
        uplink.acknowledged(acknowledgement, in: &spool)
    }

    /// Nil when there is no room for them: the ends stay open.
    mutating func storeEnds(at time: Timestamp) throws(AgentError) -> FrameHeader? {
        do throws(AgentError) {
            let header = try spool.storeEnds(at: time)
            return header
        } catch {
            guard error.code == .full else { throw error }
            return nil
        }
    }

    consuming func close() throws(AgentError) { try spool.close() }
}

/// Time as the world has it: one monotonic clock, and a wall clock that may jump.
final class SimulatedClock: Sendable {
    private let state = Mutex((monotonic: Int64(1_000_000_000), wallOffset: Int64(1_750_000_000_000_000_000)))

    var monotonic: Int64 { state.withLock { $0.monotonic } }

    func wait(seconds: Int) { state.withLock { $0.monotonic += Int64(seconds) * 1_000_000_000 } }

    func advance(_ nanoseconds: Int64) { state.withLock { $0.monotonic += nanoseconds } }

    func jump(seconds: Int) { state.withLock { $0.wallOffset += Int64(seconds) * 1_000_000_000 } }

    var reading: ClockReading {
        state.withLock { state in
            ClockReading(
                boot: UUIDBytes(high: 1, low: 1), sinceBoot: state.monotonic,
                wall: Timestamp(nanoseconds: state.wallOffset + state.monotonic),
                state: ClockState(isSynchronised: true, maximumError: 1000))
        }
    }
}
