#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Tells threads that block to end: its descriptor becomes readable once ``wake()`` was called, and stays so. Any number may watch it.
package final class Waker: Sendable {
    /// To be polled beside whatever the thread waits for.
    package let descriptor: Int32
    /// The other end of the pair.
    private let trigger: Int32

    /// Nil when the system has no descriptor to give.
    package init?() {
        // A pair of sockets, because eventfd(2) is not in the C modules that Swift comes with.
        var pair: (Int32, Int32) = (-1, -1)
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let status = withUnsafeMutableBytes(of: &pair) { bytes in
            bytes.withMemoryRebound(to: Int32.self) { socketpair(AF_UNIX, type, 0, $0.baseAddress) }
        }
        guard status == 0 else { return nil }
        (descriptor, trigger) = pair
    }

    deinit {
        close(descriptor)
        close(trigger)
    }

    package func wake() {
        // A full pair is readable too, so the result does not matter.
        var signal: UInt8 = 1
        _ = send(trigger, &signal, 1, Int32(MSG_NOSIGNAL))
    }

    package var isWoken: Bool { wait(nanoseconds: 0) }

    /// Waits to be woken, at the longest for so many nanoseconds, rounded up to milliseconds, and at most a minute.
    ///
    /// The kernel's time for this stands still while the box sleeps: whoever waits for a time of day looks again at least once a minute.
    ///
    /// - Returns: whether it was woken. False may come early.
    package func wait(nanoseconds: Int64) -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let milliseconds = (min(max(0, nanoseconds), 60_000_000_000) + 999_999) / 1_000_000
        switch poll(&request, 1, Int32(milliseconds)) {
        case 0: return false
        case 1...: return true
        default:
            // A box that is out of memory refuses even this; whoever waits in a loop must not turn it into a busy one.
            if errno != EINTR, milliseconds > 0 { usleep(UInt32(min(milliseconds, 100)) * 1000) }
            return false
        }
    }
}
