import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Tells systemd how a service is: datagrams to the socket that `NOTIFY_SOCKET` names, as sd_notify(3) has it, without libsystemd.
///
/// The socket is made once, at the start, so that a process without a free descriptor still feeds its watchdog.
package final class ServiceNotifier: Sendable {
    private let descriptor: Int32
    private let address: [UInt8]
    /// `WATCHDOG_USEC` in nanoseconds, where systemd wants this process to say that it lives.
    package let watchdog: Int64?

    /// Nil where nobody wants to hear: no `NOTIFY_SOCKET`, or one that this program cannot speak to.
    ///
    /// - Parameter variable: what a variable of the environment says.
    package init?(
        environment variable: (String) -> String? = { name in getenv(name).map { String(cString: $0) } }
    ) {
        guard let path = variable("NOTIFY_SOCKET"), let address = Self.address(of: path) else { return nil }
        self.address = address
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        // A manager that does not read must not hold up a daemon.
        var patience = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let isMeant = variable("WATCHDOG_PID").map { $0 == "\(getpid())" } ?? true
        let time = variable("WATCHDOG_USEC").flatMap { Int64($0) }.flatMap { (1...Int64.max / 1000) ~= $0 ? $0 : nil }
        watchdog = isMeant ? time.map { $0 * 1000 } : nil
    }

    deinit { close(descriptor) }

    /// Sends assignments, one a line. False when nobody takes them.
    @discardableResult
    package func send(_ lines: String...) -> Bool {
        let text = Array(lines.joined(separator: "\n").utf8)
        while true {
            let count = address.withUnsafeBytes { bytes -> Int in
                guard let base = bytes.baseAddress else { return -1 }
                let target = base.assumingMemoryBound(to: sockaddr.self)
                return sendto(descriptor, text, text.count, Int32(MSG_NOSIGNAL), target, socklen_t(bytes.count))
            }
            guard count < 0, errno == EINTR else { return count == text.count }
        }
    }

    /// `STATUS=…`: one line that `systemctl status` shows.
    static func status(_ text: String) -> String {
        "STATUS=" + String(text.map { $0.isNewline ? " " : $0 }.prefix(400))
    }

    /// A `sockaddr_un` of just the right length: an abstract name ends where the address ends (unix(7)).
    private static func address(of path: String) -> [UInt8]? {
        var name = Array(path.utf8)
        guard name.first == UInt8(ascii: "/") || name.first == UInt8(ascii: "@"), name.count > 1 else { return nil }
        if name[0] == UInt8(ascii: "@") { name[0] = 0 } else { name.append(0) }
        guard let start = MemoryLayout<sockaddr_un>.offset(of: \.sun_path),
            start + name.count <= MemoryLayout<sockaddr_un>.size
        else { return nil }
        var family = sa_family_t(AF_UNIX)
        let head = withUnsafeBytes(of: &family) { Array($0) }
        return head + Array(repeating: 0, count: start - head.count) + name
    }
}
