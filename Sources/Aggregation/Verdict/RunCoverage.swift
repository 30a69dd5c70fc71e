import Scenarios
import Telemetry

/// How well the metrics that say how often they are expected cover runs: of each run, and of all, the worst metric's coverage and the
/// longest gap of any.
///
/// A series that one run of a subject at a site has is expected in all of them: a sensor that fell silent for a whole run is a gap as long as
/// that run. A metric without any series is one series that is silent.
struct RunCoverage {
    struct Cover {
        /// Of 1.
        var share: Double
        /// Nanoseconds.
        var longestGap: Int64
    }

    /// Runs that should have the same series.
    private struct Group: Hashable {
        let site: Identifier
        let subject: String?
    }

    private(set) var byRun: [RunKey: Cover] = [:]
    /// Nil when no metric says how often it is expected.
    private(set) var overall: Cover?

    init(_ evidence: Evidence, over runs: [Run], _ view: ConsentView) {
        let groups = Dictionary(grouping: runs.indices.filter { runs[$0].window != nil }) {
            Group(site: runs[$0].site, subject: runs[$0].subject)
        }.values.map { indices in Members(indices.map { runs[$0] }, evidence) }
        var covers = groups.map { [Cover?](repeating: nil, count: $0.lengths.count) }
        var longest: Int64 = 0
        for metric in evidence.definition.metrics where metric.every != nil {
            // Whole nanoseconds, so that the order of the groups, which is no order, does not matter.
            var covered: UInt128 = 0
            var expected: UInt128 = 0
            for (number, group) in groups.enumerated() {
                let found = group.aggregates.map { $0?.series(of: metric.id) ?? [] }
                let sources = Self.sources(of: found)
                for (index, series) in found.enumerated() {
                    let length = group.lengths[index]
                    var due = UInt128(max(length, 0)) * UInt128(max(sources.count, 1))
                    var sum = series.reduce(UInt128(0)) { $0 + UInt128(max($1.covered, 0)) }
                    var gap = series.map(\.longestGap).max() ?? 0
                    if series.isEmpty || series.count < sources.count { gap = max(gap, length) }
                    if !view.isEmpty, !view.held(metric, in: group.runs[index]).isEmpty {
                        (sum, due, gap) = Self.consented(series, of: sources, metric, in: group.runs[index], view)
                    }
                    let known = covers[number][index] ?? Cover(share: 1, longestGap: 0)
                    covers[number][index] = Cover(
                        share: min(known.share, due > 0 ? Double(sum) / Double(due) : 1),
                        longestGap: max(known.longestGap, gap))
                    expected += due
                    covered += sum
                    longest = max(longest, gap)
                }
            }
            guard expected > 0 else { continue }
            overall = Cover(share: min(overall?.share ?? 1, Double(covered) / Double(expected)), longestGap: longest)
        }
        overall?.longestGap = longest
        for (group, covers) in zip(groups, covers) {
            for (key, cover) in zip(group.keys, covers) { byRun[key] = cover }
        }
    }

    /// Runs of a group, with what is looked up of them once and not for each metric.
    private struct Members {
        let runs: [Run]
        let keys: [RunKey]
        /// Nanoseconds.
        let lengths: [Int64]
        let aggregates: [RunAggregate?]

        init(_ runs: [Run], _ evidence: Evidence) {
            self.runs = runs
            keys = runs.map { RunKey($0) }
            lengths = runs.map { $0.duration ?? 0 }
            aggregates = runs.map { evidence.aggregate(of: $0) }
        }
    }

    /// The sources that the series of all runs have. Most runs have those of the run before, which need not be looked up.
    private static func sources(of runs: [[RunAggregate.Series]]) -> Set<SeriesSource> {
        var sources: Set<SeriesSource> = []
        var former: [RunAggregate.Series] = []
        for series in runs where !series.elementsEqual(former, by: { $0.source == $1.source }) {
            sources.formUnion(series.lazy.map(\.source))
            former = series
        }
        return sources
    }

    /// The same over the time under consent alone: what is covered, what is due, and the longest gap. Time in which a series was held back is
    /// neither due nor a gap; what of it samples cover does not count.
    private static func consented(
        _ series: [RunAggregate.Series], of sources: Set<SeriesSource>, _ metric: Metric, in run: Run,
        _ view: ConsentView
    ) -> (covered: UInt128, due: UInt128, gap: Int64) {
        guard let window = run.nanoseconds else { return (0, 0, 0) }
        let length = window.upperBound - window.lowerBound
        guard !sources.isEmpty else {
            let held = view.held(metric, in: run)
            return (0, UInt128(length - held.length), held.longestRest(of: window))
        }
        var (covered, due, gap) = (UInt128(0), UInt128(0), Int64(0))
        for source in sources {
            let held = view.held(source, in: RunKey(run))
            due += UInt128(length - held.length)
            guard let found = series.first(where: { $0.source == source }) else {
                gap = max(gap, held.longestRest(of: window))
                continue
            }
            let rest = found.consented(held, every: metric.every ?? 0)
            covered += UInt128(min(rest.covered, length - held.length))
            gap = max(gap, rest.longestGap)
        }
        return (covered, due, gap)
    }
}

extension RunAggregate.Series {
    /// What it covers, and its longest gap, outside of the times in which it was held back. Where gaps are not known one by one, they
    /// are taken to be where they hurt.
    fileprivate func consented(_ held: TimeRanges, every: Int64) -> (covered: Int64, longestGap: Int64) {
        guard !held.isEmpty else { return (covered, longestGap) }
        guard let gaps else { return (max(0, covered - held.length), longestGap) }
        let silent = gaps.reduce(Int64(0)) { $0 + held.overlap(with: $1.silent..<$1.to) }
        // Steps within what counts as unbroken are no longer than this.
        var longest = min(longestGap, min(every, .max / 2) + every / 2)
        for gap in gaps { longest = max(longest, held.longestRest(of: gap.from..<gap.to)) }
        if gaps.count == Presence.mostGaps, let shortest = gaps.map({ $0.to - $0.from }).min() {
            longest = max(longest, shortest)
        }
        return (max(0, covered - max(0, held.length - silent)), longest)
    }
}
