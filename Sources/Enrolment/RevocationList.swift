import Certificates
import CTLS
import Telemetry

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The list of what a CA has revoked, in `crl.pem` beside it.
///
/// It holds as long as the CA itself: a list that runs out would have a broker refuse every box of the site, and nobody is kept from
/// making a new one before.
final class RevocationList {
    private let authority: SiteAuthority
    private let list: CertificateList
    private var raw: OpaquePointer { list.raw }
    private var path: String { authority.directory + "/crl.pem" }

    /// The one that is there; an empty one where there is none.
    init(of authority: SiteAuthority) throws(CertificateError) {
        self.authority = authority
        let path = authority.directory + "/crl.pem"
        guard access(path, F_OK) == 0 else {
            list = try CertificateList()
            return
        }
        list = try CertificateList(pem: CredentialFile.load(path), path: path)
        guard list.isSigned(by: authority.certificate) else {
            throw CertificateError(.mismatched, path, "is not signed by the CA beside it")
        }
    }

    /// When each was revoked, by serial number.
    var entries: [String: Timestamp] { list.entries }

    func add(_ certificates: [Certificate], now: Timestamp) throws(CertificateError) {
        let known = entries
        for certificate in certificates where known[certificate.serial] == nil {
            guard let entry = X509_REVOKED_new() else { throw .library("there is no memory") }
            let time = ASN1_TIME_set(nil, time_t(now.nanoseconds / 1_000_000_000))
            defer { ASN1_STRING_free(time) }
            guard X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(certificate.raw)) == 1,
                X509_REVOKED_set_revocationDate(entry, time) == 1, X509_CRL_add0_revoked(raw, entry) == 1
            else {
                X509_REVOKED_free(entry)
                throw .library("libcrypto does not revoke")
            }
        }
    }

    /// Signs it and puts it into its place.
    func write(now: Timestamp) throws(CertificateError) {
        // A broker that reads a list again keeps the one it has unless the new one is later, and it counts in seconds. Two lists of one
        // second must not make one of the next, which is not valid yet; and clocks of a site differ a little.
        var second = time_t(now.nanoseconds / 1_000_000_000) + time_t(CertificateDraft.leeway)
        if let last = X509_CRL_get0_lastUpdate(raw) {
            second = max(second, time_t(Certificate.time(last).nanoseconds / 1_000_000_000) + 1)
        }
        guard let number = ASN1_INTEGER_new() else { throw .library("there is no memory") }
        defer { ASN1_STRING_free(number) }
        ASN1_INTEGER_set(number, list.number + 1)
        while X509_CRL_get_ext_count(raw) > 0 { X509_EXTENSION_free(X509_CRL_delete_ext(raw, 0)) }
        let time = ASN1_TIME_set(nil, second)
        defer { ASN1_STRING_free(time) }
        guard X509_CRL_set_version(raw, 1) == 1,
            X509_CRL_set_issuer_name(raw, X509_get_subject_name(authority.certificate.raw)) == 1,
            X509_CRL_set1_lastUpdate(raw, time) == 1,
            X509_CRL_set1_nextUpdate(raw, X509_get0_notAfter(authority.certificate.raw)) == 1,
            ctls_extend_list(raw, authority.certificate.raw, NID_authority_key_identifier, "keyid:always") == 1,
            X509_CRL_add1_ext_i2d(raw, NID_crl_number, number, 0, 0) == 1,
            X509_CRL_sort(raw) == 1, X509_CRL_sign(raw, authority.key.raw, ctls_digest(authority.key.raw)) > 0
        else { throw .library("libcrypto makes no revocation list") }
        try CredentialFile.replace(try list.pem, at: path, isSecret: false)
    }
}
