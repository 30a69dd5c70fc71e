#if Modbus
#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

private func systemConnect(_ descriptor: Int32, _ address: addrinfo) -> Int32 {
    connect(descriptor, address.ai_addr, address.ai_addrlen)
}

func closeSocket(_ descriptor: Int32) { _ = close(descriptor) }

/// Opens a TCP connection that can be given up at any time.
enum StreamConnector {
    /// Connects to the first address of `host` that answers.
    ///
    /// - Parameters:
    ///   - host: an address, or a name, for which the system's resolver takes its own time.
    ///   - port: the port.
    ///   - limit: nanoseconds for each address.
    ///   - stop: ends the wait.
    /// - Returns: a socket that does not block.
    /// - Throws: `ModbusFailure.unreachable`, or `.stopped`.
    static func connect(
        _ host: String, _ port: UInt16, within limit: Int64, until stop: Waker
    ) throws(ModbusFailure) -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = Int32(AI_NUMERICSERV)
        var found: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &found)
        guard status == 0 else {
            throw .unreachable("no address for '\(host)': \(String(cString: gai_strerror(status)))")
        }
        defer { freeaddrinfo(found) }
        var reason = "no address"
        var next = found
        while let address = next?.pointee {
            next = address.ai_next
            let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
            let descriptor = socket(address.ai_family, type, address.ai_protocol)
            guard descriptor >= 0 else {
                reason = systemMessage(errno)
                continue
            }
            let number = connect(descriptor, address, within: limit, until: stop)
            if number == 0, !stop.isWoken {
                try keep(descriptor)
                return descriptor
            }
            closeSocket(descriptor)
            if stop.isWoken { throw .stopped }
            reason = systemMessage(number)
        }
        throw .unreachable("cannot be reached: \(reason)")
    }

    /// - Returns: 0, or the `errno`.
    private static func connect(
        _ descriptor: Int32, _ address: addrinfo, within limit: Int64, until stop: Waker
    ) -> Int32 {
        if systemConnect(descriptor, address) == 0 { return 0 }
        guard errno == EINPROGRESS else { return errno }
        let end = monotonicNanoseconds() + limit
        while true {
            let left = end - monotonicNanoseconds()
            guard left > 0 else { return ETIMEDOUT }
            var polled = [
                pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0),
                pollfd(fd: stop.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            let ready = poll(&polled, 2, Int32(left / 1_000_000 + 1))
            if polled[1].revents != 0 { return ECANCELED }
            guard ready > 0, polled[0].revents != 0 else { continue }
            var number: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &size) == 0 else { return errno }
            return number
        }
    }

    private static func keep(_ descriptor: Int32) throws(ModbusFailure) {
        do throws(ModbusFailure) {
            try LibModbusLink.checkDescriptor(descriptor)
        } catch {
            closeSocket(descriptor)
            throw error
        }
        // Requests are a dozen bytes and somebody waits for each.
        var on: Int32 = 1
        _ = setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }
}
#endif
