/// Where a broker listens, and whether the way there is encrypted.
package struct BrokerAddress: Sendable, Equatable, CustomStringConvertible {
    /// A name or a numeric address; IPv6 without brackets.
    package let host: String
    package let port: UInt16
    package let usesTLS: Bool

    /// The port is 1883, or 8883 with TLS, unless given.
    package init(host: String, port: UInt16? = nil, usesTLS: Bool = false) {
        self.host = host
        self.port = port ?? (usesTLS ? 8883 : 1883)
        self.usesTLS = usesTLS
    }

    /// Reads `mqtt://host[:port]` or `mqtts://host[:port]`. IPv6 literals stand in brackets (RFC 3986, section 3.2.2).
    ///
    /// - Throws: ``MosquittoError/Code/invalidOption`` with the part that is wrong.
    package init(url: String) throws(MosquittoError) {
        func invalid(_ why: String) -> MosquittoError {
            MosquittoError(
                .invalidOption,
                "'\(Self.redacted(url))' is no broker url: \(why); write mqtt://host:port or mqtts://host:port")
        }
        let usesTLS: Bool
        var rest: Substring
        let lower = url.lowercased()
        if lower.hasPrefix("mqtts://") {
            (usesTLS, rest) = (true, url.dropFirst(8))
        } else if lower.hasPrefix("mqtt://") {
            (usesTLS, rest) = (false, url.dropFirst(7))
        } else {
            throw invalid("the scheme is neither mqtt nor mqtts")
        }
        if rest.hasSuffix("/") { rest.removeLast() }
        if rest.contains("@") { throw invalid("credentials do not belong in the url") }
        if let character = rest.first(where: { "/?# \t\0".contains($0) }) {
            throw invalid("it has '\(character)' after the host")
        }
        var port: UInt16?
        func parsePort(_ text: Substring) throws(MosquittoError) -> UInt16 {
            guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt16(text), number > 0 else {
                throw invalid("the port '\(text)' is not in 1…65535")
            }
            return number
        }
        let host: Substring
        if rest.first == "[" {
            guard let end = rest.firstIndex(of: "]") else { throw invalid("a '[' without ']'") }
            host = rest[rest.index(after: rest.startIndex)..<end]
            // What follows '%' is the name of an interface (RFC 4007, section 11).
            let address = host.prefix { $0 != "%" }
            guard address.contains(":"), address.allSatisfy({ $0.isHexDigit || ":.".contains($0) }) else {
                throw invalid("'\(host)' is no IPv6 address")
            }
            let tail = rest[rest.index(after: end)...]
            if !tail.isEmpty {
                guard tail.first == ":" else { throw invalid("'\(tail)' after the address") }
                port = try parsePort(tail.dropFirst())
            }
        } else if let colon = rest.firstIndex(of: ":") {
            host = rest[..<colon]
            let tail = rest[rest.index(after: colon)...]
            if tail.contains(":") { throw invalid("an IPv6 address needs brackets, as in mqtt://[::1]:1883") }
            port = try parsePort(tail)
        } else {
            host = rest
        }
        guard !host.isEmpty else { throw invalid("the host is missing") }
        self.init(host: String(host), port: port, usesTLS: usesTLS)
    }

    /// What stands before an '@' may be a password, which no log may show.
    private static func redacted(_ url: String) -> String {
        guard let end = url.lastIndex(of: "@") else { return url }
        let scheme = ["mqtt://", "mqtts://"].first(where: url.hasPrefix) ?? ""
        return "\(scheme)…\(url[end...])"
    }

    package var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
