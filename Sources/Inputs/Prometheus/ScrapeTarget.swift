package import Configuration

/// Where metrics are read: `http://host:port/metrics`, or `unix:/path.sock` with the path `/metrics` behind it.
package struct ScrapeTarget: Hashable, Sendable, CustomStringConvertible {
    package enum Place: Hashable, Sendable {
        /// A name or a numeric address; IPv6 without brackets.
        case tcp(host: String, port: UInt16)
        case unix(path: String)
    }

    package let place: Place
    /// Of the request, with its query.
    package let path: String
    package let description: String

    /// - Throws: `InvalidValue` that says what a target looks like.
    package init(_ text: String) throws(InvalidValue) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw InvalidValue("must be a url without blanks, such as http://127.0.0.1:9100/metrics")
        }
        description = text
        if text.hasPrefix("unix:") {
            let rest = text.dropFirst("unix:".count)
            // A colon ends the socket's path: `unix:/run/x.sock:/metrics`.
            let parts = rest.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard let first = parts.first, first.hasPrefix("/"), first.utf8.count <= 107 else {
                throw InvalidValue(
                    "a unix socket is written unix:/path or unix:/path:/metrics, its path at most 107 bytes")
            }
            place = .unix(path: String(first))
            path = parts.count > 1 ? String(parts[1]) : "/metrics"
            guard path.hasPrefix("/") else { throw InvalidValue("what follows the second ':' must begin with '/'") }
            return
        }
        if text.hasPrefix("https://") {
            throw InvalidValue(
                "TLS is not spoken here; put a proxy on this box in front of it, such as stunnel or nginx, and scrape that"
            )
        }
        guard text.hasPrefix("http://") else {
            throw InvalidValue("must be http://host:port/path or unix:/path, such as http://127.0.0.1:9100/metrics")
        }
        let rest = text.dropFirst("http://".count)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        path = slash == rest.endIndex ? "/metrics" : String(rest[slash...])
        let authority = rest[..<slash]
        guard !authority.contains("@") else { throw InvalidValue("credentials do not belong in the url") }
        var host = authority
        var port: UInt16 = 80
        if let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") {
            guard let number = UInt16(authority[authority.index(after: colon)...]), number > 0 else {
                throw InvalidValue("the port is not in 1…65535")
            }
            host = authority[..<colon]
            port = number
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw InvalidValue("an IPv6 address needs brackets, as in http://[::1]:9100/metrics")
        }
        guard !host.isEmpty, !path.contains("#") else { throw InvalidValue("there is no host, or a '#' in the path") }
        place = .tcp(host: String(host), port: port)
    }

    /// What the request says in `Host:`.
    var authority: String {
        switch place {
        case .unix: "localhost"
        case .tcp(let host, let port): "\(host.contains(":") ? "[\(host)]" : host):\(port)"
        }
    }

    /// What tells it from other targets, in logs and in the tag `instance`.
    var instance: String {
        switch place {
        case .unix(let path): path
        case .tcp: authority
        }
    }
}

extension ValueFormat<ScrapeTarget> {
    static var scrapeTarget: ValueFormat<ScrapeTarget> {
        let placeholder = try? ScrapeTarget("http://127.0.0.1:9100/metrics")
        guard let placeholder else { preconditionFailure("the placeholder is a target") }
        return ValueFormat<String>.nonEmptyString.parsing(
            "a url such as 'http://127.0.0.1:9100/metrics'", placeholder: placeholder
        ) { text throws(InvalidValue) in try ScrapeTarget(text) }
    }
}
