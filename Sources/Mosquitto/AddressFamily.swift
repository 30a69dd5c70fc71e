#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// Which kinds of address a name has.
///
/// Connecting without blocking, the library tries only the first address of a name. A broker that listens on 127.0.0.1
/// only would not be found as `localhost` where that is ::1 first. So each family is tried in turn.
enum AddressFamily: Equatable {
    case version4, version6

    /// Binding to it makes the library skip addresses of the other family.
    var anyAddress: String { self == .version4 ? "0.0.0.0" : "::" }

    /// Resolves a host; blocks as long as the resolver does.
    ///
    /// - Returns: The families in the resolver's order; `[nil]` (no limit) if there is only one.
    static func candidates(for address: BrokerAddress) throws(MosquittoError) -> [AddressFamily?] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        #if canImport(Glibc)
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
        hints.ai_socktype = SOCK_STREAM
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(address.host, nil, &hints, &list)
        guard status == 0 else { throw .resolving(status, address: address) }
        defer { freeaddrinfo(list) }
        var families: [AddressFamily] = []
        var next = list
        while let entry = next {
            let family: AddressFamily = entry.pointee.ai_family == AF_INET6 ? .version6 : .version4
            if !families.contains(family) { families.append(family) }
            next = entry.pointee.ai_next
        }
        return families.count < 2 ? [nil] : families
    }
}
