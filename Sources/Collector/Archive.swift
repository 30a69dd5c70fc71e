package import Delivery
package import Frames
package import Installation
import Platform
package import SegmentLog
package import Storage
package import Telemetry

/// The truth of a collector: every frame it was given, in a synced log, with a ledger for each stream.
///
/// The store follows the archive: what it has not taken in yet is read again at the next start. The log has two lanes: events,
/// with everything that gives other frames a meaning, are kept for good; the rest may expire. See <doc:Archive>.
package struct Archive<Files: FileSystem>: ~Copyable {
    package internal(set) var identity: InstallationIdentity
    /// Which life of the archive this is: another one at each start, so that one restored from a copy can be told.
    package let generation: UUIDBytes
    var log: SegmentedLog<Files>
    var streams: [Frames.Stream: StoredStream]
    /// What is known of the clock of every boot.
    var clocks: [BootKey: BootClock]
    /// The digest of each scenario's definition when its first run started.
    package internal(set) var registrations: [Identifier: String] = [:]
    /// Canonical JSON of the definitions that were registered, by digest.
    var documents: [String: [UInt8]] = [:]
    /// When the frames were taken that have expired.
    var expired: ExpiredTimes
    /// Where more is known than at the last call of `takeStale`.
    var stale: [StaleStretch] = []
    /// The latest time on which two clocks agreed that lane 0 has on record; see `keepTime`.
    var agreedTime: Timestamp?
    /// The boot of the machine on which each start of an agent was.
    var boots: [AgentStart: UUIDBytes] = [:]
    /// The streams that were made in each boot.
    var streamsOfBoot: [BootKey: Set<Frames.Stream>] = [:]
    /// Streams of which something came or was declared since `takeChanged`.
    var changed: Set<Frames.Stream> = []
    var pending: StoredIntake
    /// Why reading for the store ended before its end: what the store lacks is then known only to another opening.
    var brokenOff: (any Error)?
    var payload: [UInt8] = []
    /// Is told of each frame that is read back: whoever reads many gets on.
    var pulse: LoopPulse?
    /// Something was admitted that a power cut would take.
    var isUnsynchronized = false
    /// The segment that took the last frame that may expire, and the one that has a note of the time.
    private(set) var newestSegment: UInt64?
    var notedSegment: UInt64?
    /// The latest time that a synchronised clock has put into a frame since the start.
    private(set) var newestWitness: Timestamp?
    /// The first clock noted behind `asked` was `time`, and stands at `found`.
    var noteBehind: (asked: Position, found: Position, time: Timestamp)?

    /// Whether each frame that is read at the opening names the one before it; nil where nobody asks.
    var chains: ChainCheck?
    /// The notes of lane 0 as far as they were read; nil where the store knew of some that were not.
    var notes: NoteChain?

    init(
        _ log: consuming SegmentedLog<Files>, _ identity: InstallationIdentity, _ generation: UUIDBytes,
        _ ledgers: StoredLedgers
    ) {
        self.log = log
        self.identity = identity
        self.generation = generation
        streams = ledgers.streams
        clocks = ledgers.boots
        expired = ledgers.expired
        registrations = ledgers.registrations
        documents = ledgers.documents
        agreedTime = ledgers.agreedTime
        changed = Set(ledgers.streams.keys)
        for (stream, state) in ledgers.streams {
            guard let boot = state.boot else { continue }
            boots[AgentStart(stream)] = boot.boot
            streamsOfBoot[boot, default: []].insert(stream)
        }
        pending = StoredIntake(of: identity.install)
        pending.archivePosition = ledgers.archivePosition
        pending.framePosition = ledgers.framePosition
        notes = ledgers.archivePosition == 0 ? NoteChain() : nil
    }

    /// Log positions of frames that could not be read back, damaged on disk.
    package internal(set) var damaged: [ClosedRange<UInt64>] = []

    /// Frames of class `event`, and any other that holds definitions, events or declarations; and what the archive says of itself, with
    /// the times on which clocks agreed.
    static var eventLane: Lane { Lane(0) }
    /// All other frames, and notes of the time.
    static var frameLane: Lane { Lane(1) }

    private static func lane(of decoder: FrameDecoder) -> Lane {
        let extras = decoder.extras
        let isPlain = extras.definitions.isEmpty && extras.events.isEmpty && extras.losses.isEmpty
        return isPlain && decoder.header?.stream.priority != .event ? frameLane : eventLane
    }

    mutating func reached(_ position: Position, in lane: Lane) {
        if lane == Self.eventLane {
            pending.archivePosition = max(pending.archivePosition, position.number)
        } else {
            pending.framePosition = max(pending.framePosition, position.number)
        }
    }

    /// What became of a frame that was to be admitted.
    package enum Admission: Hashable, Sendable {
        /// It is in the archive for good after `synchronize`.
        case admitted
        /// The archive has it already; it is counted as a duplicate.
        case duplicate
        /// It cannot be of the stream that it names.
        case contradiction(FrameContradiction)
    }

    /// Takes in a frame that has passed the gate.
    package mutating func admit(_ decoder: FrameDecoder, _ frame: [UInt8]) throws(CollectorError) -> Admission {
        guard let header = decoder.header else { return .contradiction(.ordinals) }
        if let boot = boots[AgentStart(header.stream)], boot != header.clock.boot {
            return .contradiction(.twoBoots(boot, header.clock.boot))
        }
        var state = streams[header.stream] ?? StoredStream()
        switch state.admit(header) {
        case .contradiction: return .contradiction(.ordinals)
        case .present:
            streams[header.stream] = state
            pending.streams[header.stream] = state
            return .duplicate
        case .inserted: break
        }
        let entry: Entry
        do throws(LogError) {
            let lane = Self.lane(of: decoder)
            entry = try log.append(frame.span.bytes, to: lane)
            reached(entry.position, in: lane)
            if lane == Self.frameLane { newestSegment = entry.location.segment }
        } catch {
            throw CollectorError(error)
        }
        isUnsynchronized = true
        if header.clock.state.isSynchronised {
            newestWitness = max(newestWitness ?? header.clock.wall, header.clock.wall)
        }
        index(decoder, frame, at: entry)
        return .admitted
    }

    /// Makes everything admitted durable. Only after this may it be acknowledged.
    package mutating func synchronize() throws(CollectorError) {
        let synchronized: Synchronized
        do throws(LogError) {
            synchronized = try log.synchronize()
        } catch {
            throw CollectorError(error)
        }
        settle(synchronized)
    }

    /// Everything admitted is durable; some of it may have had to move.
    mutating func settle(_ synchronized: Synchronized) {
        isUnsynchronized = false
        for relocation in synchronized.relocations {
            for index in pending.frames.indices {
                let old = Location(segment: pending.frames[index].segment, offset: pending.frames[index].offset)
                let new = relocation(old)
                pending.frames[index].segment = new.segment
                pending.frames[index].offset = new.offset
            }
        }
    }

    /// Gives the store what it lacks, once that is durable here: a store must never know of more than its archive. What fails stays
    /// pending and is given again.
    ///
    /// - Throws: `CollectorError` or `StoreError`.
    package mutating func commit(to store: some Store) throws {
        if let brokenOff { throw brokenOff }
        guard !pending.isEmpty else { return }
        if isUnsynchronized { try synchronize() }
        try store.commit(pending)
        forgetPending()
    }

    /// What was pending is in the store, or on its way there.
    mutating func forgetPending() {
        let positions = (pending.archivePosition, pending.framePosition)
        pending = StoredIntake(of: identity.install)
        (pending.archivePosition, pending.framePosition) = positions
    }

    /// How many frames the store lacks.
    package var uncommitted: Int { pending.frames.count }

    package func stored(_ stream: Frames.Stream) -> StoredStream? { streams[stream] }

    package var allStreams: [Frames.Stream: StoredStream] { streams }

    /// What the archive has of `stream`, as the agent must hear it.
    package func acknowledgement(of stream: Frames.Stream) -> Acknowledgement {
        Acknowledgement(
            stream: StreamReference(install: stream.install, epoch: stream.epoch, priority: stream.priority),
            received: streams[stream]?.ledger.received ?? IntervalSet(), generation: generation)
    }

    /// Reads one frame back.
    package mutating func read(_ frame: ArchivedFrame, into bytes: inout [UInt8]) throws(CollectorError) {
        pulse?.works()
        do throws(LogError) {
            _ = try log.read(at: Location(segment: frame.segment, offset: frame.offset), into: &bytes)
        } catch {
            throw CollectorError(error)
        }
    }

    /// Reads one frame of a run back.
    mutating func read(_ place: RunFrames.Place, into bytes: inout [UInt8]) throws(CollectorError) {
        pulse?.works()
        do throws(LogError) {
            _ = try log.read(at: Location(segment: place.segment, offset: place.offset), into: &bytes)
        } catch {
            throw CollectorError(error)
        }
    }

    package consuming func close() throws(CollectorError) {
        do throws(LogError) {
            try log.close()
        } catch {
            throw CollectorError(error)
        }
    }

    /// Notes everything the store and the ledgers must know of a frame that is in the log.
    mutating func index(_ decoder: FrameDecoder, _ frame: [UInt8], at entry: Entry) {
        guard let header = decoder.header else { return }
        let archived = ArchivedFrame(
            stream: header.stream, sequence: header.sequence, segment: entry.location.segment,
            offset: entry.location.offset, clock: RecordedClock(header), times: decoder.timesSinceBoot,
            digest: FrameDigest(of: frame))
        chains?.note(header, archived.digest)
        var state = streams[header.stream] ?? StoredStream()
        // A frame comes into an archive only when it fits to those before it.
        _ = state.admit(header)
        state.widen(to: archived)
        boots[AgentStart(header.stream)] = header.clock.boot
        streamsOfBoot[header.boot, default: []].insert(header.stream)
        changed.insert(header.stream)
        streams[header.stream] = state
        pending.streams[header.stream] = state
        pending.frames.append(archived)
        note(archived, header.clock)
        for definition in decoder.extras.definitions { pending.definitions.append((header.stream, definition)) }
        if !decoder.extras.definitions.isEmpty { noteLateDefinitions(of: header.stream) }
        for event in decoder.extras.events {
            pending.events.append(
                StoredEvent(
                    site: header.stream.site, source: header.stream.agent, event: event, clock: archived.clock))
        }
        for loss in decoder.extras.losses { declare(loss, by: header.stream) }
        for end in decoder.extras.events.compactMap(StreamEnd.init) { note(end, by: header.stream) }
    }

    /// What an agent says of another stream of its own install.
    private mutating func change(
        _ epoch: UInt64, _ priority: PriorityClass, of stream: Frames.Stream, _ body: (inout StreamLedger) -> Void
    ) {
        let other = Frames.Stream(
            site: stream.site, agent: stream.agent, install: stream.install, epoch: epoch, priority: priority)
        var state = streams[other] ?? StoredStream()
        body(&state.ledger)
        streams[other] = state
        pending.streams[other] = state
        changed.insert(other)
    }

    private mutating func note(_ end: StreamEnd, by stream: Frames.Stream) {
        // A stream that has nothing has nothing to lose.
        guard end.frames > 0, end.frames <= FrameGate.greatestNumber, end.samples <= FrameGate.greatestNumber else {
            return
        }
        change(end.epoch, end.priority, of: stream) { $0.noteEnd(.init(frames: end.frames, samples: end.samples)) }
    }

    /// An agent speaks for the streams of its own install only.
    private mutating func declare(_ loss: LossDeclaration, by stream: Frames.Stream) {
        let other = Frames.Stream(
            site: stream.site, agent: stream.agent, install: stream.install, epoch: loss.epoch, priority: loss.priority)
        pending.losses.append(
            StoredLoss(
                other, loss.reason, frames: IntervalSet([loss.sequences]),
                samples: IntervalSet(loss.ordinals.map { [$0] } ?? [])))
        change(loss.epoch, loss.priority, of: stream) {
            $0.declareLost(
                sequences: loss.sequences, ordinals: loss.ordinals, isCounted: loss.samples != .unknown)
        }
    }

    /// The streams of which something came or was declared since the last call; at first all.
    package mutating func takeChanged() -> Set<Frames.Stream> {
        defer { changed.removeAll(keepingCapacity: true) }
        return changed
    }
}

/// Why a frame cannot be of the stream that it names.
package enum FrameContradiction: Hashable, Sendable {
    /// Its samples bear numbers that other frames have, or leave out some.
    case ordinals
    /// One start of an agent was on two boots of a machine, the first of which is known: its spool was copied to another box.
    case twoBoots(UUIDBytes, UUIDBytes)
}

/// One start of one installed agent.
struct AgentStart: Hashable {
    let site: Identifier
    let agent: Identifier
    let install: UUIDBytes
    let epoch: UInt64

    init(_ stream: Frames.Stream) {
        site = stream.site
        agent = stream.agent
        install = stream.install
        epoch = stream.epoch
    }
}

extension StoredStream {
    fileprivate mutating func admit(_ header: FrameHeader) -> FrameSpans.Insertion {
        ledger.admit(
            sequence: header.sequence, firstOrdinal: header.firstOrdinal, samples: UInt64(header.sampleCount))
    }
}

extension CollectorError {
    init(_ error: LogError) {
        let isHeld = error.code == .locked
        self.init(
            error.code == .newerFormat ? .newerFormat : .archive,
            isHeld ? "a collector or another command has this archive open; stop it first" : error.message,
            path: error.path)
    }
}
