internal import CMosquitto

#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif
internal import Synchronization

/// Ends the owner thread's `poll` from any thread. libmosquitto would wake only its own loop.
final class WakeUp: Sendable {
    let descriptor: Int32
    /// Set between the first `signal` and the next `clear`: a burst of publishes costs one system call.
    private let isPending = Atomic(false)

    init() throws(MosquittoError) {
        descriptor = cmosquitto_eventfd()
        if descriptor < 0 {
            throw MosquittoError(
                .library, "no file descriptor is left for a wake-up; raise LimitNOFILE", family: .system, rawCode: errno
            )
        }
    }

    deinit { close(descriptor) }

    func signal() {
        if isPending.exchange(true, ordering: .acquiringAndReleasing) { return }
        _ = eventfd_write(descriptor, 1)
    }

    /// Drains before it clears the flag: a `signal` in between is skipped, but the caller looks at all state only after
    /// this returns, and so sees what it announced.
    func clear() {
        var count: eventfd_t = 0
        _ = eventfd_read(descriptor, &count)
        // An exchange, not a store: it makes what any skipped `signal` announced visible to this thread.
        _ = isPending.exchange(false, ordering: .acquiringAndReleasing)
    }

    /// Waits until a signal or the deadline; the signal stays.
    ///
    /// - Returns: Whether there is a signal.
    func wait(until deadline: ContinuousClock.Instant) -> Bool {
        while true {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let remaining = ContinuousClock.now.duration(to: deadline)
            if poll(&entry, 1, remaining.pollMilliseconds) > 0 { return true }
            if ContinuousClock.now >= deadline { return false }
        }
    }
}

extension Duration {
    /// Rounded up, so that a wait does not end early and spin; at most a day.
    var pollMilliseconds: Int32 {
        if self <= .zero { return 0 }
        let (seconds, attoseconds) = components
        if seconds >= 86_400 { return 86_400_000 }
        return Int32(seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
