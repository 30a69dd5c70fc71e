package import Delivery
package import Frames
package import SegmentLog
package import Telemetry

/// The way of a frame from the network into the archive: past the gate, into the log, to the device, and only then acknowledged.
///
/// Knows no connection: its caller hands it what came and sends on what it returns.
package struct FrameIntake<Files: FileSystem>: ~Copyable {
    /// What became of a payload.
    package enum Outcome: Hashable, Sendable {
        /// It is in the archive, and durable after the next `synchronize`.
        case admitted
        /// The archive had it already; its sender is told so again.
        case duplicate
        case refused(FrameGate.Refusal)
    }

    package var archive: Archive<Files>
    private var gate = FrameGate()
    private var owed: Set<Frames.Stream> = []

    package init(_ archive: consuming Archive<Files>) { self.archive = archive }

    /// The frame that was taken last.
    package var frame: FrameDecoder { gate.decoder }

    /// Takes in what was published under an agent's topic for one class.
    ///
    /// - Throws: `CollectorError` when the archive cannot be written.
    package mutating func take(
        _ payload: [UInt8], site: Identifier, agent: Identifier, priority: PriorityClass
    ) throws(CollectorError) -> Outcome {
        if let refusal = gate.refusal(of: payload, site: site, agent: agent, priority: priority) {
            return .refused(refusal)
        }
        let isNew = try archive.admit(gate.decoder, payload)
        if let header = gate.decoder.header { owed.insert(header.stream) }
        return isNew ? .admitted : .duplicate
    }

    /// Whether there is something to make durable or to acknowledge.
    package var isPending: Bool { !owed.isEmpty || archive.uncommitted > 0 }

    /// Makes everything taken durable.
    ///
    /// - Returns: what is owed since the last time, a stream each; an acknowledgement that gets lost is owed again when its frames
    ///   come again.
    /// - Throws: `CollectorError` when the archive cannot be written; nothing may be acknowledged then.
    package mutating func synchronize() throws(CollectorError) -> [(stream: Frames.Stream, Acknowledgement)] {
        try archive.synchronize()
        defer { owed.removeAll(keepingCapacity: true) }
        return owed.map { ($0, archive.acknowledgement(of: $0)) }
    }

    /// Syncs and gives the archive free.
    package consuming func close() throws(CollectorError) { try archive.close() }
}
