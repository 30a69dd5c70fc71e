import Platform

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// One end of a unix stream connection that carries lines.
struct UnixStream: ~Copyable {
    private let descriptor: Int32
    /// How long a line may take to come, seconds.
    private let patience: Int

    /// - Throws: `AgentError` when nobody listens at `path`.
    init(connectingTo path: String, patience: Int = 10) throws(AgentError) {
        self.patience = patience
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw AgentError(.control, String(cString: strerror(errno)), path: path) }
        let status = Self.withAddress(path) { connect(descriptor, $0, $1) }
        guard status == 0 else {
            let reason = String(cString: strerror(errno))
            throw AgentError(
                .unavailable,
                "no agent answers here (\(reason)); is fieldproof-agent running, with this 'control' socket?",
                path: path)
        }
        Self.setPatience(descriptor, patience)
    }

    /// Nil when the connection is gone before it was accepted.
    init?(accepting listener: Int32, patience: Int) {
        self.patience = patience
        descriptor = accept(listener, nil, nil)
        guard descriptor >= 0 else { return nil }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        Self.setPatience(descriptor, patience)
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// A listening socket at `path`, mode 0660.
    static func listening(at path: String) throws(AgentError) -> Int32 {
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard listener >= 0 else { throw AgentError(.control, String(cString: strerror(errno)), path: path) }
        let mask = umask(0o117)
        defer { umask(mask) }
        guard withAddress(path, { bind(listener, $0, $1) }) == 0, listen(listener, 16) == 0 else {
            let code = errno
            close(listener)
            let advice =
                code == ENOENT
                ? "; create its directory" : code == EACCES ? "; give the agent's user the directory" : ""
            throw AgentError(.control, "cannot listen: \(String(cString: strerror(code)))\(advice)", path: path)
        }
        return listener
    }

    /// Removes what a listener that is gone has left behind.
    ///
    /// - Throws: `AgentError` when something else is there: that is not ours to remove.
    static func removeSocket(at path: String) throws(AgentError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw AgentError(
                .control, "is there already and is no socket; remove it, or set another 'control'", path: path)
        }
        unlink(path)
    }

    /// The next line without its newline; nil at the end, when the line is too long, or when the peer has not sent all of it in
    /// the time that one byte may take.
    borrowing func readLine(limit: Int) -> [UInt8]? {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        let clock = SystemClock()
        let deadline = clock.monotonic + Int64(patience) * 1_000_000_000
        while line.count <= limit, clock.monotonic < deadline {
            let count = recv(descriptor, &byte, 1, 0)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { return nil }
            if byte == UInt8(ascii: "\n") { return line }
            line.append(byte)
        }
        return nil
    }

    /// False when the peer is gone.
    borrowing func write(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private static func setPatience(_ descriptor: Int32, _ seconds: Int) {
        var time = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    }

    /// The path must be shorter than 108 bytes, as the configuration checks.
    private static func withAddress<Result>(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { buffer in
            buffer.copyBytes(from: path.utf8.prefix(buffer.count - 1))
        }
        return withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
