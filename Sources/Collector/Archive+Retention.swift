import Delivery
import Frames
import SegmentLog
import Storage
package import Telemetry

extension Archive {
    /// Tells the archive what time it is, so that the age of what comes now is known one day. Call it after frames were admitted.
    ///
    /// A clock that the kernel does not call synchronised is not noted.
    package mutating func note(_ clock: ClockReading) throws(CollectorError) {
        guard clock.state.isSynchronised, let segment = newestSegment, segment != notedSegment else { return }
        do throws(LogError) {
            try log.append(ArchiveNote.clock(clock.wall).bytes.span.bytes, to: Self.frameLane)
        } catch {
            throw CollectorError(error)
        }
        isUnsynchronized = true
        notedSegment = segment
    }

    /// Lets go of whole segments, the oldest first, that are older or more than `retention` allows, at most `limit` of them.
    ///
    /// What they held is recorded in the archive, durably, before the first of them goes, and given to the store at the next
    /// `commit`. Fold every run before: what is gone cannot be folded.
    ///
    /// - Throws: `CollectorError` when the archive cannot be read or written; nothing is gone then that is not recorded.
    package mutating func expire(
        _ retention: ArchiveRetention, at clock: ClockReading, limit: Int = 16
    ) throws(CollectorError) -> ArchiveExpiry {
        var expiry = ArchiveExpiry()
        do throws(LogError) {
            if let age = retention.age {
                try endOldSegment(age, at: clock)
                try keepTime(at: clock, every: Self.longestSegment(of: age))
            }
            while expiry.segments < limit {
                let isTooLarge = retention.size.map { Int64(log.statistics.usedBytes) > $0 } ?? false
                guard let oldest = log.oldestSegment(of: Self.frameLane) else {
                    expiry.isTooLarge = isTooLarge
                    break
                }
                if !isTooLarge {
                    guard try isOlder(oldest, than: retention.age, at: clock) else { break }
                }
                for run in try drop(oldest, at: clock) {
                    expiry.frames += UInt64(run.span.sequences.count)
                    expiry.samples += run.span.count
                }
                expiry.segments += 1
            }
        } catch {
            throw CollectorError(error)
        }
        return expiry
    }

    /// How long a segment is written at the most where frames have a limit, nanoseconds: only whole segments go, and one that fills for a year
    /// would keep frames for a year longer than they may be.
    private static func longestSegment(of age: Int64) -> Int64 { min(age / 8, 86_400_000_000_000) }

    /// Ends the segment that is being written when its first frame came too long ago.
    private mutating func endOldSegment(_ age: Int64, at clock: ClockReading) throws(LogError) {
        guard clock.state.isSynchronised, let positions = log.activePositions(of: Self.frameLane),
            let noted = try firstNote(behind: Position(positions.lowerBound.number - 1)),
            clock.wall.nanoseconds(since: noted) > Self.longestSegment(of: age)
        else { return }
        settle(try log.synchronize())
        try log.endSegment(of: Self.frameLane)
    }

    /// Ends what an expiry began that a crash interrupted: the record of it is durable.
    mutating func finishExpiry(through position: UInt64) throws(LogError) {
        while let oldest = log.oldestSegment(of: Self.frameLane), oldest.positions.upperBound.number <= position {
            try log.evict(oldest)
        }
    }

    /// Whether the segment was full before `age` ended.
    ///
    /// What stands behind it in the log came after everything in it, so the first clock noted there is a bound on the age of
    /// all its frames. Two clocks must agree that the time is over: the collector's, synchronised, and that of a synchronised
    /// agent whose frame has come since the start. So one clock that jumps lets go of nothing.
    private mutating func isOlder(
        _ segment: EvictionCandidate, than age: Int64?, at clock: ClockReading
    ) throws(LogError) -> Bool {
        guard let age, let now = agreed(clock) else { return false }
        guard let noted = try firstNote(behind: segment.positions.upperBound) else { return false }
        let (limit, overflow) = noted.nanoseconds.addingReportingOverflow(age)
        return !overflow && limit < now.nanoseconds
    }

    /// The earlier of the collector's clock and that of an agent, if both are synchronised.
    private func agreed(_ clock: ClockReading) -> Timestamp? {
        guard clock.state.isSynchronised, let newestWitness else { return nil }
        return min(clock.wall, newestWitness)
    }

    /// Puts the time on record in lane 0, if clocks agree on one that is `step` nanoseconds or more after the last one there.
    ///
    /// By it runs are told that are too old to keep, from the archive alone: so a rebuild years later finds the same ones.
    private mutating func keepTime(at clock: ClockReading, every step: Int64) throws(LogError) {
        guard let time = agreed(clock) else { return }
        if let agreedTime, time <= agreedTime || time.nanoseconds(since: agreedTime) < step { return }
        reached(try appendLinked(.clock(time)), in: Self.eventLane)
        isUnsynchronized = true
        agree(on: time)
    }

    /// Takes in a time that lane 0 has on record.
    mutating func agree(on time: Timestamp) {
        agreedTime = max(agreedTime ?? time, time)
        pending.agreedTime = agreedTime
    }

    private mutating func firstNote(behind position: Position) throws(LogError) -> Timestamp? {
        if let noteBehind, noteBehind.asked <= position, position < noteBehind.found { return noteBehind.time }
        var reader = log.reader(of: Self.frameLane, after: position)
        while true {
            switch try log.next(&reader, into: &payload) {
            case .end: return nil
            case .lost: continue
            case .record(let entry):
                guard case .clock(let time)? = ArchiveNote(payload) else { continue }
                noteBehind = (asked: position, found: entry.position, time: time)
                return time
            }
        }
    }

    /// Records what the segment holds, and then lets go of it.
    private mutating func drop(
        _ segment: EvictionCandidate, at clock: ClockReading
    ) throws(LogError) -> [ExpiredFrames] {
        try keepTime(at: clock, every: 0)
        let runs = try contents(of: segment)
        let boots = Set(runs.map(\.bootKey)).sorted().compactMap { boot in clocks[boot].map { (boot, $0) } }
        var notes = ArchiveNote.boots(boots)
        // The last note makes the expiry: it is durable only together with those before it.
        notes += ArchiveNote.expiry(of: runs, through: segment.positions.upperBound.number)
        var position = pending.archivePosition
        for note in notes { position = try appendLinked(note).number }
        settle(try log.synchronize())
        pending.archivePosition = position
        note(runs)
        try log.evict(segment)
        return runs
    }

    /// Takes in what has expired, with the clocks by which the store places it.
    mutating func note(_ runs: [ExpiredFrames]) {
        for run in runs {
            expired.insert(run)
            learn(.unread, of: run.bootKey)
        }
        pending.expired += runs
    }

    /// The frames of a segment as unbroken runs of each stream, in canonical order.
    private mutating func contents(of segment: EvictionCandidate) throws(LogError) -> [ExpiredFrames] {
        var frames: [ExpiredFrames] = []
        var reader = log.reader(of: segment.lane, after: Position(segment.positions.lowerBound.number - 1))
        var decoder = FrameDecoder()
        while reader.position < segment.positions.upperBound {
            guard case .record = try log.next(&reader, into: &payload) else {
                // A damaged frame was never indexed, so its number was never received.
                if reader.position < segment.positions.upperBound { continue }
                break
            }
            guard (try? decoder.decode(payload)) != nil, let header = decoder.header else { continue }
            frames.append(
                ExpiredFrames(
                    stream: header.stream, boot: header.clock.boot,
                    span: FrameSpan(
                        sequence: header.sequence, firstOrdinal: header.firstOrdinal,
                        samples: UInt64(header.sampleCount)),
                    recording: header.clock.state.isSynchronised
                        ? .synchronised(offset: header.clock.offset) : .unsynchronised,
                    times: decoder.stretchesSinceBoot, digest: FrameDigest(of: payload)))
        }
        frames.sort {
            $0.stream == $1.stream
                ? $0.span.sequences.lowerBound < $1.span.sequences.lowerBound
                : $0.stream.canonicalOrder < $1.stream.canonicalOrder
        }
        return frames.reduce(into: []) { runs, frame in
            if runs.isEmpty || !runs[runs.count - 1].extend(by: frame) { runs.append(frame) }
        }
    }
}

extension ExpiredFrames {
    /// How many stretches are told of one by one in a row of frames.
    static let mostStretches = 16

    /// Joins the frame that follows; false if it does not follow, in number, in samples and under the same clock, or has too much to tell.
    fileprivate mutating func extend(by next: ExpiredFrames) -> Bool {
        guard next.stream == stream, next.boot == boot, next.recording == recording,
            next.span.sequences.lowerBound == span.sequences.upperBound + 1,
            next.span.firstOrdinal == span.nextOrdinal
        else { return false }
        let joined = (times + next.times).joined()
        guard joined.count <= Self.mostStretches else { return false }
        times = joined
        span = FrameSpan(
            sequences: span.sequences.lowerBound...next.span.sequences.upperBound, firstOrdinal: span.firstOrdinal,
            nextOrdinal: next.span.nextOrdinal)
        digest = next.digest
        return true
    }
}
