import Aggregation
import Scenarios
import Telemetry

extension Summary.Trace.Limit {
    static let force = Self(kind: .criterion, id: "force-mean", comparator: .atMost, value: 40)
    static let heat = Self(kind: .safety, id: "hot-joint", comparator: .atMost, value: 70)
}

extension Summary.Metric {
    /// The metric with a trace of the runs' durations, as the built-in metric has it.
    func tracedDurations(_ ledger: [Summary.LedgerEntry]) -> Self {
        traced(
            ledger, every: nil, parts: 1,
            limits: [
                Summary.Trace.Limit(kind: .criterion, id: "cycle-p95", comparator: .atMost, value: 12)
            ]
        ) { run, _ in
            ledger[run].seconds.map { Summary.Trace.Point(count: 1, min: $0, max: $0) }
        }
    }

    /// The metric with a made-up trace that swings from `from` on, over `spread`, and is silent where `isHole` says so.
    func traced(
        _ ledger: [Summary.LedgerEntry], parts: Int, from: Double = 20, spread: Double = 12,
        limits: [Summary.Trace.Limit], isHole: (_ run: Int, _ part: Int) -> Bool = { _, _ in false }
    ) -> Self {
        traced(ledger, every: 0.02, parts: parts, limits: limits) { run, part in
            guard !isHole(run, part) else { return nil }
            let place = Double(run * parts + part) * 0.618_033_988_749_895
            let share = place - place.rounded(.down)
            // A hump over each run, from part to part a little different.
            let hump = Double((part + 1) * (parts - part)) / Double((parts + 1) * (parts + 1)) * 4
            let middle = from + spread * 0.6 * hump + spread * 0.2 * share
            return Summary.Trace.Point(
                count: 40, min: middle - spread * 0.1 * (1 + share), max: middle + spread * 0.12 * (2 - share))
        }
    }

    private func traced(
        _ ledger: [Summary.LedgerEntry], every: Double?, parts: Int, limits: [Summary.Trace.Limit],
        point: (_ run: Int, _ part: Int) -> Summary.Trace.Point?
    ) -> Self {
        let width = Swift.max(1, (ledger.count + Summary.Trace.mostPoints - 1) / Summary.Trace.mostPoints)
        var metric = self
        metric.trace = Summary.Trace(
            every: every, parts: parts,
            stretches: stride(from: 0, to: ledger.count, by: width).map { first in
                Summary.Trace.Stretch(
                    runs: first...Swift.min(first + width, ledger.count) - 1,
                    points: (0..<parts).map { part in
                        let range = first...(Swift.min(first + width, ledger.count) - 1)
                        let counted = range.filter { ledger[$0].excluded == nil }
                        let points = (counted.isEmpty ? Array(range) : counted).compactMap { point($0, part) }
                        return points.dropFirst().reduce(points.first) { all, one in
                            all.map {
                                Summary.Trace.Point(
                                    count: $0.count + one.count, min: Swift.min($0.min, one.min),
                                    max: Swift.max($0.max, one.max))
                            }
                        }
                    })
            }, limits: limits)
        return metric
    }
}

extension Summary.LedgerEntry {
    fileprivate var seconds: Double? {
        start.flatMap { start in stop.map { Double($0.nanoseconds(since: start)) / 1e9 } }
    }
}
