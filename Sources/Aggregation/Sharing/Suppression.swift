import Telemetry

/// What is left of a part whose numbers are not shared: what it is, and its verdict.
extension Summary.Criterion {
    mutating func suppress() {
        (estimate, lower, upper, n, missing) = (nil, nil, nil, nil, nil)
        (events, exposure, moreRuns) = (nil, nil, nil)
        (resolution, obstacle, note) = (nil, nil, nil)
    }

    /// Whether its numbers, or their differences, tell of runs or events below `least` and above none, when those of `sites` are left out.
    func tellsFew(_ least: Int, hiding sites: Set<Identifier>) -> Bool {
        func isFew(_ count: Int?) -> Bool { count.map { 0 < $0 && $0 < least } ?? false }
        func isFew(_ part: Part) -> Bool {
            isFew(part.events) || isFew(part.missing) || isFew(part.hits) || isFew(part.hits.map { part.trials - $0 })
        }
        let isShare = statistic == "proportion"
        var hidden: Part?
        for stratum in strata {
            let part = Part(stratum.estimate, n: stratum.n, missing: stratum.missing, events: stratum.events, isShare)
            if sites.contains(stratum.site) {
                hidden = hidden.map { $0 + part } ?? part
            } else if isFew(part) {
                return true
            }
        }
        // The numbers of one site that decides are among the strata.
        guard site == nil else { return false }
        // What is left out together is all runs less the sites that are shown.
        return isFew(Part(estimate, n: n, missing: missing, events: events, isShare)) || hidden.map(isFew) ?? false
    }

    /// What a group of runs tells.
    private struct Part {
        var events: Int?
        var missing: Int?
        /// Of a share: what was counted for it, of events where events were counted and of runs elsewhere.
        var hits: Int?
        var trials: Int

        init(_ estimate: Double?, n: Int?, missing: Int?, events: Int?, _ isShare: Bool) {
            self.events = events
            self.missing = missing
            trials = events ?? n ?? 0
            let trials = Double(trials)
            hits = isShare ? estimate.map { Int(($0 * trials).rounded()) } : nil
        }

        static func + (a: Part, b: Part) -> Part {
            func sum(_ a: Int?, _ b: Int?) -> Int? { a == nil && b == nil ? nil : (a ?? 0) + (b ?? 0) }
            var result = a
            result.events = sum(a.events, b.events)
            result.missing = sum(a.missing, b.missing)
            result.hits = sum(a.hits, b.hits)
            result.trials += b.trials
            return result
        }
    }
}

extension Summary.Stratum {
    mutating func suppress() {
        (estimate, lower, upper, n, missing) = (nil, nil, nil, nil, nil)
        (events, exposure, moreRuns) = (nil, nil, nil)
        (resolution, obstacle) = (nil, nil)
    }
}

extension Summary.Metric {
    mutating func suppress() {
        (count, refused, mean, stddev, min, max) = (nil, nil, nil, nil, nil, nil)
        (p50, p95, p99, trace) = (nil, nil, nil, nil)
        // That none is marked is said by leaving the member out.
        if marked != 0 { marked = nil }
    }
}
