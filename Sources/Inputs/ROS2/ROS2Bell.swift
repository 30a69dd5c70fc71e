#if ROS2
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Says that messages have come: rung by threads of the library, heard by poll(2) beside the end of the input.
final class ROS2Bell: Sendable {
    /// Readable when it was rung.
    let descriptor: Int32
    private let trigger: Int32
    /// Whether it has been rung and not been heard, so that a flood of messages is one byte.
    private let isRung = Atomic(false)

    /// Nil when the system has no descriptor to give.
    init?() {
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

    func ring() {
        guard isRung.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged else {
            return
        }
        var signal: UInt8 = 1
        _ = send(trigger, &signal, 1, Int32(MSG_NOSIGNAL))
    }

    /// To be called before messages are taken: what comes from then on rings again.
    func hear() {
        var bytes: UInt64 = 0
        _ = withUnsafeMutableBytes(of: &bytes) { recv(descriptor, $0.baseAddress, $0.count, 0) }
        isRung.store(false, ordering: .sequentiallyConsistent)
    }

    /// Waits until it rings or `stop` is woken, at most for so many milliseconds.
    ///
    /// - Returns: whether `stop` was woken.
    func wait(until stop: Waker, milliseconds: Int32) -> Bool {
        var polled = (
            pollfd(fd: stop.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        )
        let result = withUnsafeMutableBytes(of: &polled) { bytes in
            bytes.withMemoryRebound(to: pollfd.self) { poll($0.baseAddress, 2, milliseconds) }
        }
        // A box that is out of memory refuses even this, which must not become a busy loop.
        if result < 0 { return stop.wait(nanoseconds: 100_000_000) }
        return polled.0.revents != 0
    }
}
#endif
