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
    /// The time it was meant for, nanoseconds on the monotonic clock.
    package let scheduled: Int64
    /// How many ticks before it never came, because the box was busy or asleep.
    package let skipped: Int
}

/// A steady cadence on the monotonic clock; the first tick comes at once.
package struct Ticker: Sendable {
    private var schedule: TickSchedule
    private let origin: ContinuousClock.Instant

    /// - Parameter interval: nanoseconds between ticks.
    package init(every interval: Int64) {
        origin = ContinuousClock.now
        schedule = TickSchedule(every: interval, first: 0)
    }

    /// Waits for the next tick.
    ///
    /// - Returns: nil when the task was cancelled.
    package mutating func next() async -> Tick? {
        while !Task.isCancelled {
            let now = Int64(clamping: (ContinuousClock.now - origin).nanoseconds)
            if let tick = schedule.take(at: now) { return tick }
            // A twentieth of the interval lets the system wake up once for several timers.
            let tolerance = Duration.nanoseconds(min(schedule.interval / 20, 50_000_000))
            do {
                try await Task.sleep(
                    until: origin + .nanoseconds(schedule.due), tolerance: tolerance, clock: .continuous)
            } catch {
                return nil
            }
        }
        return nil
    }
}

extension Duration {
    fileprivate var nanoseconds: Int128 {
        let (seconds, attoseconds) = components
        return Int128(seconds) * 1_000_000_000 + Int128(attoseconds / 1_000_000_000)
    }
}
