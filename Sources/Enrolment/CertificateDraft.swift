import Certificates
import CTLS
import Telemetry

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// A certificate that is being made: version 3, with a serial number of 126 random bits (RFC 5280, section 4.1.2.2).
struct CertificateDraft {
    let certificate: Certificate
    private var raw: OpaquePointer { certificate.raw }

    /// How long before now it begins, seconds: clocks of a site differ a little.
    static let leeway = -300

    init(days: Int, now: Timestamp) throws(CertificateError) {
        guard let raw = X509_new() else { throw .library("there is no memory") }
        certificate = Certificate(adopting: raw)
        guard let serial = BN_new() else { throw .library("there is no memory") }
        defer { BN_free(serial) }
        var start = time_t(now.nanoseconds / 1_000_000_000)
        guard X509_set_version(raw, 2) == 1, BN_rand(serial, 126, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1,
            BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(raw)) != nil,
            X509_time_adj_ex(X509_getm_notBefore(raw), 0, Self.leeway, &start) != nil,
            X509_time_adj_ex(X509_getm_notAfter(raw), Int32(clamping: days), 0, &start) != nil
        else { throw .library("libcrypto makes no certificate") }
    }

    /// Nobody can vouch for longer than he is vouched for.
    func end(atLatest authority: Certificate) throws(CertificateError) {
        guard certificate.validity.expires > authority.validity.expires else { return }
        guard X509_set1_notAfter(raw, X509_get0_notAfter(authority.raw)) == 1 else {
            throw .library("libcrypto makes no certificate")
        }
    }

    func name(_ name: String) throws(CertificateError) {
        guard CertificateRequest.setName(name, X509_get_subject_name(raw)) else {
            throw .library("'\(name)' cannot be the name in a certificate")
        }
    }

    func key(of key: PrivateKey) throws(CertificateError) {
        guard X509_set_pubkey(raw, key.raw) == 1 else { throw .library("the key cannot be certified") }
    }

    func key(of request: CertificateRequest) throws(CertificateError) {
        guard X509_set_pubkey(raw, X509_REQ_get0_pubkey(request.raw)) == 1 else {
            throw .library("the key cannot be certified")
        }
    }

    /// Adds extensions, in the words of x509v3_config(5), and signs. `authority`: nil when it signs itself.
    func issue(
        by authority: Certificate?, _ key: PrivateKey, _ extensions: [(nid: Int32, value: String)]
    ) throws(CertificateError) {
        let issuer = authority?.raw ?? raw
        guard X509_set_issuer_name(raw, X509_get_subject_name(issuer)) == 1 else {
            throw .library("libcrypto makes no certificate")
        }
        for (nid, value) in extensions where ctls_extend(raw, issuer, nid, value) != 1 {
            throw .library("libcrypto makes no extension '\(value)'")
        }
        guard X509_sign(raw, key.raw, ctls_digest(key.raw)) > 0 else { throw .library("libcrypto does not sign") }
    }
}
