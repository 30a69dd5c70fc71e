import Scenarios

/// The events between which a subject is down.
struct OutageRule: Hashable, Sendable, Comparable {
    let down: String
    let up: String

    init(down: String, up: String) {
        self.down = down
        self.up = up
    }

    /// Nil for a criterion that is about no availability.
    init?(_ criterion: Criterion) {
        guard case .availability(let down, let up) = criterion.statistic else { return nil }
        self.init(down: down, up: up)
    }

    static func < (a: OutageRule, b: OutageRule) -> Bool { (a.down, a.up) < (b.down, b.up) }
}

/// How long a subject was up and down within a run, and how often it changed.
///
/// It is up when the run starts, unless the first that is told is that it is up again. A second `down` while it is down, or a second
/// `up`, says nothing new.
struct Uptime: Hashable, Sendable {
    /// The event that ends or begins an outage.
    struct Change: Hashable, Sendable {
        /// Nanoseconds.
        let time: Int64
        let isUp: Bool
    }

    /// Nanoseconds.
    var up: Int64 = 0
    /// Nanoseconds; that of an outage which lasted beyond the run's end is counted up to there.
    var down: Int64 = 0
    /// Outages that began.
    var failures = 0
    /// Outages that ended.
    var repairs = 0

    init() {}

    /// - Parameters:
    ///   - changes: in any order, all within the window.
    ///   - window: nanoseconds.
    init(_ changes: [Change], window: Range<Int64>) {
        var since = window.lowerBound
        var isUp = true
        func pass(to time: Int64, _ uptime: inout Uptime) {
            let (length, overflow) = time.subtractingReportingOverflow(since)
            if isUp { uptime.up += overflow ? .max : length } else { uptime.down += overflow ? .max : length }
            since = time
        }
        // What happens at one time ends in being up: an outage of no length.
        let ordered = changes.sorted { ($0.time, $0.isUp ? 1 : 0) < ($1.time, $1.isUp ? 1 : 0) }
        // An outage that began before the run; how long it had lasted nobody knows, so its end is no full cycle.
        if let first = ordered.first, first.isUp {
            isUp = false
            pass(to: first.time, &self)
            isUp = true
        }
        for change in ordered where change.isUp != isUp {
            pass(to: change.time, &self)
            isUp = change.isUp
            if isUp { repairs += 1 } else { failures += 1 }
        }
        pass(to: window.upperBound, &self)
    }

    static func + (a: Uptime, b: Uptime) -> Uptime {
        func sum(_ one: Int64, _ other: Int64) -> Int64 {
            let (sum, overflow) = one.addingReportingOverflow(other)
            return overflow ? .max : sum
        }
        var total = a
        total.up = sum(a.up, b.up)
        total.down = sum(a.down, b.down)
        total.failures += b.failures
        total.repairs += b.repairs
        return total
    }
}
