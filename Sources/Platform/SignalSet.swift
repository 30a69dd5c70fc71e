import CLinux

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Signals that a thread waits for instead of being interrupted by them.
///
/// `sigwait` and `sigtimedwait` need no file descriptor, unlike `signalfd` and event loops.
struct SignalSet {
    private var signals = sigset_t()

    init(_ numbers: [Int32]) {
        sigemptyset(&signals)
        for number in numbers { sigaddset(&signals, number) }
    }

    /// From now on these signals wait for ``wait()`` in the calling thread and in those that it starts.
    mutating func block() { pthread_sigmask(SIG_BLOCK, &signals, nil) }

    /// Waits for one of the signals, which must be blocked; at the longest so many nanoseconds where that is said.
    ///
    /// - Returns: its number; 0 when time is up.
    mutating func wait(nanoseconds: Int64? = nil) -> Int32 {
        var number: Int32 = 0
        guard let nanoseconds else {
            while sigwait(&signals, &number) != 0 {}
            return number
        }
        var time = timespec(
            tv_sec: Int(max(0, nanoseconds) / 1_000_000_000), tv_nsec: Int(max(0, nanoseconds) % 1_000_000_000))
        // Interrupted by a signal that is not waited for: whoever calls looks at the clock again.
        return max(0, sigtimedwait(&signals, nil, &time))
    }
}
