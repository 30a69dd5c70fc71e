#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// A socket that lines come in on, open until ``close()``.
struct LineSocket {
    let descriptor: Int32
    let address: ListenAddress
    /// What `stat` says of a unix socket's file, so that only our own file is removed in the end.
    private let file: FileIdentity?

    private struct FileIdentity: Equatable {
        let device: dev_t
        let number: ino_t

        init?(_ path: String) {
            var status = stat()
            guard lstat(path, &status) == 0 else { return nil }
            (device, number) = (status.st_dev, status.st_ino)
        }
    }

    /// Opens the socket and begins to listen.
    ///
    /// The file of a unix socket whose owner is gone is replaced; one that somebody answers on is not.
    /// - Parameters:
    ///   - address: where to listen.
    ///   - mode: the permissions of a unix socket.
    ///   - input: the input's name, for errors.
    ///   - isDatagram: whether a unix socket takes datagrams instead of connections.
    /// - Throws: `InputError` when the address cannot be had.
    init(_ address: ListenAddress, mode: UInt32, input: String, isDatagram: Bool = false) throws(InputError) {
        self.address = address
        var (place, type) = try Self.resolve(address, input: input)
        if isDatagram { type = Int32(SOCK_DGRAM.rawValue) }
        if case .unix(let path) = address { try Self.clear(path, place, type: type, input: input) }
        let opened = socket(place.family, type | Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard opened >= 0 else { throw Self.refusal(errno, address, input: input) }
        do throws(InputError) {
            try Self.bind(opened, to: place, address, mode: mode, input: input, isDatagram: isDatagram)
        } catch {
            _ = Self.closeDescriptor(opened)
            throw error
        }
        descriptor = opened
        if case .unix(let path) = address { file = FileIdentity(path) } else { file = nil }
    }

    /// The port that was given, where the settings asked for port 0.
    var port: UInt16? {
        var place = SocketAddress()
        guard place.withMutablePointer({ getsockname(descriptor, $0, $1) }) == 0 else { return nil }
        return place.port
    }

    /// Closes the socket and removes its file, unless another has taken its place.
    func close() {
        _ = Self.closeDescriptor(descriptor)
        if case .unix(let path) = address, let file, FileIdentity(path) == file { unlink(path) }
    }

    private static func closeDescriptor(_ descriptor: Int32) -> Int32 {
        #if canImport(Glibc)
        Glibc.close(descriptor)
        #else
        Musl.close(descriptor)
        #endif
    }

    private static func resolve(
        _ address: ListenAddress, input: String
    ) throws(InputError) -> (place: SocketAddress, type: Int32) {
        let stream = Int32(SOCK_STREAM.rawValue)
        let found: (SocketAddress?, Int32) =
            switch address {
            case .unix(let path): (SocketAddress(path: path), stream)
            case .tcp(let host, let port): (SocketAddress(host: host, port: port), stream)
            case .udp(let host, let port): (SocketAddress(host: host, port: port), Int32(SOCK_DGRAM.rawValue))
            }
        guard let place = found.0 else {
            throw InputError(.settings, input: input, "'\(address)' is not an address; correct 'listen'")
        }
        return (place, found.1)
    }

    /// Removes what an agent that died has left at `path`.
    private static func clear(
        _ path: String, _ place: SocketAddress, type: Int32, input: String
    ) throws(InputError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw InputError(
                .occupied, input: input, "\(path) is not a socket, so it was left alone; remove it or change 'listen'")
        }
        let probe = socket(AF_UNIX, type | Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard probe >= 0 else { throw refusal(errno, .unix(path: path), input: input) }
        defer { _ = closeDescriptor(probe) }
        let answer = retryingInterrupts { place.withPointer { connect(probe, $0, $1) } }
        // A full backlog answers EAGAIN: somebody lives there. Only a refusal proves that nobody does.
        guard answer.error == ECONNREFUSED else {
            if answer.error == EACCES || answer.error == EPERM {
                throw refusal(answer.error, .unix(path: path), input: input)
            }
            throw InputError(
                .occupied, input: input, "another program listens on \(path); stop it or change 'listen'",
                cause: answer.error == 0 ? nil : answer.error)
        }
        guard unlink(path) == 0 || errno == ENOENT else { throw refusal(errno, .unix(path: path), input: input) }
    }

    private static func bind(
        _ descriptor: Int32, to place: SocketAddress, _ address: ListenAddress, mode: UInt32, input: String,
        isDatagram: Bool
    ) throws(InputError) {
        func demand(_ status: Int32) throws(InputError) {
            guard status == 0 else { throw refusal(errno, address, input: input) }
        }
        var on: Int32 = 1
        switch address {
        case .unix(let path):
            // The file never has more permissions than asked for: Linux takes the socket's own mode, and the process's
            // mask off it, for the file that bind makes. What the mask took away comes back with chmod.
            try demand(fchmod(descriptor, mode))
            try demand(place.withPointer { systemBind(descriptor, $0, $1) })
            try demand(chmod(path, mode))
            if !isDatagram { try demand(listen(descriptor, 128)) }
        case .tcp:
            try demand(setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size)))
            try demand(place.withPointer { systemBind(descriptor, $0, $1) })
            try demand(listen(descriptor, 128))
        case .udp:
            // The kernel then says with each datagram how many it had to drop before it.
            try demand(setsockopt(descriptor, SOL_SOCKET, SO_RXQ_OVFL, &on, socklen_t(MemoryLayout<Int32>.size)))
            var room: Int32 = 1 << 20
            // Best effort: the system may allow less.
            _ = setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &room, socklen_t(MemoryLayout<Int32>.size))
            try demand(place.withPointer { systemBind(descriptor, $0, $1) })
        }
    }

    private static func systemBind(
        _ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t
    ) -> Int32 {
        #if canImport(Glibc)
        Glibc.bind(descriptor, address, length)
        #else
        Musl.bind(descriptor, address, length)
        #endif
    }

    private static func refusal(_ error: Int32, _ address: ListenAddress, input: String) -> InputError {
        let (code, message): (InputError.Code, String) =
            switch (error, address) {
            case (ENOENT, .unix(let path)), (ENOTDIR, .unix(let path)):
                (.absent, "the directory of \(path) does not exist; make it, or set RuntimeDirectory= in the unit")
            case (EADDRINUSE, _):
                (.occupied, "another program listens on \(address); stop it or change 'listen'")
            case (EACCES, .unix(let path)), (EPERM, .unix(let path)), (EROFS, .unix(let path)):
                (.notPermitted, "the agent may not make \(path); give its user the directory")
            case (EACCES, _), (EPERM, _):
                (.notPermitted, "the agent may not listen on \(address); use a port above 1023")
            case (EADDRNOTAVAIL, _):
                (.absent, "this box has no address as in \(address); use one it has, or 0.0.0.0 for all")
            case (EMFILE, _), (ENFILE, _):
                (.system, "no descriptor is left to listen on \(address); raise the limit on open files")
            default:
                (.system, "cannot listen on \(address)")
            }
        return InputError(code, input: input, message, cause: error)
    }
}
