package import Frames
import SegmentLog
package import Storage
package import Telemetry

/// What the archive knows of clocks, and where in time its frames belong.
extension Archive {
    /// What is known of every stream and of the clock of every boot, and up to where in the log.
    package var ledgers: StoredLedgers {
        var ledgers = StoredLedgers()
        ledgers.streams = streams
        ledgers.boots = clocks
        ledgers.expired = expired
        ledgers.registrations = registrations
        ledgers.documents = documents
        ledgers.agreedTime = agreedTime
        ledgers.archivePosition = pending.archivePosition
        ledgers.framePosition = pending.framePosition
        return ledgers
    }

    /// Where more is known than at the last call: runs there are to be folded again.
    package mutating func takeStale() -> [StaleStretch] {
        defer { stale.removeAll(keepingCapacity: true) }
        return stale
    }

    /// What the frame says of its boot's clock, and which stretches of time it touches.
    mutating func note(_ frame: ArchivedFrame, _ reading: ClockReading) {
        let boot = frame.clock.boot
        learn(BootClock(reading), of: boot)
        if let times = frame.times {
            markStale(
                StaleStretch(
                    site: frame.stream.site, times: frame.placedTimes(by: clocks[boot]), boot: boot, sinceBoot: times))
        }
    }

    /// Takes in what is known of a boot's clock, and which stretches of time that touches.
    mutating func learn(_ more: BootClock, of boot: BootKey) {
        let before = clocks[boot]
        var clock = before ?? more
        clock.join(more)
        clocks[boot] = clock
        pending.boots[boot] = clock
        guard let before,
            before.anchor != clock.anchor || before.unsynchronisedOffset != clock.unsynchronisedOffset
        else { return }
        // What the boot recorded before its clock was right moves to where it belongs; or stays, and is known better.
        for stream in streamsOfBoot[boot] ?? [] {
            guard let moved = streams[stream]?.unsynchronised else { continue }
            for clock in [before, clock] {
                markStale(
                    StaleStretch(
                        site: stream.site, times: clock.isTimeKnown ? moved.placed(clock.unsynchronisedOffset) : nil,
                        boot: boot, sinceBoot: moved))
            }
        }
    }

    /// Frames that came before the definitions they need were folded without them.
    mutating func noteLateDefinitions(of stream: Frames.Stream) {
        for priority in PriorityClass.allCases {
            var other = stream
            other.priority = priority
            guard let state = streams[other], let boot = state.boot, state.times != nil || state.unsynchronised != nil
            else { continue }
            markStale(
                StaleStretch(
                    site: other.site, times: state.knownTimes(clocks), boot: boot,
                    sinceBoot: Int64.min...Int64.max))
        }
    }

    private mutating func markStale(_ stretch: StaleStretch) {
        pending.stale.append(stretch)
        stale.append(stretch)
    }

}

extension FrameDecoder {
    /// The earliest and the latest time of a sample or event in the frame; nil for a frame of neither.
    package var times: ClosedRange<Timestamp>? {
        var first = Int64.max
        var last = Int64.min
        forEachColumn { column in
            for time in column.timestamps {
                first = min(first, time)
                last = max(last, time)
            }
        }
        for event in extras.events {
            first = min(first, event.timestamp.nanoseconds)
            last = max(last, event.timestamp.nanoseconds)
        }
        return first <= last ? Timestamp(nanoseconds: first)...Timestamp(nanoseconds: last) : nil
    }

    /// The earliest and the latest time of a sample or event in the frame, nanoseconds since the boot by the frame's clock; nil for a frame
    /// of neither.
    var timesSinceBoot: ClosedRange<Int64>? {
        guard let header, let times else { return nil }
        let clock = RecordedClock(header)
        return clock.elapsed(at: times.lowerBound)...clock.elapsed(at: times.upperBound)
    }

    /// The same as stretches more than `ExpiredFrames.pause` apart, at most `ExpiredFrames.mostStretches`.
    var stretchesSinceBoot: [ClosedRange<Int64>] {
        guard let header, let whole = timesSinceBoot else { return [] }
        // Of nearly every frame there is no more to say.
        let (length, overflow) = whole.upperBound.subtractingReportingOverflow(whole.lowerBound)
        guard overflow || length > ExpiredFrames.pause else { return [whole] }
        let clock = RecordedClock(header)
        var times: Set<Int64> = []
        forEachColumn { column in
            for time in column.timestamps { times.insert(clock.elapsed(at: Timestamp(nanoseconds: time))) }
        }
        for event in extras.events { times.insert(clock.elapsed(at: event.timestamp)) }
        return times.map { $0...$0 }.joined().joined(toAtMost: ExpiredFrames.mostStretches)
    }
}
