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
        let groups = Dictionary(grouping: runs.filter { $0.window != nil }) {
            Group(site: $0.site, subject: $0.subject)
        }
        var longest: Int64 = 0
        for metric in evidence.definition.metrics where metric.every != nil {
            // Whole nanoseconds, so that the order of the groups, which is no order, does not matter.
            var covered: UInt128 = 0
            var expected: UInt128 = 0
            for runs in groups.values {
                let found = runs.map { evidence.aggregate(of: $0)?.metric(metric.id)?.series ?? [] }
                let sources = Set(found.joined().map(\.source))
                for (run, series) in zip(runs, found) {
                    let length = run.duration ?? 0
                    let due = UInt128(max(length, 0)) * UInt128(max(sources.count, 1))
                    let sum = series.reduce(UInt128(0)) { $0 + UInt128(max($1.covered, 0)) }
                    var gap = series.map(\.longestGap).max() ?? 0
                    if series.isEmpty || series.count < sources.count { gap = max(gap, length) }
                    note(due > 0 ? Double(sum) / Double(due) : 1, gap, of: run)
                    expected += due
                    covered += sum
                    longest = max(longest, gap)
                }
            }
            guard expected > 0 else { continue }
            overall = Cover(share: min(overall?.share ?? 1, Double(covered) / Double(expected)), longestGap: longest)
        }
        overall?.longestGap = longest
    }

    private mutating func note(_ share: Double, _ gap: Int64, of run: Run) {
        let known = byRun[RunKey(run)] ?? Cover(share: 1, longestGap: 0)
        byRun[RunKey(run)] = Cover(share: min(known.share, share), longestGap: max(known.longestGap, gap))
    }
}
