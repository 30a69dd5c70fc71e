import CTLS
import Telemetry

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// OpenSSL's `SSL_CTX` for the connections of a client, one after the other, and why the server was not believed.
///
/// The context refers to this object without keeping it: whoever hands ``raw`` on keeps this for as long.
package final class ClientContext {
    package let raw: OpaquePointer
    private let host: String
    private let surelyPast: Timestamp
    /// What the clock said when the attempt began.
    private var clock = Timestamp(nanoseconds: 0)
    /// Why the server was not believed; nil while it was.
    package private(set) var rejection: Rejection?

    /// A server that was not believed.
    package struct Rejection: Hashable, Sendable {
        /// Whether the clock is what has to be put right.
        package let isClockWrong: Bool
        /// What is wrong and what to do.
        package let message: String
    }

    init(_ credentials: ClientCredentials, key: PrivateKey?, host: String) throws(CertificateError) {
        ERR_clear_error()
        guard let raw = SSL_CTX_new(TLS_client_method()) else { throw .library("there is no TLS") }
        self.raw = raw
        self.host = host
        surelyPast = credentials.surelyPast
        try prepare(credentials, key)
        begin()
    }

    /// Before each further connection: the time that certificates are held against is the clock's, unless that is surely wrong.
    package func begin() {
        rejection = nil
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        clock = Timestamp(nanoseconds: Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec))
        X509_VERIFY_PARAM_set_time(
            SSL_CTX_get0_param(raw), time_t(max(clock, surelyPast).nanoseconds / 1_000_000_000))
    }

    deinit { SSL_CTX_free(raw) }

    private func prepare(_ credentials: ClientCredentials, _ key: PrivateKey?) throws(CertificateError) {
        func require(_ isDone: Bool, _ doing: String) throws(CertificateError) {
            if !isDone { throw .library(doing) }
        }
        try require(ctls_prepare(raw) == 1, "TLS 1.2 cannot be had")
        if credentials.authorities.isEmpty {
            try require(SSL_CTX_set_default_verify_paths(raw) == 1, "the system has no certificates")
        }
        let store = SSL_CTX_get_cert_store(raw)
        for authority in credentials.authorities {
            try require(X509_STORE_add_cert(store, authority.raw) == 1, "a CA's certificate cannot be used")
        }
        if let own = credentials.chain.first, let key {
            try require(SSL_CTX_use_certificate(raw, own.raw) == 1, "the certificate cannot be used")
            for certificate in credentials.chain.dropFirst() {
                try require(ctls_add_to_chain(raw, certificate.raw) == 1, "the certificate's chain cannot be used")
            }
            try require(SSL_CTX_use_PrivateKey(raw, key.raw) == 1, "the key cannot be used")
        }
        let rules = SSL_CTX_get0_param(raw)
        let isAddress = X509_VERIFY_PARAM_set1_ip_asc(rules, host) == 1
        try require(
            isAddress || X509_VERIFY_PARAM_set1_host(rules, host, 0) == 1, "the host's name cannot be checked")
        SSL_CTX_set_ex_data(raw, 0, Unmanaged.passUnretained(self).toOpaque())
        SSL_CTX_set_verify(raw, SSL_VERIFY_PEER) { @Sendable isSound, chain in
            if isSound == 0 { ClientContext.of(chain)?.note(chain) }
            return isSound
        }
        ERR_clear_error()
    }

    private static func of(_ chain: OpaquePointer?) -> ClientContext? {
        let connection = X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx())
        guard let connection, let context = SSL_get_SSL_CTX(OpaquePointer(connection)),
            let object = SSL_CTX_get_ex_data(context, 0)
        else { return nil }
        return Unmanaged<ClientContext>.fromOpaque(object).takeUnretainedValue()
    }

    /// Called in the handshake, with the first thing that is wrong.
    private func note(_ chain: OpaquePointer?) {
        let error = X509_STORE_CTX_get_error(chain)
        var validity: Certificate.Validity?
        var (name, issuer) = ("", "")
        if let current = X509_STORE_CTX_get_current_cert(chain), X509_up_ref(current) == 1 {
            let certificate = Certificate(adopting: current)
            (validity, name, issuer) = (certificate.validity, certificate.commonName, certificate.issuerName)
        }
        let whose = X509_STORE_CTX_get_error_depth(chain) == 0 ? "its certificate" : "the certificate of '\(name)'"
        switch error {
        case X509_V_ERR_CERT_NOT_YET_VALID:
            rejection = Rejection(
                isClockWrong: true,
                message: """
                    \(whose) holds from \(validity?.begins.description ?? "later") on, and this machine's clock says \(clock): the \
                    clock is wrong, not the certificate; set it, or let it be synchronised; what was measured is kept, and the \
                    connection is made by itself then
                    """)
        case X509_V_ERR_CERT_HAS_EXPIRED:
            rejection = Rejection(
                isClockWrong: false,
                message: """
                    \(whose) is over since \(validity?.expires.description ?? "long"), and this machine's clock says \(clock); renew \
                    the certificate, or set the clock if that is wrong
                    """)
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
            rejection = Rejection(
                isClockWrong: false,
                message: """
                    \(whose) is for '\(name)' and not for '\(host)'; write the url with a name that is in it, or make the broker's \
                    certificate anew with this one
                    """)
        case X509_V_ERR_INVALID_PURPOSE:
            rejection = Rejection(
                isClockWrong: false,
                message: "\(whose) is not one of a server: whoever is there may be posing as the broker")
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_CERT_SIGNATURE_FAILURE:
            rejection = Rejection(
                isClockWrong: false,
                message: "\(whose) is signed by '\(issuer)', who is not the CA that is trusted here; check the 'ca'")
        default:
            let words = X509_verify_cert_error_string(Int(error)).map { String(cString: $0) } ?? "error \(error)"
            rejection = Rejection(isClockWrong: false, message: "\(whose) is not sound: \(words)")
        }
    }
}
