import CTLS
package import Telemetry

/// A list of certificates that their CA has revoked (RFC 5280, section 5).
package final class CertificateList {
    package let raw: OpaquePointer

    private init(adopting raw: OpaquePointer) { self.raw = raw }

    deinit { X509_CRL_free(raw) }

    /// An empty one, which nobody has signed.
    package convenience init() throws(CertificateError) {
        guard let raw = X509_CRL_new() else { throw .library("there is no memory") }
        self.init(adopting: raw)
    }

    /// The first list of a PEM file; whose it is, is not looked at.
    ///
    /// - Throws: `CertificateError` when there is none.
    package convenience init(pem bytes: [UInt8], path: String?) throws(CertificateError) {
        ERR_clear_error()
        let reader = ctls_reader(bytes, Int32(clamping: bytes.count))
        defer { BIO_free(reader) }
        guard let raw = PEM_read_bio_X509_CRL(reader, nil, nil, nil) else {
            throw .library("holds no revocation list", code: .unreadable, path: path)
        }
        self.init(adopting: raw)
    }

    /// Whether `issuer` has signed it.
    package func isSigned(by issuer: Certificate) -> Bool {
        defer { ERR_clear_error() }
        return X509_CRL_verify(raw, X509_get0_pubkey(issuer.raw)) == 1
    }

    /// When each was revoked, by serial number.
    package var entries: [String: Timestamp] {
        var entries: [String: Timestamp] = [:]
        for index in 0..<max(0, ctls_revoked_count(raw)) {
            guard let entry = ctls_revoked(raw, index) else { continue }
            let serial = Certificate.serial(X509_REVOKED_get0_serialNumber(entry))
            entries[serial] = Certificate.time(X509_REVOKED_get0_revocationDate(entry))
        }
        return entries
    }

    /// Which of its CA's lists it is (`cRLNumber`); 0 where it does not say, or says what cannot be.
    package var number: Int {
        defer { ERR_clear_error() }
        guard let found = X509_CRL_get_ext_d2i(raw, NID_crl_number, nil, nil) else { return 0 }
        let number = found.assumingMemoryBound(to: ASN1_INTEGER.self)
        defer { ASN1_STRING_free(number) }
        return max(0, ASN1_INTEGER_get(number))
    }

    package var pem: [UInt8] {
        get throws(CertificateError) {
            try written { bio throws(CertificateError) in PEM_write_bio_X509_CRL(bio, raw) }
        }
    }
}
