package import Delivery
package import Frames
package import SegmentLog
import Storage
package import Telemetry

/// The way of a frame from the network into the archive: past the gate, into the log, to the device, and only then acknowledged; and
/// what is asked for because it does not come.
///
/// Knows no connection: its caller hands it what came and sends on what it returns.
package struct FrameIntake<Files: FileSystem>: ~Copyable {
    package typealias Outcome = FrameOutcome

    package var archive: Archive<Files>
    private var gate = FrameGate()
    private var installs = InstallGuard()
    private var lives = InstallLives()
    private var holes = HoleWatch<Frames.Stream>()
    private var owed: Set<Frames.Stream> = []

    package init(_ archive: consuming Archive<Files>) { self.archive = archive }

    /// The frame that was taken last.
    package var frame: FrameDecoder { gate.decoder }

    /// Takes in what was published under an agent's topic for one class.
    ///
    /// `now`: `CLOCK_MONOTONIC`, nanoseconds.
    /// - Throws: `CollectorError` when the archive cannot be written.
    package mutating func take(
        _ payload: [UInt8], site: Identifier, agent: Identifier, priority: PriorityClass, at now: Int64
    ) throws(CollectorError) -> Outcome {
        if let refusal = gate.refusal(of: payload, site: site, agent: agent, priority: priority) {
            return .refused(.gate(refusal))
        }
        guard let header = gate.decoder.header else { return .duplicate }
        var former: UUIDBytes?
        if archive.stored(header.stream)?.ledger.has(header.sequence) != true {
            switch installs.judge(site: site, agent: agent, install: header.stream.install, at: now) {
            case .accepted: break
            case .replaced(let install): former = install
            case .contested(let rival): return .refused(.contested(rival))
            }
        }
        return try admit(payload, header.stream, replacing: former)
    }

    /// Takes in a frame that came in a file: its sender is who it says it is, and lived when its clock says.
    ///
    /// - Throws: `CollectorError` when the archive cannot be written.
    package mutating func take(recorded payload: [UInt8]) throws(CollectorError) -> Outcome {
        if let refusal = gate.refusal(ofRecorded: payload) { return .refused(.gate(refusal)) }
        guard let header = gate.decoder.header else { return .duplicate }
        var former: UUIDBytes?
        if archive.stored(header.stream)?.ledger.has(header.sequence) != true {
            switch lives.judge(header) {
            case .accepted: break
            case .replaced(let install): former = install
            case .contested(let rival): return .refused(.contested(rival))
            }
        }
        return try admit(payload, header.stream, replacing: former)
    }

    /// What is in the gate.
    private mutating func admit(
        _ payload: [UInt8], _ stream: Frames.Stream, replacing former: UUIDBytes?
    ) throws(CollectorError) -> Outcome {
        switch try archive.admit(gate.decoder, payload) {
        case .contradiction(let contradiction): return .refused(.contradiction(contradiction))
        case .duplicate:
            owed.insert(stream)
            return .duplicate
        case .admitted:
            owed.insert(stream)
            return former.map { .replaced($0) } ?? .admitted
        }
    }

    /// Whether there is something to make durable or to acknowledge.
    package var isPending: Bool { !owed.isEmpty || archive.uncommitted > 0 }

    /// Makes everything taken durable.
    ///
    /// - Returns: what is owed since the last time, a stream each; an acknowledgement that gets lost is owed again when its frames
    ///   come again.
    /// - Throws: `CollectorError` when the archive cannot be written; nothing may be acknowledged then.
    package mutating func synchronize(
        at now: Int64
    ) throws(CollectorError) -> [(stream: Frames.Stream, Acknowledgement)] {
        try archive.synchronize()
        for stream in archive.takeChanged() {
            holes.note(stream, lacks: archive.stored(stream)?.ledger.missing ?? [], at: now)
        }
        defer { owed.removeAll(keepingCapacity: true) }
        return owed.map { ($0, archive.acknowledgement(of: $0)) }
    }

    /// An agent is here: what it was asked for in vain it may have.
    package mutating func heard(of agent: Identifier, at site: Identifier, at now: Int64) {
        holes.heard(ofStreams: { $0.site == site && $0.agent == agent }, at: now)
    }

    /// What agents are to be asked for now, because it stays away.
    package mutating func requests(at now: Int64) -> [(stream: Frames.Stream, Command)] {
        holes.due(at: now).map { stream, ranges in
            let reference = StreamReference(install: stream.install, epoch: stream.epoch, priority: stream.priority)
            return (stream, .resend(reference, ranges: ranges))
        }
    }

    /// When something is to be asked for next; nil while nothing is missing.
    package var dueAt: Int64? { holes.dueAt }

    /// Syncs and gives the archive free.
    package consuming func close() throws(CollectorError) { try archive.close() }
}

/// What became of a payload.
package enum FrameOutcome: Hashable, Sendable {
    /// It is in the archive, and durable after the next `synchronize`.
    case admitted
    /// The same, and it is the first of another install than before under this agent id.
    case replaced(UUIDBytes)
    /// The archive had it already; its sender is told so again.
    case duplicate
    case refused(FrameRefusal)
}
