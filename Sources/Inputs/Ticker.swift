#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// When ticks fall due: every `interval` nanoseconds from the first, on a grid that a late tick does not shift.
package struct TickSchedule: Hashable, Sendable {
    /// Nanoseconds between ticks, at least 1.
    package let interval: Int64
    /// When the next tick is due, on the caller's clock.
    package private(set) var due: Int64

    package init(every interval: Int64, first: Int64) {
        self.interval = max(1, interval)
        due = first
    }

    /// The tick that is due at `now` has come.
    ///
    /// Ticks that were due meanwhile are skipped, not caught up: a burst of readings at one moment tells nothing new.
    ///
    /// - Returns: the time the tick was meant for, and how many before it were skipped; nil when none is due yet.
    package mutating func take(at now: Int64) -> Tick? {
        guard now >= due else { return nil }
        let skipped = (now - due) / interval
        let scheduled = due + skipped * interval
        due = scheduled + interval
        return Tick(scheduled: scheduled, skipped: Int(skipped))
    }
}

/// One turn of an input.
package struct Tick: Hashable, Sendable {
    /// The time it was meant for, nanoseconds on the ticker's clock.
    package let scheduled: Int64
    /// How many ticks before it never came, because the box was busy or asleep.
    package let skipped: Int
}

/// A steady cadence; the first tick comes at once.
package struct Ticker: Sendable {
    private var schedule: TickSchedule
    private let origin: Int64
    private var isFirst = true
    private let watch: InputWatch?

    /// - Parameters:
    ///   - interval: nanoseconds between ticks.
    ///   - watch: the input's, which is told that it comes round.
    package init(every interval: Int64, watch: InputWatch? = nil) {
        self.watch = watch
        origin = Self.now
        schedule = TickSchedule(every: interval, first: 0)
    }

    /// Waits for the next tick. The first comes even when the end has come as well, so that an input gives something once; no other does, because
    /// to an input whose readings take longer than the interval a tick is always due.
    ///
    /// - Returns: nil when `stop` was woken.
    package mutating func next(until stop: Waker) -> Tick? {
        while true {
            if !isFirst, stop.isWoken { return nil }
            let now = Self.now - origin
            watch?.comesRound(in: max(0, schedule.due - now), every: schedule.interval)
            if let tick = schedule.take(at: now) {
                isFirst = false
                return tick
            }
            if stop.wait(nanoseconds: schedule.due - now) { return nil }
        }
    }

    /// Time asleep counts (`CLOCK_BOOTTIME`), so that ticks which were due meanwhile are seen to be missing.
    private static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
