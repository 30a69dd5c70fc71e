#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Waits for descriptors and the waker together.
enum Readiness {
    /// Waits until one of the descriptors can be read or has ended, time is up, or the waker is woken.
    ///
    /// - Parameters:
    ///   - descriptors: what to wait for; negative ones are passed over.
    ///   - stop: the waker.
    ///   - milliseconds: the longest wait; -1 for no end.
    ///   - input: the input's name, for the error.
    /// - Returns: false when the waker is woken.
    /// - Throws: `InputError` when the system does not let the thread wait.
    static func wait(
        for descriptors: [Int32], until stop: Waker, milliseconds: Int32, input: String
    ) throws(InputError) -> Bool {
        var polled = [pollfd(fd: stop.descriptor, events: Int16(POLLIN), revents: 0)]
        for descriptor in descriptors { polled.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)) }
        let ready = retryingInterrupts { poll(&polled, nfds_t(polled.count), milliseconds) }
        guard ready.error == 0 else {
            throw InputError(.system, input: input, "cannot wait for data", cause: ready.error)
        }
        return polled[0].revents == 0
    }

    /// Waits until a descriptor can be read or has ended, or time is up.
    ///
    /// - Returns: whether it can be read, an end included.
    @discardableResult
    static func wait(for descriptor: Int32, milliseconds: Int32) -> Bool {
        var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return retryingInterrupts { poll(&polled, 1, milliseconds) }.result > 0
    }

    /// Whether something waits to be read, an end included.
    static func isReadable(_ descriptor: Int32) -> Bool { wait(for: descriptor, milliseconds: 0) }

    /// Milliseconds from now to a time on the monotonic clock, rounded up; at least 0.
    static func milliseconds(until due: Int64) -> Int32 {
        Int32(clamping: max(0, due - monotonicNanoseconds() + 999_999) / 1_000_000)
    }
}
