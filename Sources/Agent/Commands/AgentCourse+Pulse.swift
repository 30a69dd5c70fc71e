import Delivery
import Installation
import Platform
import SegmentLog
import Telemetry

extension AgentCourse {
    /// Publishes how the spool is, if it is time. Reads the log only where something waits, and writes nothing.
    mutating func publishPulse(_ now: Int64) {
        guard link.isUp else { return }
        let statistics = spool.statistics
        let reading = clock.reading
        let mark = PulseRhythm.Mark(
            pending: UInt64(statistics.pendingRecords), evicted: UInt64(evicted.frames),
            isSynchronised: reading.state.isSynchronised)
        guard attendance.pulse.isDue(mark, at: now) else { return }
        let pending = PriorityClass.allCases.enumerated().map { index, priority in
            let frames = UInt64(statistics.lanes[index].pending)
            return Pulse.Waiting(frames: frames, oldest: frames > 0 ? spool.oldest(priority) : nil)
        }
        let pulse = Pulse(
            time: reading.wall, install: spool.identity.install, epoch: spool.identity.epoch,
            uptime: Double((now - attendance.started) / 1_000_000) / 1000, pending: pending,
            usedBytes: UInt64(statistics.usedBytes), freeBytes: UInt64(statistics.freeBytes),
            evictedFrames: mark.evicted, evictedSamples: evicted.samples,
            rejected: intake.rejected.values.reduce(0) { $0 + UInt64($1) }, clock: reading.state)
        if publish(pulse.json, to: topics.pulse, retain: true) { attendance.pulse.sent(mark, at: now) }
    }
}
