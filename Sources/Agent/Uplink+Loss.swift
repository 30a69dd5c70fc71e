package import Delivery
import Frames
import Installation
package import SegmentLog
import Telemetry

/// Frames that will never be sent: damaged on disk, refused for good, or gone before they were asked for.
extension Uplink {
    /// Passes over frames that cannot be read back. False when there is no room to declare them now.
    ///
    /// One that was sent before is declared at once, since its numbers are known; the others when the frame after them shows which
    /// they were.
    mutating func lose(
        _ positions: ClosedRange<UInt64>, of priority: PriorityClass, on course: SendWindow.Course?,
        _ spool: inout Spool<some FileSystem>
    ) throws(AgentError) -> Bool {
        let index = Int(priority.rawValue)
        if let course {
            trails[index][course, default: Trail()].lost += UInt64(positions.count)
            if course == .backlog, try !bridge(positions, index, &spool) { return false }
        } else {
            let losses = windows[index].outstanding(in: positions).map { frame in
                LossDeclaration(
                    epoch: frame.epoch, priority: priority, sequences: frame.sequence...frame.sequence,
                    samples: frame.ordinals.map { .ordinals($0) } ?? .none, reason: .corrupt)
            }
            if !losses.isEmpty, try !declare(losses, &spool) { return false }
        }
        notices.append(.unreadable(priority, positions: positions))
        giveUp(positions, of: priority, on: course, &spool)
        return true
    }

    /// Where the frame after lost ones went ahead, the backlog will never come to it: it is read here, to show which were lost.
    /// False when there is no room to declare them now.
    mutating func bridge(
        _ lost: ClosedRange<UInt64>, _ index: Int, _ spool: inout Spool<some FileSystem>
    ) throws(AgentError) -> Bool {
        let priority = PriorityClass.allCases[index]
        guard windows[index].isAhead(lost.upperBound + 1),
            case .record = try read(after: lost.upperBound, of: priority, on: .backlog, &spool),
            let header = try? FrameHeader.peek(payload)
        else { return true }
        return try follow(header, index, .backlog, &spool)
    }

    /// Declares frames lost that were damaged on disk, once the frame after them shows which they were. False when there is no
    /// room for that now.
    mutating func follow(
        _ header: FrameHeader, _ index: Int, _ course: SendWindow.Course, _ spool: inout Spool<some FileSystem>
    ) throws(AgentError) -> Bool {
        let losses = trails[index][course]?.losses(before: header) ?? []
        if !losses.isEmpty, try !declare(losses, &spool) { return false }
        trails[index][course] = Trail(last: header)
        return true
    }

    /// The collector asks for frames that it lacks: what the spool holds goes again, and what it does not is declared.
    ///
    /// A range may be asked for any number of times; it is declared once for each life of the archive.
    package mutating func asked(
        for ranges: [ClosedRange<UInt64>], of stream: StreamReference, in spool: inout Spool<some FileSystem>
    ) throws(AgentError) {
        guard stream.install == spool.identity.install, stream.epoch <= spool.identity.epoch else { return }
        windows[Int(stream.priority.rawValue)].asked(for: ranges, of: stream.epoch)
        let known = answered[stream] ?? IntervalSet()
        var gone = try spool.gone(IntervalSet(ranges), of: stream).subtracting(known)
        guard !gone.isEmpty else { return }
        let held = heldFrames(gone, of: stream, spool)
        if !held.isEmpty {
            replay.ask(ReplayJob(lacking: held, of: stream, spool))
            gone = gone.subtracting(held)
        }
        try declareGone(gone, of: stream, &spool)
    }

    mutating func declareGone(
        _ gone: IntervalSet, of stream: StreamReference, _ spool: inout Spool<some FileSystem>
    ) throws(AgentError) {
        guard !gone.isEmpty else { return }
        let losses = gone.ranges.map {
            LossDeclaration(
                epoch: stream.epoch, priority: stream.priority, sequences: $0, samples: .unknown, reason: .unavailable)
        }
        guard try declare(losses, &spool) else { return }
        answered[stream, default: IntervalSet()].formUnion(gone)
        notices.append(.unavailable(stream.priority, frames: gone.count))
    }

    /// False when the spool has no room for it until events are delivered.
    func declare(
        _ losses: [LossDeclaration], _ spool: inout Spool<some FileSystem>
    ) throws(AgentError) -> Bool {
        do throws(AgentError) {
            try spool.declareLost(losses)
            return true
        } catch {
            guard error.code == .full else { throw error }
            return false
        }
    }

    /// Frames that will never be sent hold nothing up, but what was sent before them is still waited for.
    mutating func giveUp(
        _ positions: ClosedRange<UInt64>, of priority: PriorityClass, on course: SendWindow.Course?,
        _ spool: inout Spool<some FileSystem>
    ) {
        windows[Int(priority.rawValue)].gaveUp(positions, on: course)
        release(in: &spool)
    }
}

extension Uplink.Trail {
    /// Which frames were lost between the last one that could be read and this one.
    fileprivate func losses(before header: FrameHeader) -> [LossDeclaration] {
        guard lost > 0 else { return [] }
        if let last, last.stream == header.stream, last.sequence < header.sequence {
            guard last.sequence + 1 < header.sequence else { return [] }
            return [
                declaration(
                    header.stream, (last.sequence + 1)...(header.sequence - 1),
                    from: last.firstOrdinal + UInt64(last.sampleCount), to: header.firstOrdinal)
            ]
        }
        // Those directly before this one are of its stream, as far as that goes back; the rest ended the one before.
        var losses: [LossDeclaration] = []
        let own = min(lost, header.sequence - 1)
        if let last, last.stream != header.stream, lost > own {
            losses.append(declaration(last.stream, (last.sequence + 1)...(last.sequence + lost - own)))
        }
        if own > 0 {
            let isWhole = own == header.sequence - 1
            losses.append(
                declaration(
                    header.stream, (header.sequence - own)...(header.sequence - 1), from: isWhole ? 1 : nil,
                    to: header.firstOrdinal))
        }
        return losses
    }

    /// `from`: the number of the first sample in the frames; nil when nobody knows.
    /// `to`: that of the first sample behind them.
    private func declaration(
        _ stream: Frames.Stream, _ sequences: ClosedRange<UInt64>, from: UInt64? = nil, to: UInt64 = 0
    ) -> LossDeclaration {
        let samples: LostSamples =
            if let from { from < to ? .ordinals(from...(to - 1)) : .none } else { .unknown }
        return LossDeclaration(
            epoch: stream.epoch, priority: stream.priority, sequences: sequences, samples: samples, reason: .corrupt)
    }
}
