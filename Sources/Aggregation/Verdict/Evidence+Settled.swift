import Frames
import Scenarios
import Telemetry

extension Evidence {
    /// The runs that nothing still to come can get ahead of: those that began before every open run, every hole of an event stream, and
    /// every tail of one that is not proven, at their sites.
    ///
    /// Whoever stops when the runs please must take them as they come: where failures last longer than successes, the runs that have
    /// ended are better than the runs; and where a marker waits in a box without network, the runs that are known are not the
    /// first ones. Markers are events, and events come in the order of their stream, so what an agent still has is in its holes and
    /// behind its last word. See <doc:Verdicts> for what this guarantees, and what it cannot.
    func settled(_ runs: [Run]) -> [Run] {
        let sites = Set(runs.map(\.site))
        let open = self.runs.filter { $0.exclusion == .unfinished && sites.contains($0.site) }.compactMap(\.start)
        let latest = self.runs.flatMap { [$0.start, $0.stop].compactMap(\.self) }.max()
        let gaps = streams.filter { sites.contains($0.stream.site) && $0.stream.priority == .event }
            .flatMap { $0.beginsOfGaps(asOf: latest) }
        guard let first = (open + gaps).min() else { return runs }
        return runs.filter { ($0.start ?? $0.stop).map { $0 < first } ?? false }
    }
}

extension StreamAccount {
    /// Since when each row of frames may have been made that can still come. Whatever was declared lost cannot, nor what an agent had not
    /// synced when it crashed; and one that has not been heard for so long that the runs go on without it is out of service.
    fileprivate func beginsOfGaps(asOf latest: Timestamp?) -> [Timestamp] {
        var begins = holes.filter { $0.missingFrames > 0 }.map { $0.times?.lowerBound ?? Timestamp(nanoseconds: .min) }
        if let openTail, let times = openTail.times {
            if latest.map({ $0 <= times.upperBound }) ?? true { begins.append(times.lowerBound) }
        } else if openTail != nil {
            begins.append(Timestamp(nanoseconds: .min))
        }
        return begins
    }
}
