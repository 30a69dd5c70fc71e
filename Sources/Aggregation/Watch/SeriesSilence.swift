package import Frames
package import Scenarios
package import Telemetry

/// How long a series of a run that goes on has been silent.
package struct SeriesSilence: Hashable, Sendable {
    package let metric: String
    /// `<agent>: <series with tags>`; nil for a metric of which no series has come.
    package let source: String?
    /// When its last sample was taken; where there is none, the start of the run. Where it was held back after that for want of consent, the end of
    /// that.
    package let since: Timestamp
    /// The longest time that it may be silent, nanoseconds.
    package let limit: Int64
    /// How long its agent has gone on without it, nanoseconds.
    package let length: Int64
    /// Nil while frames are on their way that may hold its samples, and while it is held back for want of consent.
    package let isSilent: Bool?
}

extension RunWatch {
    /// How many samples of a metric may be left out in a row where the definition does not say.
    private static var patience: Int64 { 10 }

    /// The series that say how often they are expected, each with how long it has been silent, in the definition's order.
    ///
    /// Time is that of the frames: how far those of its agent and class reach beyond a series' last sample. A box that is away makes no
    /// series silent, nor do frames that are late.
    ///
    /// What is held back for want of consent is not silent, whatever it would be: an alert would tell that somebody took consent back, and when.
    ///
    /// `definition`: that of the run. `consents`: as ``Evidence/consents`` has them. `limit`: in the place of what the definition says,
    /// nanoseconds. `isWhole`: whether no frame of a stream is known to be missing.
    package func silences(
        _ definition: ScenarioDefinition, _ consents: [ConsentAccount] = [], limit: Int64?,
        isWhole: (Frames.Stream) -> Bool
    ) -> [SeriesSilence] {
        guard plan.intervals.contains(where: { $0 != nil }), let start = run.start else { return [] }
        let data = streams.filter { $0.key.priority != .event }
        let whole = Dictionary(uniqueKeysWithValues: data.keys.map { ($0, isWhole($0)) })
        let parts = data.compactMapValues(\.tree.root)
        let view = ConsentView(consents, of: [run])
        var found: [SeriesSilence] = []
        for (index, every) in plan.intervals.enumerated() {
            guard let every else { continue }
            let (product, overflow) = every.multipliedReportingOverflow(by: Self.patience)
            let limit = limit ?? definition.completeness.gapAtMost ?? (overflow ? .max : product)
            let metric = plan.metrics[index].metric
            var last: [Int: (time: Int64, priority: PriorityClass)] = [:]
            for (stream, part) in parts {
                for (slot, sample) in part.metrics[index].latest.elements where sample.time >= last[slot]?.time ?? .min
                {
                    last[slot] = (sample.time, stream.priority)
                }
            }
            if last.isEmpty {
                found.append(silence(metric.id, nil, start, limit, data, whole, view.held(metric, in: run)))
            }
            for (slot, sample) in last.sorted(by: { sources[$0.key] < sources[$1.key] }) {
                let carriers = data.filter {
                    $0.key.agent == sources[slot].agent && $0.key.priority == sample.priority
                }
                let held = view.held(sources[slot], in: RunKey(run))
                found.append(
                    silence(
                        metric.id, sources[slot], Timestamp(nanoseconds: sample.time), limit, carriers, whole, held))
            }
        }
        return found
    }

    private func silence(
        _ metric: String, _ source: SeriesSource?, _ since: Timestamp, _ limit: Int64,
        _ carriers: [Frames.Stream: StreamWatch], _ whole: [Frames.Stream: Bool], _ held: TimeRanges
    ) -> SeriesSilence {
        let reach = Timestamp(nanoseconds: carriers.values.map(\.reach).max() ?? .min)
        let lastHeld = held.latest(at: reach.nanoseconds)
        let since = lastHeld.map { max(since, Timestamp(nanoseconds: min($0.upperBound, reach.nanoseconds))) } ?? since
        let length = max(0, reach.nanoseconds(since: since))
        let isHeld = lastHeld.map { reach.nanoseconds < $0.upperBound } ?? false
        let isKnown = carriers.keys.allSatisfy { whole[$0] ?? true }
        guard !isHeld else {
            return SeriesSilence(
                metric: metric, source: source.map { "\($0.agent): \($0.key)" }, since: since, limit: limit,
                length: 0, isSilent: nil)
        }
        return SeriesSilence(
            metric: metric, source: source.map { "\($0.agent): \($0.key)" }, since: since, limit: limit,
            length: length, isSilent: length <= limit ? false : isKnown ? true : nil)
    }
}
