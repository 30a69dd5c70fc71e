#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Opens stream sockets, and waits on them, so that the end of an input ends both at once.
///
/// Only the look-up of a name waits for as long as the system's resolver does.
enum StreamConnector {
    /// Why there is no connection.
    enum Failure: Error, Hashable {
        /// The input is to end.
        case stopped
        /// The time is over.
        case late
        /// The system's number for what is wrong.
        case system(Int32)
    }

    /// Why a host has no address, in the resolver's words.
    struct UnknownHost: Error {
        let message: String
    }

    /// The most addresses of a host that are tried.
    private static let mostAddresses = 8

    /// The addresses of a host, in the order in which they are to be tried.
    ///
    /// - Parameters:
    ///   - host: an address or a name.
    ///   - port: a port.
    /// - Returns: at most eight.
    /// - Throws: `UnknownHost`.
    static func addresses(of host: String, _ port: UInt16) throws(UnknownHost) -> [SocketAddress] {
        if let numeric = SocketAddress(host: host, port: port) { return [numeric] }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, nil, &hints, &list)
        defer { if list != nil { freeaddrinfo(list) } }
        guard status == 0 else { throw UnknownHost(message: String(cString: gai_strerror(status))) }
        var found: [SocketAddress] = []
        var entry = list
        while let one = entry, found.count < mostAddresses {
            if let address = SocketAddress(one.pointee.ai_addr, one.pointee.ai_addrlen, port: port) {
                found.append(address)
            }
            entry = one.pointee.ai_next
        }
        return found
    }

    /// Connects.
    ///
    /// - Parameters:
    ///   - address: whom to.
    ///   - deadline: on the monotonic clock, nanoseconds.
    ///   - stop: ends the wait.
    /// - Returns: a socket that does not block.
    /// - Throws: `Failure`.
    static func connect(
        _ address: SocketAddress, deadline: Int64, until stop: Waker
    ) throws(Failure) -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(address.family, type, 0)
        guard descriptor >= 0 else { throw .system(errno) }
        do throws(Failure) {
            let outcome = retryingInterrupts { address.withPointer { systemConnect(descriptor, $0, $1) } }
            if outcome.error != 0 {
                guard outcome.error == EINPROGRESS else { throw .system(outcome.error) }
                try wait(for: Int16(POLLOUT), on: descriptor, deadline: deadline, until: stop)
                var error: Int32 = 0
                var length = socklen_t(MemoryLayout<Int32>.size)
                guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) == 0 else { throw .system(errno) }
                guard error == 0 else { throw .system(error) }
            }
            guard !stop.isWoken else { throw .stopped }
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    /// Waits until a socket is ready.
    ///
    /// - Parameters:
    ///   - events: `POLLIN` or `POLLOUT`.
    ///   - descriptor: the socket.
    ///   - deadline: on the monotonic clock, nanoseconds.
    ///   - stop: ends the wait.
    /// - Throws: `Failure` when it is not ready in time.
    static func wait(
        for events: Int16, on descriptor: Int32, deadline: Int64, until stop: Waker
    ) throws(Failure) {
        while true {
            let left = deadline - monotonicNanoseconds()
            guard left > 0 else { throw .late }
            var polled = [
                pollfd(fd: stop.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: descriptor, events: events, revents: 0),
            ]
            let ready = retryingInterrupts { poll(&polled, 2, Int32(clamping: left / 1_000_000 + 1)) }
            guard ready.error == 0 else { throw .system(ready.error) }
            if polled[0].revents != 0 { throw .stopped }
            if polled[1].revents != 0 { return }
        }
    }
}

// Inside the type the names mean its methods.
private func systemConnect(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
    connect(descriptor, address, length)
}
