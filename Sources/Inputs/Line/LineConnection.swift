import Logging

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// A client of a stream socket.
final class LineConnection {
    private(set) var descriptor: Int32
    var source: LineSource
    /// The beginning of a line whose end has not come.
    var pending: [UInt8] = []

    init(_ descriptor: Int32, _ source: LineSource) {
        self.descriptor = descriptor
        self.source = source
    }

    var isClosed: Bool { descriptor < 0 }

    /// Whether a quoted text has been open for longer than `patience` nanoseconds.
    func isOverdue(_ patience: Int64) -> Bool {
        guard let since = source.openTextSince else { return false }
        return monotonicNanoseconds() - since >= patience
    }

    /// Idle clients hold no memory to speak of.
    func releaseSpareRoom() {
        if pending.isEmpty, pending.capacity > 1024 { pending = [] }
    }

    func close() {
        #if canImport(Glibc)
        Glibc.close(descriptor)
        #else
        Musl.close(descriptor)
        #endif
        descriptor = -1
        pending = []
    }
}

extension LineServer {
    /// Takes in every client that waits, and turns away those above the limit.
    mutating func acceptClients() {
        while true {
            var address = SocketAddress()
            let outcome = retryingInterrupts {
                address.withMutablePointer { accept(socket.descriptor, $0, $1) }
            }
            switch outcome.error {
            case 0: break
            case ECONNABORTED: continue
            case EAGAIN: return
            default:
                // Mostly too few descriptors. The client stays in the backlog; asking again at once would only burn the
                // processor.
                acceptsAgain = monotonicNanoseconds() + 1_000_000_000
                let reason = systemMessage(outcome.error)
                complain("no client can be taken in (\(reason)); if it lasts, raise the limit on open files")
                return
            }
            let descriptor = outcome.result
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            accepted += 1
            guard connections.count < connectionLimit else {
                let refused = LineConnection(descriptor, LineSource(.process(nil, connection: accepted)))
                refused.close()
                sink.reject(1, from: input, reason: "too many connections")
                complain("a client was turned away: \(connectionLimit) are connected; raise 'connections'")
                continue
            }
            if socket.address.isUnix {
                let source = LineSource(.process(Self.process(of: descriptor), connection: accepted))
                connections.append(LineConnection(descriptor, source))
            } else {
                Self.watchOver(descriptor)
                connections.append(LineConnection(descriptor, LineSource(.address(address))))
            }
        }
    }

    private mutating func complain(_ message: String) {
        guard throttle.admit(at: monotonicNanoseconds()) != nil else { return }
        logger.warning("\(message)")
    }

    /// Who is at the other end, as the kernel says it.
    private static func process(of descriptor: Int32) -> Int32? {
        // struct ucred (unix(7)), which Swift does not import: pid, uid, gid, each 32 bits.
        var credentials: (pid: Int32, uid: UInt32, gid: UInt32) = (0, 0, 0)
        var length = socklen_t(12)
        guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0, credentials.pid > 0 else {
            return nil
        }
        return credentials.pid
    }

    /// Has the kernel find out within two minutes that a peer lost its power, so that it does not hold its place for
    /// ever.
    private static func watchOver(_ descriptor: Int32) {
        let options: [(Int32, Int32, Int32)] = [
            (SOL_SOCKET, SO_KEEPALIVE, 1), (Int32(IPPROTO_TCP), TCP_KEEPIDLE, 60),
            (Int32(IPPROTO_TCP), TCP_KEEPINTVL, 15),
            (Int32(IPPROTO_TCP), TCP_KEEPCNT, 4),
        ]
        for (level, option, value) in options {
            var value = value
            // A socket without keepalive still works; there is nothing to do about a refusal.
            _ = setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
        }
    }
}
