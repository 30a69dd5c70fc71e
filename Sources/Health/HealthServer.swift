import Platform

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// A small HTTP/1.1 server for whoever watches this program: one thread, few connections, one request each.
///
/// It costs nothing while nobody asks: no timer, no thread beside its own, which sleeps. Whoever asks gets bounded room and bounded time: a request of
/// 8 KiB that is whole within five seconds, an answer that is taken within ten. When all places are taken, others wait in the kernel's
/// queue until one is free, at the longest for those fifteen seconds and what the last of them takes to leave.
package final class HealthServer: Sendable {
    /// Connections at a time.
    package static let mostConnections = 8

    private let address: HealthAddress
    private let listener: HealthListener
    /// A pair of sockets: the first becomes readable when the other is written to.
    private let end: (read: Int32, write: Int32)

    /// - Throws: `HealthError` when the address is taken, or cannot be listened on.
    package init(_ address: HealthAddress) throws(HealthError) {
        self.address = address
        var pair: (Int32, Int32) = (-1, -1)
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let status = withUnsafeMutableBytes(of: &pair) { bytes in
            bytes.withMemoryRebound(to: Int32.self) { socketpair(AF_UNIX, type, 0, $0.baseAddress) }
        }
        guard status == 0 else { throw HealthError("no file descriptor is left; raise LimitNOFILE", address) }
        end = pair
        do throws(HealthError) {
            listener = try HealthListener(address)
        } catch {
            close(pair.0)
            close(pair.1)
            throw error
        }
    }

    deinit {
        close(end.read)
        close(end.write)
    }

    /// Has ``serve(answer:)`` return, and does not wait for it.
    package func stop() {
        var signal: UInt8 = 1
        _ = send(end.write, &signal, 1, Int32(MSG_NOSIGNAL))
    }

    /// Serves until ``stop()`` was called.
    ///
    /// `answer`: makes the answer to a request for a path; may take a moment, in which nobody else is served.
    package func serve(answer: (_ path: String) -> HTTPAnswer) {
        var connections: [HealthConnection] = []
        let clock = SystemClock()
        while true {
            let hasRoom = connections.count < Self.mostConnections
            var polled = [
                pollfd(fd: end.read, events: Int16(POLLIN), revents: 0),
                // A negative one is passed over.
                pollfd(fd: hasRoom ? listener.descriptor : -1, events: Int16(POLLIN), revents: 0),
            ]
            for connection in connections {
                polled.append(pollfd(fd: connection.descriptor, events: connection.events, revents: 0))
            }
            var wait: Int32 = -1
            if let deadline = connections.map(\.deadline).min() {
                wait = Int32(clamping: max(0, deadline - clock.monotonic + 999_999) / 1_000_000)
            }
            let ready = poll(&polled, nfds_t(polled.count), wait)
            if ready < 0 {
                // No memory is left, maybe; a loop must not become a busy one.
                if errno != EINTR { pause() }
                continue
            }
            if polled[0].revents != 0 { return connections.forEach { $0.close() } }
            let now = clock.monotonic
            for index in connections.indices where polled[index + 2].revents != 0 {
                connections[index].goOn(at: now) { request in
                    guard request.method != .other else { return HTTPAnswer(.methodNotAllowed) }
                    return answer(request.path)
                }
            }
            // Answering may have taken a while.
            let later = clock.monotonic
            for index in connections.indices where later >= connections[index].deadline {
                connections[index].expire(at: later)
            }
            for connection in connections where connection.isOver { connection.close() }
            connections.removeAll(where: \.isOver)
            guard polled[1].revents != 0 else { continue }
            let (descriptor, error) = listener.accept()
            if descriptor >= 0 {
                connections.append(HealthConnection(descriptor, at: later))
            } else if error != EAGAIN, error != EINTR, error != ECONNABORTED {
                // No descriptor is left, maybe; what woke the thread would wake it at once, again and again.
                pause()
            }
        }
    }

    /// A tenth of a second, or until ``stop()``.
    private func pause() {
        var polled = pollfd(fd: end.read, events: Int16(POLLIN), revents: 0)
        poll(&polled, 1, 100)
    }
}
