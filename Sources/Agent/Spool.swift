package import Delivery
package import Frames
package import Installation
package import SegmentLog
package import Telemetry

/// The box's durable memory: frames on disk, one lane of the log for each priority class, until somebody has them for good.
///
/// Owns the position of every stream of this epoch, so that a frame gets its sequence number, its ordinal and its place in the
/// chain at the moment it is stored and at no other.
package struct Spool<Files: FileSystem>: ~Copyable {
    package let identity: InstallationIdentity
    package private(set) var log: SegmentedLog<Files>
    private var heads: [StreamHead]
    /// Where the last frame of each class was put in its lane, in this epoch: the frames before it stand before it, one by one.
    private var lastPlaces: [(position: UInt64, sequence: UInt64)?] = PriorityClass.allCases.map { _ in nil }
    private var encoder = FrameEncoder()
    private var frame: [UInt8] = []
    /// Its directory.
    package let path: String
    private let readClock: @Sendable () -> ClockReading

    /// What had to be given up since the last call of `takeEvictions`, for the log and for health.
    private var evictions: [Eviction] = []
    /// Since the start.
    package private(set) var account = SpoolTally()

    /// Frames that made room for more precious or newer ones.
    package struct Eviction: Hashable, Sendable {
        package let priority: PriorityClass
        /// The last log position that is gone.
        package let through: UInt64
        package let frames: Int
        package let samples: UInt64
    }

    /// Opens the spool, recovers it if the last run ended in a crash, and starts a new epoch on it.
    ///
    /// `segmentSize`: bytes; what is evicted goes by whole segments. `progress`: called now and then while the spool is looked through.
    /// Throws `AgentError` when the directory cannot be used, is held by another process, does not fit the disk, or was written by a later
    /// version, in which case nothing of it has changed.
    package init(
        _ settings: AgentSettings.Spool, segmentSize: Int = 4 << 20, site: Identifier, agent: Identifier, files: Files,
        readClock: @escaping @Sendable () -> ClockReading, install: @autoclosure () -> UUIDBytes,
        progress: () -> Void = {}
    ) throws(AgentError) {
        // Before the log is opened: of what a later version wrote nothing is touched.
        do throws(InstallationError) {
            _ = try InstallationIdentity.read(in: settings.path, files: files)
        } catch {
            throw AgentError(error)
        }
        var opened: SegmentedLog<Files>
        do throws(LogError) {
            opened = try SegmentedLog(
                directory: settings.path, options: Self.options(size: settings.size, segmentSize: segmentSize),
                files: files, progress: progress)
        } catch {
            throw AgentError(error)
        }
        let known: InstallationIdentity?
        do throws(InstallationError) {
            known = try InstallationIdentity.read(in: settings.path, files: files)
        } catch {
            throw AgentError(error)
        }
        try Self.requireOwner(SpoolOwner(site: site, agent: agent, install: known?.install), of: &opened, settings.path)
        try Self.requireKnownFrames(in: &opened, settings.path)
        let identity: InstallationIdentity
        do throws(InstallationError) {
            identity = try InstallationIdentity.startEpoch(in: settings.path, files: files, install: install())
        } catch {
            throw AgentError(error)
        }
        self.init(opened, identity, path: settings.path, site: site, agent: agent, readClock: readClock)
    }

    /// Not where something throws: Swift 6.2 would destroy what has a value from its declaration, before it has it.
    private init(
        _ log: consuming SegmentedLog<Files>, _ identity: InstallationIdentity, path: String, site: Identifier,
        agent: Identifier, readClock: @escaping @Sendable () -> ClockReading
    ) {
        self.log = log
        self.path = path
        self.identity = identity
        heads = PriorityClass.allCases.map { priority in
            StreamHead(
                Stream(site: site, agent: agent, install: identity.install, epoch: identity.epoch, priority: priority))
        }
        self.readClock = readClock
    }

    /// The log's shape for a spool of `size` bytes: a lane a class, and a reserve that only `event` frames may use.
    package static func options(size: Int64, segmentSize: Int = 4 << 20) -> LogOptions {
        LogOptions(
            laneCount: PriorityClass.allCases.count, segmentSize: segmentSize,
            capacity: .budget(bytes: Int(size), reserve: 2),
            scan: .everything)
    }

    /// The clock that frames carry.
    package var clock: ClockReading { readClock() }

    /// Encodes one frame and appends it to its lane; it may leave the box only after `synchronize`.
    ///
    /// A full spool lets go of the oldest segment of the least precious class, after that loss has been declared durably.
    /// `clock`: the one that timed the samples, where the wall clock was stepped since.
    /// - Returns: what the frame is in its stream.
    /// - Throws: `AgentError` when nothing may be let go for this class, or the disk fails; nothing was stored then.
    @discardableResult
    package mutating func store(
        _ batch: SampleBatch, _ extras: FrameExtras = FrameExtras(), as priority: PriorityClass,
        clock: ClockReading? = nil
    ) throws(AgentError) -> FrameHeader {
        try store(batch, as: priority, clock: clock) { _ in extras }
    }

    /// `extras`: made of where the streams stand when there is room for them.
    private mutating func store(
        _ batch: SampleBatch, as priority: PriorityClass, clock: ClockReading?,
        extras: ([StreamHead]) -> FrameExtras
    ) throws(AgentError) -> FrameHeader {
        while true {
            let head = heads[Int(priority.rawValue)]
            do throws(FrameError) {
                _ = try encoder.encode(batch, extras(heads), at: head, clock: clock ?? readClock(), into: &frame)
            } catch {
                throw AgentError(.spool, "a frame cannot be encoded: \(error)")
            }
            do throws(LogError) {
                return try append(to: priority, usingReserve: false)
            } catch {
                guard error.code == .full else { throw AgentError(error) }
            }
            try makeRoom(for: priority)
        }
    }

    /// Declares, durably, that frames of this install will never be delivered.
    package mutating func declareLost(_ losses: [LossDeclaration]) throws(AgentError) {
        try store(SampleBatch(), FrameExtras(losses: losses), as: .event)
        try synchronize()
        for loss in losses { account.note(loss) }
    }

    /// Says where the streams of this epoch end. Nothing may be stored after it.
    @discardableResult
    package mutating func storeEnds(at time: Timestamp) throws(AgentError) -> FrameHeader {
        try store(SampleBatch(), as: .event, clock: nil) { heads in
            var ends = heads.map { head in
                StreamEnd(
                    priority: head.stream.priority, epoch: head.stream.epoch, frames: head.sequence - 1,
                    samples: head.firstOrdinal - 1)
            }
            // The frame that says so is the last of its own stream.
            let own = Int(PriorityClass.event.rawValue)
            ends[own].frames += 1
            ends[own].samples += UInt64(ends.count)
            return FrameExtras(events: ends.map { $0.event(at: time) })
        }
    }

    /// Makes everything stored so far durable.
    package mutating func synchronize() throws(AgentError) {
        do throws(LogError) {
            try log.synchronize()
        } catch {
            throw AgentError(error)
        }
    }

    /// Frees everything of a class through `position`: it is safe elsewhere.
    package mutating func release(through position: UInt64, of priority: PriorityClass) {
        let before = released(priority)
        log.release(through: Position(position), in: priority.lane)
        account.released[Int(priority.rawValue)] += released(priority) - before
    }

    /// What was given up since the last call.
    package mutating func takeEvictions() -> [Eviction] {
        defer { evictions.removeAll(keepingCapacity: true) }
        return evictions
    }

    package func reader(of priority: PriorityClass) -> LogReader { log.reader(of: priority.lane) }

    /// The next durable frame of `reader`'s class, into `payload`.
    package mutating func next(_ reader: inout LogReader, into payload: inout [UInt8]) throws(AgentError) -> ReadStep {
        do throws(LogError) {
            return try log.next(&reader, into: &payload)
        } catch {
            throw AgentError(error)
        }
    }

    /// The last position that a power cut leaves: frames through it may leave the box.
    package func durable(_ priority: PriorityClass) -> UInt64 { log.durable(priority.lane).number }

    /// The last position that was released before this start or since.
    package func released(_ priority: PriorityClass) -> UInt64 { log.released(priority.lane).number }

    /// When the first durable frame of a class that is not released was made; nil when there is none that can be read.
    package mutating func oldest(_ priority: PriorityClass) -> Timestamp? {
        var reader = reader(of: priority)
        var frame: [UInt8] = []
        while let step = try? next(&reader, into: &frame), step != .end {
            if case .record = step, let header = try? FrameHeader.peek(frame) { return header.clock.wall }
        }
        return nil
    }

    /// How many samples of a class wait; nil when frames of an earlier start are among them, of which nobody has counted.
    package mutating func pendingSamples(_ priority: PriorityClass) -> UInt64? {
        let head = heads[Int(priority.rawValue)]
        var reader = reader(of: priority)
        var frame: [UInt8] = []
        while let step = try? next(&reader, into: &frame), step != .end {
            guard case .record = step, let header = try? FrameHeader.peek(frame) else { continue }
            return header.stream == head.stream ? head.firstOrdinal - header.firstOrdinal : nil
        }
        return 0
    }

    /// Which of these frames of a stream of this install the spool does not have, and never will: they come before the first that
    /// waits. Numbers that the stream has not reached yet are none of them.
    package mutating func gone(_ sequences: IntervalSet, of stream: StreamReference) throws(AgentError) -> IntervalSet {
        var reader = reader(of: stream.priority)
        var frame: [UInt8] = []
        var first: FrameHeader?
        while first == nil {
            let step = try next(&reader, into: &frame)
            if case .end = step { break }
            if case .record = step { first = try? FrameHeader.peek(frame) }
        }
        var end = UInt64.max
        if stream.epoch == identity.epoch { end = heads[Int(stream.priority.rawValue)].sequence }
        if let held = first?.stream.epoch {
            if held < stream.epoch { return IntervalSet() }
            if held == stream.epoch { end = min(end, first?.sequence ?? end) }
        }
        guard end > 1 else { return IntervalSet() }
        return sequences.subtracting(IntervalSet([end...UInt64.max]))
    }

    /// The next durable frame behind `reader` that is still on the disk, released or not, into `payload`; nil at the end.
    mutating func nextHeld(_ reader: inout LogReader, into payload: inout [UInt8]) throws(AgentError) -> UInt64? {
        do throws(LogError) {
            return try log.nextHeld(&reader, into: &payload)?.position.number
        } catch {
            throw AgentError(error)
        }
    }

    /// The position before the first of a class that is still on the disk.
    func startOfHeld(_ priority: PriorityClass) -> UInt64 { log.firstHeld(priority.lane).number - 1 }

    /// The position of a frame of this epoch, whether it is still there or not; nil where nothing was stored, or not so much.
    func position(of sequence: UInt64, _ priority: PriorityClass) -> UInt64? {
        guard let last = lastPlaces[Int(priority.rawValue)], sequence <= last.sequence else { return nil }
        let distance = last.sequence - sequence
        return distance < last.position ? last.position - distance : nil
    }

    package var statistics: LogStatistics { log.statistics }

    package var recovery: RecoveryReport { log.recovery }

    /// Syncs, writes the cursor and gives the directory free.
    package consuming func close() throws(AgentError) {
        do throws(LogError) {
            try log.close()
        } catch {
            throw AgentError(error)
        }
    }

    @discardableResult
    private mutating func append(to priority: PriorityClass, usingReserve: Bool) throws(LogError) -> FrameHeader {
        let stored = frame
        let entry = try log.append(stored.span.bytes, to: priority.lane, usingReserve: usingReserve)
        let header: FrameHeader
        do throws(FrameError) {
            header = try FrameHeader.peek(frame, verifyingChecksum: false)
        } catch {
            preconditionFailure("the encoder wrote a frame that it cannot read: \(error)")
        }
        heads[Int(priority.rawValue)].advance(past: header, digest: FrameDigest(of: frame))
        lastPlaces[Int(priority.rawValue)] = (entry.position.number, header.sequence)
        return header
    }

    /// Evicts one segment for an append to `priority`: reads what it holds, declares it lost in the `event` class, syncs that
    /// declaration, and only then lets the segment go.
    private mutating func makeRoom(for priority: PriorityClass) throws(AgentError) {
        guard let candidate = log.evictionCandidate(for: priority.lane) else { throw Self.full(for: priority) }
        let loss: LossTally
        do throws(LogError) {
            loss = try tally(candidate)
        } catch {
            throw AgentError(error)
        }
        if !loss.isEmpty {
            let head = heads[Int(PriorityClass.event.rawValue)]
            do throws(FrameError) {
                let extras = FrameExtras(losses: loss.declarations)
                _ = try encoder.encode(SampleBatch(), extras, at: head, clock: readClock(), into: &frame)
            } catch {
                throw AgentError(.spool, "a loss cannot be declared: \(error)")
            }
        }
        do throws(LogError) {
            if !loss.isEmpty {
                try append(to: .event, usingReserve: true)
                try log.synchronize(PriorityClass.event.lane)
            }
            try log.evict(candidate)
        } catch {
            throw error.code == .full ? Self.full(for: priority) : AgentError(error)
        }
        let evicted = PriorityClass(rawValue: UInt8(candidate.lane.index)) ?? .bulk
        account.note(frames: UInt64(loss.frames), samples: loss.samples, of: evicted, .evicted)
        evictions.append(
            Eviction(
                priority: evicted, through: candidate.positions.upperBound.number, frames: loss.frames,
                samples: loss.samples))
    }

    private static func full(for priority: PriorityClass) -> AgentError {
        AgentError(
            .full,
            "the spool is full of data at least as precious as class '\(priority.name)'; give 'spool: size' more, or bring "
                + "the collector back")
    }

    /// Counts what a segment holds, frame by frame.
    private mutating func tally(_ candidate: EvictionCandidate) throws(LogError) -> LossTally {
        var loss = LossTally(reason: .evicted)
        var reader = log.reader(of: candidate.lane, after: Position(candidate.positions.lowerBound.number - 1))
        while true {
            switch try log.next(&reader, into: &frame) {
            case .record(let entry):
                if entry.position > candidate.positions.upperBound { return loss }
                loss.add(frame)
                if entry.position == candidate.positions.upperBound { return loss }
            case .lost(let positions):
                if positions.upperBound >= candidate.positions.upperBound { return loss }
            case .end:
                return loss
            }
        }
    }
}

extension PriorityClass {
    /// The lane of the log that holds this class.
    var lane: Lane { Lane(Int(rawValue)) }
}

extension AgentError {
    init(_ error: InstallationError) {
        self.init(error.isNewer ? .newerFormat : .spool, error.message, path: error.path)
    }

    init(_ error: LogError) {
        self.init(error.code == .newerFormat ? .newerFormat : .spool, error.message, path: error.path)
    }
}
