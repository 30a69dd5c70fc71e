#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// A socket that listens, and its end. Never blocks.
struct HealthListener: ~Copyable {
    let descriptor: Int32
    /// To be removed at the end.
    private let path: String?

    /// - Throws: `HealthError` when the address is taken, or cannot be listened on.
    init(_ address: HealthAddress) throws(HealthError) {
        // All that may fail comes before there is something that `deinit` would end.
        descriptor = try Self.listening(at: address)
        if case .unix(let path) = address { self.path = path } else { path = nil }
    }

    deinit {
        close(descriptor)
        if let path { unlink(path) }
    }

    /// The next connection, which never blocks; nil when there is none.
    borrowing func accept() -> (descriptor: Int32, error: Int32) {
        #if canImport(Glibc)
        let descriptor = Glibc.accept(self.descriptor, nil, nil)
        #else
        let descriptor = Musl.accept(self.descriptor, nil, nil)
        #endif
        guard descriptor >= 0 else { return (-1, errno) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        return (descriptor, 0)
    }

    private static func listening(at address: HealthAddress) throws(HealthError) -> Int32 {
        let name: SocketName
        switch address {
        case .unix(let path):
            name = SocketName(path: path)
            try clear(path, name, address)
        case .tcp(let host, let port):
            guard let numeric = SocketName(host: host, port: port) else {
                throw HealthError("it is not a numeric address", address)
            }
            name = numeric
        }
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(name.family, type, 0)
        guard descriptor >= 0 else { throw HealthError("cannot listen: \(reason(errno))", address) }
        var on: Int32 = 1
        if case .tcp = address {
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        }
        var isListening = name.withPointer { bind(descriptor, $0, $1) } == 0
        // Until then nobody but its owner may connect. `umask` would be that of every thread.
        if isListening, case .unix(let path) = address { isListening = chmod(path, 0o660) == 0 }
        guard isListening, listen(descriptor, 16) == 0 else {
            let code = errno
            close(descriptor)
            throw HealthError("cannot listen: \(reason(code))", address)
        }
        return descriptor
    }

    /// Removes what a listener that is gone has left behind.
    ///
    /// - Throws: `HealthError` when one listens there, or something else is there, which is not ours to remove.
    private static func clear(_ path: String, _ name: SocketName, _ address: HealthAddress) throws(HealthError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw HealthError("is there already and is no socket; remove it, or set another 'health: listen'", address)
        }
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        defer { close(probe) }
        let isTaken = name.withPointer { connect(probe, $0, $1) } == 0 || errno == EAGAIN
        guard probe < 0 || !isTaken else {
            throw HealthError("another program answers here; stop it, or set another 'health: listen'", address)
        }
        unlink(path)
    }

    private static func reason(_ code: Int32) -> String {
        let text = String(cString: strerror(code))
        return switch code {
        case ENOENT: "\(text); create the socket's directory"
        case EACCES: "\(text); give the program's user the socket's directory, or take a port above 1023"
        case EADDRINUSE: "\(text); stop the program that has it, or set another 'health: listen'"
        case EADDRNOTAVAIL: "\(text); this machine does not have that address"
        case EMFILE, ENFILE: "\(text); raise LimitNOFILE"
        default: text
        }
    }
}
