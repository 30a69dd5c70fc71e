package import Configuration

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Where lines come in: `unix:/run/…`, `tcp:127.0.0.1:8094`, `udp:[::1]:8094`.
package enum ListenAddress: Hashable, Sendable, CustomStringConvertible {
    /// A stream socket at a path.
    case unix(path: String)
    /// `host` is a numeric address; names would need a resolver and could mean several addresses.
    case tcp(host: String, port: UInt16)
    case udp(host: String, port: UInt16)

    package var isUnix: Bool { if case .unix = self { true } else { false } }

    package var description: String {
        switch self {
        case .unix(let path): "unix:\(path)"
        case .tcp(let host, let port): "tcp:\(Self.joined(host, port))"
        case .udp(let host, let port): "udp:\(Self.joined(host, port))"
        }
    }

    private static func joined(_ host: String, _ port: UInt16) -> String {
        host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// - Throws: `InvalidValue` that says what an address looks like.
    package init(_ text: String) throws(InvalidValue) {
        guard let colon = text.firstIndex(of: ":") else { throw InvalidValue(Self.rule) }
        let rest = String(text[text.index(after: colon)...])
        switch text[..<colon] {
        case "unix":
            guard rest.hasPrefix("/"), !rest.utf8.contains(0) else {
                throw InvalidValue("the path of a unix socket must begin with '/'")
            }
            guard rest.utf8.count <= Self.longestPath else {
                throw InvalidValue(
                    "the path of a unix socket may have at most \(Self.longestPath) bytes; choose a shorter one")
            }
            self = .unix(path: rest)
        case "tcp":
            let (host, port) = try Self.split(rest)
            self = .tcp(host: host, port: port)
        case "udp":
            let (host, port) = try Self.split(rest)
            self = .udp(host: host, port: port)
        default:
            throw InvalidValue(Self.rule)
        }
    }

    /// What `sun_path` holds beside its final NUL (unix(7)).
    private static let longestPath = 107

    private static let rule = "must be unix:/path, tcp:ADDRESS:PORT or udp:ADDRESS:PORT, such as tcp:127.0.0.1:8094"

    private static func split(_ text: String) throws(InvalidValue) -> (String, UInt16) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            throw InvalidValue("there is no port; write ADDRESS:PORT, such as 127.0.0.1:8094")
        }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard SocketAddress(host: host, port: port) != nil else {
            throw InvalidValue(
                "'\(host)' is not a numeric address; write 127.0.0.1 for this box, 0.0.0.0 or [::] for every network"
            )
        }
        return (host, port)
    }
}

extension ValueFormat<ListenAddress> {
    package static var listenAddress: ValueFormat<ListenAddress> {
        ValueFormat<String>.string.parsing(
            "an address such as 'unix:/run/fieldproof/line.sock'", placeholder: .unix(path: "/")
        ) {
            text throws(InvalidValue) in try ListenAddress(text)
        }
    }
}
