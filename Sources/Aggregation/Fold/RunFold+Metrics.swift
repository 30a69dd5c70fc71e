import Scenarios
import Statistics
import Telemetry

extension RunFold {
    /// Gives the samples that are loaded to one metric.
    mutating func take(_ route: Route, into part: inout FramePart) {
        guard route.conversion != nil else {
            totals.unusable += UInt64(scratch.count)
            return
        }
        scratch.convert(by: route)
        totals.metrics[route.metric].take(&scratch, edges: plan.edges)
        guard let first = scratch.times.first else { return }
        part.metrics[route.metric].take(scratch, first: first)
        if let every = plan.intervals[route.metric] {
            part.metrics[route.metric].presence.merge(
                scratch.presence(every: every), at: route.slot, room: widths[route.metric])
        }
        guard plan.hasLevels[route.metric] else { return }
        let levels = plan.levels[route.metric]
        for (rule, level) in levels.enumerated() {
            var exceedance = Exceedance(lasting: level.lasting)
            for (time, value) in zip(scratch.times, scratch.converted) where !value.isNaN {
                exceedance.append(time, isBeyond: level.side.isBreached(by: value, level.threshold))
            }
            part.metrics[route.metric].levels.merge(exceedance, at: route.slot * levels.count + rule)
        }
    }

    /// Puts the joined parts and the totals together.
    func aggregate(_ whole: FramePart) -> RunAggregate {
        RunAggregate(
            frames: totals.frames, samples: totals.samples, clockError: totals.clockError,
            unusable: totals.unusable,
            metrics: plan.metrics.indices.map { metric($0, whole.metrics[$0]) },
            breaches: plan.safety.map { rule in
                switch rule.condition {
                case .events(let name, _), .burn(let name, _, _):
                    let times = totals.events.lazy.filter { $0.name == name }.map(\.timestamp)
                    return RunAggregate.Breaches(rule: rule.id, count: times.count, first: times.min())
                case .level:
                    let episodes = zip(plan.levels, whole.metrics).flatMap { levels, part in
                        part.levels.elements.lazy.filter { slot, episode in
                            levels[slot % levels.count].id == rule.id && episode.count > 0
                        }.map(\.value)
                    }
                    return RunAggregate.Breaches(
                        rule: rule.id, count: episodes.reduce(0) { $0 + $1.count },
                        first: episodes.compactMap(\.first).min())
                }
            },
            events: plan.counted.map { name in
                RunAggregate.EventCount(name: name, count: totals.events.count { $0.name == name })
            },
            uptimes: plan.outages.map { rule in uptime(rule) })
    }

    private func uptime(_ rule: OutageRule) -> RunAggregate.Uptime {
        let changes = totals.events.compactMap { event -> Uptime.Change? in
            if event.name == rule.down { return Uptime.Change(time: event.timestamp.nanoseconds, isUp: false) }
            return event.name == rule.up ? Uptime.Change(time: event.timestamp.nanoseconds, isUp: true) : nil
        }
        let uptime = plan.window.map { Uptime(changes, window: $0) } ?? Uptime()
        return RunAggregate.Uptime(rule: rule, time: uptime)
    }

    private func metric(_ index: Int, _ part: MetricPart) -> RunAggregate.Metric {
        let metric = plan.metrics[index].metric
        let total = totals.metrics[index]
        var series: [RunAggregate.Series] = []
        if let every = metric.every, let window = plan.window {
            let bySource = part.presence.elements.map { (source: sources[$0.slot], presence: $0.value) }
            series = bySource.sorted { $0.source < $1.source }.map { source, presence in
                let cover = presence.cover(from: window.lowerBound, to: window.upperBound, every: every)
                return RunAggregate.Series(
                    source: source, covered: cover.covered, longestGap: cover.longestGap,
                    gaps: presence.gaps(from: window.lowerBound, to: window.upperBound, every: every))
            }
        }
        return RunAggregate.Metric(
            id: metric.id, sketch: total.sketch, dispersion: part.dispersion, unreliable: total.unreliable,
            marked: total.marked,
            first: part.first.map(Timestamp.init(nanoseconds:)),
            last: part.last.map { RunAggregate.LastSample(time: Timestamp(nanoseconds: $0.time), value: $0.value) },
            exactP95: total.values.flatMap { values in values.isEmpty ? nil : exactP95(values) }, series: series,
            envelope: total.envelope.normalised)
    }

    /// The value of the rank that the sketch estimates.
    private func exactP95(_ values: [Double]) -> Double {
        values.sorted()[Int(0.95 * Double(values.count - 1))]
    }
}

extension FoldTotals.MetricTotal {
    fileprivate mutating func take(_ scratch: inout FoldScratch, edges: [Int64]) {
        unreliable += scratch.unreliable
        marked += scratch.marked
        sketch.insert(contentsOf: scratch.converted)
        envelope.take(scratch.times, scratch.converted, edges: edges, near: &scratch.place)
        keep(scratch.finite)
    }
}

extension MetricPart {
    fileprivate mutating func take(_ scratch: FoldScratch, first: Int64) {
        merge(Dispersion(scratch.finite), first: first, last: scratch.last)
    }
}
