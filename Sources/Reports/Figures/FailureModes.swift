import Aggregation
import Telemetry

/// How the counted runs that went wrong went wrong, the most frequent first.
struct FailureModes {
    /// By falling count, then by name.
    let counts: [(mode: String, count: Int)]

    /// Of one site, or of all.
    init(_ ledger: [Summary.LedgerEntry], site: Identifier? = nil) {
        var tally: [String: Int] = [:]
        for entry in ledger where entry.excluded == nil && (site == nil || entry.site == site) {
            if let mode = entry.failureMode { tally[mode, default: 0] += 1 }
        }
        counts = tally.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { (mode: $0.key, count: $0.value) }
    }
}

extension Summary.LedgerEntry {
    /// Whether someone who asks why runs fail should read it: it counts and did not succeed, or someone had to step in,
    /// or something about its record is odd.
    var needsReading: Bool {
        let failed = excluded == nil && (outcome != "success" || failureMode != nil)
        let isOdd = flags.contains { $0 != "marked-by-rule" }
        return failed || intervention == true || isOdd || completeness?.broken.isEmpty == false
    }

    /// Seconds from start to stop; nil where two clocks tell them that cannot be compared.
    var duration: Double? {
        guard let start, let stop, completeness != nil || !flags.contains("time-unknown") else { return nil }
        return Double(stop.nanoseconds(since: start)) / 1e9
    }
}
