import Collector
import Delivery
import Frames
import SegmentLog
import Storage
import Telemetry
import TestSupport

/// The centre: a disk, a store, and the collector's own intake.
final class SimulatedCollector {
    let files: FaultyFileSystem
    private let seed: UInt64
    private static let directory = "/archive"
    private static let segmentSize = 16384
    private var store = MemoryStore()
    private var running: FrameIntake<FaultyFileSystem>?
    private var copy: (disk: SimulatedDisk, store: MemoryStore)?
    /// What agents were told is kept for good.
    private var promised: [Stream: IntervalSet] = [:]
    /// The archive was taken back to an earlier state at least once.
    private(set) var isRestored = false

    private let clock: SimulatedClock
    private var starts: UInt64 = 0

    init(seed: UInt64, clock: SimulatedClock) {
        self.seed = seed
        self.clock = clock
        files = FaultyFileSystem(seed: seed &+ 1000)
    }

    /// Starts it if it is down; true if it was, and now is up: it then greets the agents.
    @discardableResult
    func start() throws -> Bool {
        guard running == nil else { return false }
        starts += 1
        do {
            let archive = try Archive.open(
                Self.directory, files: files, store: store, segmentSize: Self.segmentSize,
                install: UUIDBytes(high: seed, low: 99), generation: UUIDBytes(high: seed, low: starts))
            running = FrameIntake(archive)
        } catch let error as CollectorError {
            try die(error)
            return false
        }
        try checkPromises()
        return running != nil
    }

    func take(_ packet: SimulatedNetwork.Packet) throws {
        try start()
        do {
            let outcome = try running?.take(
                packet.bytes, site: .simulation, agent: packet.agent, priority: packet.priority, at: clock.monotonic)
            // Every box here is one box, and damage fails the frame's checksum: anything else that is refused would be lost.
            if case .refused(let refusal) = outcome, refusal.needsAction { throw Violation("refused: \(refusal)") }
        } catch let error as CollectorError {
            try die(error)
        }
    }

    /// What it lacks and asks for, by agent.
    func requests() -> [(agent: Identifier, json: [UInt8])] {
        (running?.requests(at: clock.monotonic) ?? []).map { ($0.stream.agent, $0.1.json) }
            .sorted { $0.0 == $1.0 ? $0.1.lexicographicallyPrecedes($1.1) : $0.0 < $1.0 }
    }

    /// Nothing is missing that it would still ask for.
    var isContent: Bool { running?.dueAt == nil }

    /// Which life of its archive this is.
    var generation: UUIDBytes { UUIDBytes(high: seed, low: starts) }

    func heard(of agent: Identifier) { running?.heard(of: agent, at: .simulation, at: clock.monotonic) }

    /// Syncs, and says what is kept.
    func acknowledge() throws -> [(agent: Identifier, json: [UInt8])] {
        try start()
        do throws(CollectorError) {
            var answers: [(Identifier, [UInt8])] = []
            for (stream, acknowledgement) in try running?.synchronize(at: clock.monotonic) ?? [] {
                promised[stream, default: IntervalSet()].formUnion(
                    running?.ledger(of: stream).received ?? IntervalSet())
                answers.append((stream.agent, acknowledgement.json))
            }
            return answers.sorted { ($0.0, $0.1.count) < ($1.0, $1.1.count) }
        } catch {
            try die(error)
            return []
        }
    }

    func commit() throws {
        do {
            try running?.archive.commit(to: store)
        } catch let error as CollectorError {
            try die(error)
        }
    }

    func kill() {
        running = nil
        files.endProcess()
    }

    func cutPower(_ survival: SimulatedDisk.Survival) {
        running = nil
        files.reboot(survival)
    }

    func loseStore() {
        running = nil
        store = MemoryStore()
    }

    func keepCopy() { copy = (files.disk.afterCrash(.everything), store.copy()) }

    func restore(withStore: Bool) {
        guard let copy else { return }
        running = nil
        files.replaceDisk(copy.disk)
        if withStore { store = copy.store.copy() }
        isRestored = true
        promised = [:]
    }

    var ledgers: [Stream: StreamLedger] { running?.archive.allStreams.mapValues(\.ledger) ?? [:] }

    /// Acknowledged means: in a synced archive, whatever happened since.
    func checkPromises() throws(Violation) {
        let ledgers = self.ledgers
        for (stream, kept) in promised where running != nil {
            let gone = kept.subtracting(ledgers[stream]?.received ?? IntervalSet())
            guard gone.isEmpty else { throw Violation("\(stream) \(gone.ranges) was acknowledged and is gone") }
        }
    }

    /// Reads the archive's own log, record by record: each frame is there once, and as it was sent.
    func audit(_ truth: Truth) throws {
        running = nil
        var log = try SegmentedLog(
            directory: Self.directory, options: LogOptions(laneCount: 2, segmentSize: Self.segmentSize), files: files)
        var bytes: [UInt8] = []
        var decoder = FrameDecoder()
        var seen: [Stream: IntervalSet] = [:]
        for lane in 0..<2 {
            var reader = log.reader(of: Lane(lane))
            while true {
                let step = try log.next(&reader, into: &bytes)
                if case .end = step { break }
                // Never synchronized, and torn: what was is a matter of the promises.
                guard case .record = step else { continue }
                let header = try decoder.decode(bytes)
                guard seen[header.stream, default: IntervalSet()].insert(header.sequence) else {
                    throw Violation("\(header.stream) \(header.sequence) is archived twice")
                }
                try truth.check(decoder, bytes)
            }
        }
        for (stream, sequences) in try store.load().streams.mapValues(\.ledger.received)
        where sequences != seen[stream] ?? IntervalSet() {
            throw Violation(
                "\(stream): the store knows of \(sequences.ranges), the archive has \(seen[stream]?.ranges ?? [])")
        }
    }

    private func die(_ error: CollectorError) throws {
        guard error.code == .archive else { throw Violation("collector: \(error)") }
        cutPower(.seeded(UInt64(files.history.count)))
    }
}

extension FrameIntake {
    fileprivate func ledger(of stream: Stream) -> StreamLedger { archive.stored(stream)?.ledger ?? StreamLedger() }
}
