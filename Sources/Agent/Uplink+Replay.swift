import Delivery
import Frames
import Installation
import Mosquitto
import SegmentLog
import Telemetry

/// Frames that are released, and sent again because somebody has lost them.
extension Uplink {
    /// How many records are looked at in one go: the engine has other things to do.
    private static var looksAtOnce: Int { 256 }

    /// Which of these frames are released and may still be on the disk. Of starts before this one nothing is known without a look.
    func heldFrames(
        _ frames: IntervalSet, of stream: StreamReference, _ spool: borrowing Spool<some FileSystem>
    ) -> IntervalSet {
        guard stream.install == spool.identity.install, stream.epoch == spool.identity.epoch else {
            return IntervalSet()
        }
        let start = spool.startOfHeld(stream.priority)
        let there = frames.ranges.compactMap { range -> ClosedRange<UInt64>? in
            guard let last = spool.position(of: range.upperBound, stream.priority), last > start else { return nil }
            let count = min(range.upperBound - range.lowerBound, last - start - 1)
            return (range.upperBound - count)...range.upperBound
        }
        return IntervalSet(there)
    }

    /// Everything unacknowledged is due now.
    mutating func sendAllAgain() {
        for index in windows.indices { windows[index].greeted() }
    }

    /// A person asks for frames again: those under way are due now, those that were released go beside them if the disk has them.
    mutating func resend(
        _ selection: OperatorRequest.Selection, for request: UUIDBytes, _ spool: borrowing Spool<some FileSystem>
    ) {
        switch selection {
        case .everything:
            for index in windows.indices { windows[index].rewind() }
        case .frames(let stream, let ranges):
            guard stream.install == spool.identity.install else { break }
            windows[Int(stream.priority.rawValue)].asked(for: ranges, of: stream.epoch)
        }
        replay.ask(ReplayJob(selection, for: request, spool))
    }

    /// False when the wire takes no more for now.
    mutating func pumpReplay(_ spool: inout Spool<some FileSystem>, _ wire: some FrameWire) throws(AgentError) -> Bool {
        var looks = 0
        while replay.isReady, looks < Self.looksAtOnce, let course = replay.course {
            looks += 1
            let index = Int(course.priority.rawValue)
            if held[index].position.number != course.cursor { held[index].seek(after: Position(course.cursor)) }
            guard let position = try spool.nextHeld(&held[index], into: &payload), position <= course.end else {
                replay.pass(course.end, course.priority)
                continue
            }
            guard let header = try? FrameHeader.peek(payload), course.wants(header) else {
                let isBehind = (try? FrameHeader.peek(payload)).map(course.isBehind) ?? false
                replay.pass(isBehind ? course.end : position, course.priority)
                continue
            }
            do throws(MosquittoError) {
                let token = try sendAgain(course.priority, wire)
                replay.sent(token, course.priority, header.sequence, at: position)
            } catch {
                guard error.code == .tooLarge else { return false }
                replay.pass(position, course.priority)
            }
        }
        while let job = replay.takeFinished() {
            guard job.request == nil, let stream = job.stream, let course = job.courses.first else { continue }
            try declareGone((course.wanted ?? IntervalSet()).subtracting(course.found), of: stream, &spool)
        }
        return true
    }
}

extension ReplayJob.Course {
    fileprivate func wants(_ header: FrameHeader) -> Bool {
        guard let epoch else { return true }
        return header.stream.epoch == epoch && wanted?.contains(header.sequence) ?? true
    }

    /// Whether nothing that is wanted stands behind this frame.
    fileprivate func isBehind(_ header: FrameHeader) -> Bool {
        guard let epoch else { return false }
        return (header.stream.epoch, header.sequence) > (epoch, wanted?.greatest ?? .max)
    }
}
