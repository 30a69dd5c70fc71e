import Frames
package import Scenarios
package import Storage
import Telemetry

extension StoredLedgers {
    /// How far the streams reach.
    package var horizon: Horizon {
        var time = Timestamp(nanoseconds: .min)
        var unknown: [BootKey: Timestamp] = [:]
        for state in streams.values {
            time = max(time, state.knownTimes(boots)?.upperBound ?? time)
            guard let boot = state.boot, let clock = boots[boot], !clock.isTimeKnown,
                let last = state.unsynchronised?.placed(clock.unsynchronisedOffset).upperBound
            else { continue }
            unknown[boot] = max(unknown[boot] ?? last, last)
        }
        return Horizon(time, unknown: unknown)
    }

    /// Whether a run is older than its data may be kept, by the latest time on which the collector's clock and an agent's agreed, and frames of it
    /// are gone: then nothing that was made of them may be kept either. A run of which all frames are there is not, however long ago it was: they
    /// came late, and are kept from then on.
    ///
    /// Times of samples do not count: one box whose clock is months ahead would take what cannot be made again.
    package func isRetired(_ run: Run, _ governance: Governance) -> Bool {
        guard let retention = governance.retention, let agreedTime, run.isTimeKnown, let end = run.stop ?? run.start,
            agreedTime.nanoseconds(since: end) > retention
        else { return false }
        return hasExpired(of: run)
    }

    /// When a boot was at the earliest and at the latest, if only the agent's other starts tell: they are counted, so a boot lies between the
    /// known times of the starts before and after its own.
    func bounds(of boot: BootKey) -> ClosedRange<Timestamp> {
        var epochs: (least: UInt64, greatest: UInt64)?
        for (stream, state) in streams where state.boot == boot {
            epochs = (min(epochs?.least ?? stream.epoch, stream.epoch), max(epochs?.greatest ?? 0, stream.epoch))
        }
        var earliest = Timestamp(nanoseconds: .min)
        var latest = Timestamp(nanoseconds: .max)
        guard let epochs else { return earliest...latest }
        for (stream, state) in streams where stream.install == boot.install && stream.agent == boot.agent {
            guard let times = state.knownTimes(boots) else { continue }
            if stream.epoch < epochs.least { earliest = max(earliest, times.upperBound) }
            if stream.epoch > epochs.greatest { latest = min(latest, times.lowerBound) }
        }
        // A clock that was set back while it was synchronised proves nothing.
        return earliest <= latest ? earliest...latest : Timestamp(nanoseconds: .min)...Timestamp(nanoseconds: .max)
    }
}
