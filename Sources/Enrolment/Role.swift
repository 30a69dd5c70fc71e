package import Telemetry

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Who gets a certificate. Its common name is the user name that the broker knows its holder by (`use_identity_as_username`), and its
/// extended key usage says on which side of a connection it may be shown.
package enum Role: Hashable, Sendable {
    /// A box; the name is its agent id.
    case agent(Identifier)
    case collector
    /// Whoever marks runs and looks on.
    case `operator`
    /// A site's bridge to the centre's broker, by its site.
    case bridge(Identifier)
    /// A broker, by the names and addresses at which it is reached; not empty.
    case broker([String])

    /// User names that the broker's ACL gives rights of their own.
    package static let reserved = ["collector", "operator", "broker"]

    /// What the user names of bridges between brokers begin with; the ACL gives each the whole of its site.
    package static let bridgePrefix = "bridge-"

    /// Why `id` can be no agent's, and what to do; nil where it can.
    package static func refusal(agent id: Identifier) -> String? {
        if id.text == "ca" {
            return "'ca' can be no agent's id: its certificate would be ca.pem, as the CA's is; give the box another id"
        }
        guard reserved.contains(id.text) || id.text.hasPrefix(bridgePrefix) else { return nil }
        return "'\(id.text)' means something else to the broker, whose ACL gives it rights of its own; "
            + "give the box another id"
    }

    /// Nil where ``refusal(agent:)`` says why.
    package init?(agent id: Identifier) {
        guard Self.refusal(agent: id) == nil else { return nil }
        self = .agent(id)
    }

    /// Nil unless there is a name, and each is a host's name or an IP address.
    package init?(broker names: [String]) {
        guard !names.isEmpty, names.allSatisfy({ Self.isAddress($0) || Self.isHostName($0) }) else { return nil }
        self = .broker(names)
    }

    package var commonName: String {
        switch self {
        case .agent(let id): id.text
        case .collector: "collector"
        case .operator: "operator"
        case .bridge(let site): Self.bridgePrefix + site.text
        case .broker(let names): names.first ?? "broker"
        }
    }

    /// What its files are called, but for their endings.
    package var fileName: String {
        switch self {
        case .agent(let id): id.text
        case .collector: "collector"
        case .operator: "operator"
        case .bridge: commonName
        case .broker: "broker"
        }
    }

    /// The extensions of RFC 5280 that say what it is for, in the words of x509v3_config(5).
    var alternativeNames: String? {
        guard case .broker(let names) = self else { return nil }
        return names.map { (Self.isAddress($0) ? "IP:" : "DNS:") + $0 }.joined(separator: ",")
    }

    private static func isAddress(_ text: String) -> Bool {
        var space = in6_addr()
        return inet_pton(AF_INET, text, &space) == 1 || inet_pton(AF_INET6, text, &space) == 1
    }

    private static func isHostName(_ text: String) -> Bool {
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return text.utf8.count <= 253
            && labels.allSatisfy { label in
                (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
                    && label.allSatisfy { byte in
                        switch byte {
                        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                            true
                        default: false
                        }
                    }
            }
    }
}
