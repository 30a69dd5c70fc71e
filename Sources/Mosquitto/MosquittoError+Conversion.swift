internal import CMosquitto
internal import Certificates

#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

/// The one place where numbers of the library, the broker and the kernel become errors.
extension MosquittoError {
    /// Of a library call.
    ///
    /// - Parameters:
    ///   - status: What the call returned: a `MOSQ_ERR_…` other than success.
    ///   - systemError: `errno` right after the call; it counts only with `MOSQ_ERR_ERRNO`.
    ///   - address: The broker that was called.
    ///   - detail: The library's last error line, if there was one; it holds OpenSSL's words.
    ///   - rejection: Why this side did not believe the broker.
    init(
        status: Int32, systemError: Int32, address: BrokerAddress, detail: String? = nil,
        rejection: ClientContext.Rejection? = nil
    ) {
        if let rejection {
            self.init(
                rejection.isClockWrong ? .wrongClock : .tls, "no TLS with \(address): \(rejection.message)",
                family: .library, rawCode: status)
            return
        }
        if let detail, let complaint = Self.alert(in: detail) {
            self.init(.tls, "\(address) \(complaint)", family: .library, rawCode: status)
            return
        }
        let suffix = detail.map { ": \($0)" } ?? ""
        let code: Code
        let text: String
        switch status {
        case MOSQ_ERR_NO_CONN.rawValue:
            (code, text) = (.notConnected, "not connected to \(address)")
        case MOSQ_ERR_CONN_LOST.rawValue, MOSQ_ERR_CONN_REFUSED.rawValue:
            (code, text) = (.connectionLost, "\(address) closed the connection\(suffix)")
        case MOSQ_ERR_KEEPALIVE.rawValue:
            (code, text) = (
                .keepAliveExpired,
                "\(address) answers no ping: the broker hangs or the way to it is cut; look at the broker and the link"
            )
        case MOSQ_ERR_TLS.rawValue where detail?.split(separator: ":").last?.hasPrefix("unexpected eof") == true:
            (code, text) = (.connectionLost, "\(address) closed the connection in the TLS handshake")
        case MOSQ_ERR_TLS.rawValue, MOSQ_ERR_TLS_HANDSHAKE.rawValue:
            (code, text) = (
                .tls,
                "no TLS with \(address)\(suffix); check that the certificate is valid, names this host, "
                    + "and is signed by the configured CA"
            )
        case MOSQ_ERR_PROTOCOL.rawValue, MOSQ_ERR_MALFORMED_PACKET.rawValue,
            MOSQ_ERR_DUPLICATE_PROPERTY.rawValue, MOSQ_ERR_MALFORMED_UTF8.rawValue:
            (code, text) = (
                .protocolViolation, "\(address) does not speak MQTT 5 as it should\(suffix); is it an MQTT 5 broker?"
            )
        case MOSQ_ERR_OVERSIZE_PACKET.rawValue, MOSQ_ERR_PAYLOAD_SIZE.rawValue:
            (code, text) = (.tooLarge, "the message is larger than \(address) accepts; raise its max_packet_size")
        case MOSQ_ERR_QOS_NOT_SUPPORTED.rawValue:
            (code, text) = (.unsupportedByBroker, "\(address) does not offer QoS 1; allow it in the broker")
        case MOSQ_ERR_EAI.rawValue:
            self = .resolving(systemError, address: address)
            return
        case MOSQ_ERR_ERRNO.rawValue where systemError != 0 && systemError != EPROTO:
            self = .system(systemError, address: address)
            return
        case MOSQ_ERR_ERRNO.rawValue:
            (code, text) = (.connectionLost, "the connection to \(address) broke\(suffix)")
        default:
            let name = mosquitto_strerror(status).map { String(cString: $0) } ?? "error \(status)"
            (code, text) = (.library, "libmosquitto at \(address): \(name)\(suffix)")
        }
        self.init(code, text, family: .library, rawCode: status)
    }

    /// The broker closed while TLS shook hands.
    static func closedInHandshake(address: BrokerAddress, detail: String?) -> MosquittoError {
        if let detail, let complaint = alert(in: detail) { return MosquittoError(.tls, "\(address) \(complaint)") }
        let suffix = detail.map { ": \($0)" } ?? ""
        return MosquittoError(.connectionLost, "\(address) closed the connection in the TLS handshake\(suffix)")
    }

    /// What the broker says of this client's certificate (RFC 8446, section 6.2); nil when the line holds no such alert.
    private static func alert(in detail: String) -> String? {
        let renew =
            "get a new one from the site's operator ('fieldproof enrol'), and put it in place: it is taken up by itself"
        let alerts = [
            ("alert certificate expired", "says that this client's certificate is over; \(renew)"),
            ("alert certificate revoked", "says that this client's certificate is revoked; ask the site's operator"),
            ("alert unknown ca", "does not know the CA of this client's certificate; \(renew)"),
            // A CA of the same name with another key.
            ("alert decrypt error", "does not know the CA of this client's certificate; \(renew)"),
            ("alert certificate required", "wants a certificate of this client; set 'cert' and 'key'"),
            (
                "alert bad certificate",
                "refuses this client's certificate, for instance because its time has not come by the broker's clock; \(renew)"
            ),
            ("alert unsupported certificate", "takes no certificate of this kind from a client; \(renew)"),
            ("alert handshake failure", "and this client do not agree on TLS; does it want a certificate?"),
        ]
        return alerts.first { strstr(detail, $0.0) != nil }?.1
    }

    /// Of the kernel, about a connection.
    static func system(_ number: Int32, address: BrokerAddress) -> MosquittoError {
        let code: Code
        let text: String
        switch number {
        case ECONNREFUSED:
            (code, text) = (.unreachable, "no broker answers at \(address); is mosquitto running?")
        case ENETUNREACH, EHOSTUNREACH, ENETDOWN, EHOSTDOWN:
            (code, text) = (.unreachable, "no route to \(address); check the network of this box")
        case ETIMEDOUT:
            (code, text) = (.timedOut, "\(address) does not answer; check the network and the firewall")
        case ECONNRESET, EPIPE, ECONNABORTED:
            (code, text) = (.connectionLost, "\(address) closed the connection")
        case EMFILE, ENFILE:
            (code, text) = (.library, "no file descriptor is left to reach \(address); raise LimitNOFILE")
        default:
            let name = strerror(number).map { String(cString: $0) } ?? "error \(number)"
            (code, text) = (.connectionLost, "the connection to \(address) broke: \(name)")
        }
        return MosquittoError(code, text, family: .system, rawCode: number)
    }

    /// Of the resolver: a number of `getaddrinfo`.
    static func resolving(_ number: Int32, address: BrokerAddress) -> MosquittoError {
        let name = gai_strerror(number).map { String(cString: $0) } ?? "error \(number)"
        return MosquittoError(
            .unresolvedHost, "cannot resolve \(address.host): \(name); check the host in the url, and DNS",
            family: .resolver, rawCode: number)
    }

    /// Of a CONNACK that refuses.
    static func refusal(_ reason: ReasonCode, address: BrokerAddress) -> MosquittoError {
        let advice =
            switch reason {
            case .badUserNameOrPassword, .notAuthorized: "check user name, password and the broker's ACL"
            case .clientIDNotValid: "check the client id"
            case .banned: "ask the broker's operator"
            default: "will try again"
            }
        return MosquittoError(
            .refused, "\(address) refuses the connection: \(reason); \(advice)", family: .reason,
            rawCode: Int32(reason.rawValue))
    }

    /// Of a DISCONNECT that the broker sent.
    static func serverDisconnect(_ reason: ReasonCode, address: BrokerAddress) -> MosquittoError {
        let advice =
            reason == .sessionTakenOver ? "another client uses this client id: give each its own" : "will reconnect"
        return MosquittoError(
            .serverDisconnected, "\(address) ended the connection: \(reason); \(advice)", family: .reason,
            rawCode: Int32(reason.rawValue))
    }
}
