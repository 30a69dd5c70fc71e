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

    init(_ evidence: Evidence, over runs: [Run]) {
        let groups = Dictionary(grouping: runs.indices.filter { runs[$0].window != nil }) {
            Group(site: runs[$0].site, subject: runs[$0].subject)
        }.values.map { indices in Members(indices, of: runs, evidence) }
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
                    let due = UInt128(max(length, 0)) * UInt128(max(sources, 1))
                    let sum = series.reduce(UInt128(0)) { $0 + UInt128(max($1.covered, 0)) }
                    var gap = series.map(\.longestGap).max() ?? 0
                    if series.isEmpty || series.count < sources { gap = max(gap, length) }
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
        let keys: [RunKey]
        /// Nanoseconds.
        let lengths: [Int64]
        let aggregates: [RunAggregate?]

        init(_ indices: [Int], of runs: [Run], _ evidence: Evidence) {
            keys = indices.map { RunKey(runs[$0]) }
            lengths = indices.map { runs[$0].duration ?? 0 }
            aggregates = indices.map { evidence.aggregate(of: runs[$0]) }
        }
    }

    /// How many sources the series of all runs have. Most runs have those of the run before, which need not be looked up.
    private static func sources(of runs: [[RunAggregate.Series]]) -> Int {
        var sources: Set<SeriesSource> = []
        var former: [RunAggregate.Series] = []
        for series in runs where !series.elementsEqual(former, by: { $0.source == $1.source }) {
            sources.formUnion(series.lazy.map(\.source))
            former = series
        }
        return sources.count
    }
}
