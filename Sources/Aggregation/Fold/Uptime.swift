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
/// It is up when the run starts. A second `down` while it is down, or a second `up`, says nothing new.
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
            if isUp { uptime.up += time - since } else { uptime.down += time - since }
            since = time
        }
        // What happens at one time ends in being up: an outage of no length.
        let ordered = changes.sorted { ($0.time, $0.isUp ? 1 : 0) < ($1.time, $1.isUp ? 1 : 0) }
        for change in ordered where change.isUp != isUp {
            pass(to: change.time, &self)
            isUp = change.isUp
            if isUp { repairs += 1 } else { failures += 1 }
        }
        pass(to: window.upperBound, &self)
    }

    static func + (a: Uptime, b: Uptime) -> Uptime {
        var sum = a
        sum.up += b.up
        sum.down += b.down
        sum.failures += b.failures
        sum.repairs += b.repairs
        return sum
    }
}
