package import Frames
import SegmentLog
package import Storage
package import Telemetry

/// What the archive knows of clocks, and where in time its frames belong.
extension Archive {
    /// What is known of every stream and of the clock of every boot.
    package var ledgers: StoredLedgers {
        var ledgers = StoredLedgers()
        ledgers.streams = streams
        ledgers.boots = clocks
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
        let before = clocks[boot]
        var clock = before ?? BootClock(reading)
        clock.note(reading)
        clocks[boot] = clock
        pending.boots[boot] = clock
        if let times = frame.times {
            markStale(
                StaleStretch(
                    site: frame.stream.site, times: frame.placedTimes(by: clock), boot: boot, sinceBoot: times))
        }
        guard let before,
            before.anchor != clock.anchor || before.unsynchronisedOffset != clock.unsynchronisedOffset
        else { return }
        // What the boot recorded before its clock was right moves to where it belongs; or stays, and is known better.
        for (stream, state) in streams where state.boot == boot {
            guard let moved = state.unsynchronised else { continue }
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
        for (other, state) in streams where AgentStart(other) == AgentStart(stream) {
            guard let boot = state.boot, state.times != nil || state.unsynchronised != nil else { continue }
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

    /// When the samples of a frame were taken, as far as it is known by now; under the name that runs of its boot bear where it is not.
    func placedTimes(of decoder: FrameDecoder) -> ClosedRange<Timestamp>? {
        guard let header = decoder.header, let times = decoder.timesSinceBoot else { return nil }
        return times.placed(RecordedClock(header).placedOffset(by: clocks[header.boot]))
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
}
