package import Configuration

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// What `health:` says in `agent.yaml` and `collector.yaml`. Without it nobody listens.
package struct HealthSettings: ConfigurationDecodable, Hashable, Sendable {
    package var listen: HealthAddress

    package init(listen: HealthAddress) { self.listen = listen }

    package init(from reader: inout MappingReader) {
        listen = reader.required("listen", as: .healthAddress)
    }
}

/// Where whoever watches may ask: `unix:/run/fieldproof/health.sock`, `tcp:127.0.0.1:9273`, `tcp:[::1]:9273`.
package enum HealthAddress: Hashable, Sendable, CustomStringConvertible {
    case unix(path: String)
    /// `host` is a numeric address.
    case tcp(host: String, port: UInt16)

    package var description: String {
        switch self {
        case .unix(let path): "unix:\(path)"
        case .tcp(let host, let port): host.contains(":") ? "tcp:[\(host)]:\(port)" : "tcp:\(host):\(port)"
        }
    }

    /// Whether others than this machine's own programs may reach it.
    package var isOpenToNetwork: Bool {
        switch self {
        case .unix: false
        case .tcp(let host, _): !(host.hasPrefix("127.") || host == "::1")
        }
    }

    /// - Throws: `InvalidValue` that says what an address looks like.
    package init(_ text: String) throws(InvalidValue) {
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst(5))
            guard path.hasPrefix("/"), !path.utf8.contains(0) else {
                throw InvalidValue("the path of a unix socket must begin with '/'")
            }
            guard path.utf8.count <= Self.longestPath else {
                throw InvalidValue(
                    "the path of a unix socket may have at most \(Self.longestPath) bytes; choose a shorter one")
            }
            self = .unix(path: path)
        } else if text.hasPrefix("tcp:") {
            let rest = text.dropFirst(4)
            guard let colon = rest.lastIndex(of: ":"), let port = UInt16(rest[rest.index(after: colon)...]), port > 0
            else {
                throw InvalidValue("there is no port; write tcp:ADDRESS:PORT, such as tcp:127.0.0.1:9273")
            }
            var host = String(rest[..<colon])
            if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
            guard SocketName(host: host, port: port) != nil else {
                throw InvalidValue(
                    "'\(host)' is not a numeric address; write 127.0.0.1 for this machine, 0.0.0.0 or [::] for every network"
                )
            }
            self = .tcp(host: host, port: port)
        } else {
            throw InvalidValue(
                "must be unix:/path or tcp:ADDRESS:PORT, such as unix:/run/fieldproof/health.sock or tcp:127.0.0.1:9273"
            )
        }
    }

    /// What `sun_path` holds beside its final NUL (unix(7)).
    private static let longestPath = 107
}

extension ValueFormat<HealthAddress> {
    package static var healthAddress: ValueFormat<HealthAddress> {
        ValueFormat<String>.string.parsing(
            "an address such as 'unix:/run/fieldproof/health.sock'", placeholder: .unix(path: "/")
        ) {
            text throws(InvalidValue) in try HealthAddress(text)
        }
    }
}

/// An address as the system's calls want it.
struct SocketName {
    let family: Int32
    private let bytes: [UInt8]

    /// A numeric IPv4 or IPv6 address; nil for anything else.
    init?(host: String, port: UInt16) {
        var v4 = sockaddr_in()
        var v6 = sockaddr_in6()
        if inet_pton(AF_INET, host, &v4.sin_addr) == 1 {
            v4.sin_family = sa_family_t(AF_INET)
            v4.sin_port = port.bigEndian
            self.init(AF_INET, v4)
        } else if inet_pton(AF_INET6, host, &v6.sin6_addr) == 1 {
            v6.sin6_family = sa_family_t(AF_INET6)
            v6.sin6_port = port.bigEndian
            self.init(AF_INET6, v6)
        } else {
            return nil
        }
    }

    /// A path of at most 107 bytes, as the configuration checks.
    init(path: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        self.init(AF_UNIX, address)
    }

    private init<Address>(_ family: Int32, _ address: Address) {
        self.family = family
        bytes = withUnsafeBytes(of: address) { Array($0) }
    }

    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { preconditionFailure("an address has bytes") }
            return body(base.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
        }
    }
}
