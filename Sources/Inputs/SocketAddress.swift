#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// An address as the system's calls want it.
struct SocketAddress {
    private var storage = sockaddr_storage()
    private var length: socklen_t

    /// No address yet; for calls that fill one in.
    init() { length = socklen_t(MemoryLayout<sockaddr_storage>.size) }

    /// A numeric IPv4 or IPv6 address; nil for anything else.
    init?(host: String, port: UInt16) {
        var v4 = sockaddr_in()
        var v6 = sockaddr_in6()
        if inet_pton(AF_INET, host, &v4.sin_addr) == 1 {
            v4.sin_family = sa_family_t(AF_INET)
            v4.sin_port = port.bigEndian
            self.init(copying: v4)
        } else if inet_pton(AF_INET6, host, &v6.sin6_addr) == 1 {
            v6.sin6_family = sa_family_t(AF_INET6)
            v6.sin6_port = port.bigEndian
            self.init(copying: v6)
        } else {
            return nil
        }
    }

    /// A path in the file system; nil when it has more than 107 bytes (unix(7)).
    init?(path: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { room in
            guard path.utf8.count < room.count else { return false }
            room.copyBytes(from: path.utf8)
            return true
        }
        guard fits else { return nil }
        self.init(copying: address)
    }

    /// An IPv4 or IPv6 address as the resolver gives it, with a port; nil for any other.
    init?(_ found: UnsafePointer<sockaddr>?, _ size: socklen_t, port: UInt16) {
        guard let found, size <= socklen_t(MemoryLayout<sockaddr_storage>.size) else { return nil }
        length = size
        withUnsafeMutableBytes(of: &storage) {
            $0.copyMemory(from: UnsafeRawBufferPointer(start: found, count: Int(size)))
        }
        // The port stands at the same place in both (ip(7), ipv6(7)).
        guard family == AF_INET || family == AF_INET6 else { return nil }
        withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: port.bigEndian, toByteOffset: 2, as: UInt16.self) }
    }

    private init<Address>(copying address: Address) {
        length = socklen_t(MemoryLayout<Address>.size)
        withUnsafeBytes(of: address) { source in
            withUnsafeMutableBytes(of: &storage) { $0.copyMemory(from: source) }
        }
    }

    var family: Int32 { Int32(storage.ss_family) }

    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafePointer(to: storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }

    mutating func withMutablePointer<Result>(
        _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Result
    ) -> Result {
        withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, &length) }
        }
    }

    /// `192.0.2.7:50312` or `[2001:db8::7]:50312`; empty for a unix socket.
    var text: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
            guard let base = buffer.baseAddress else { return "" }
            return withUnsafeBytes(of: storage) { bytes in
                switch family {
                case AF_INET:
                    var address = bytes.loadUnaligned(as: sockaddr_in.self)
                    guard inet_ntop(AF_INET, &address.sin_addr, base, socklen_t(buffer.count)) != nil else { return "" }
                    return "\(String(cString: base)):\(UInt16(bigEndian: address.sin_port))"
                case AF_INET6:
                    var address = bytes.loadUnaligned(as: sockaddr_in6.self)
                    guard inet_ntop(AF_INET6, &address.sin6_addr, base, socklen_t(buffer.count)) != nil else {
                        return ""
                    }
                    return "[\(String(cString: base))]:\(UInt16(bigEndian: address.sin6_port))"
                default:
                    return ""
                }
            }
        }
    }

    /// The port of an IPv4 or IPv6 address.
    var port: UInt16? {
        withUnsafeBytes(of: storage) { bytes in
            switch family {
            case AF_INET: UInt16(bigEndian: bytes.loadUnaligned(as: sockaddr_in.self).sin_port)
            case AF_INET6: UInt16(bigEndian: bytes.loadUnaligned(as: sockaddr_in6.self).sin6_port)
            default: nil
            }
        }
    }
}
