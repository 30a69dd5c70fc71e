import CLinux

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Signals that a thread waits for instead of being interrupted by them.
///
/// `sigwait` needs no file descriptor, unlike `signalfd` and event loops.
struct SignalSet {
    private var signals = sigset_t()

    init(_ numbers: [Int32]) {
        sigemptyset(&signals)
        for number in numbers { sigaddset(&signals, number) }
    }

    /// From now on these signals wait for ``wait()`` in the calling thread and in those that it starts.
    mutating func block() { pthread_sigmask(SIG_BLOCK, &signals, nil) }

    /// Waits for one of the signals, which must be blocked.
    ///
    /// - Returns: its number.
    mutating func wait() -> Int32 {
        var number: Int32 = 0
        while sigwait(&signals, &number) != 0 {}
        return number
    }
}
