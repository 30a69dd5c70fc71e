import CTLS

/// A request for a certificate (PKCS #10, RFC 2986): a public key with proof that its sender has the private one.
package final class CertificateRequest {
    package let raw: OpaquePointer

    private init(adopting raw: OpaquePointer) { self.raw = raw }

    deinit { X509_REQ_free(raw) }

    /// For `name`, of a key that stays where it is.
    package convenience init(name: String, key: PrivateKey) throws(CertificateError) {
        guard let raw = X509_REQ_new() else { throw .library("there is no memory") }
        self.init(adopting: raw)
        guard X509_REQ_set_version(raw, 0) == 1, Self.setName(name, X509_REQ_get_subject_name(raw)),
            X509_REQ_set_pubkey(raw, key.raw) == 1, X509_REQ_sign(raw, key.raw, ctls_digest(key.raw)) > 0
        else { throw .library("libcrypto makes no request") }
    }

    /// The first request of a PEM file.
    ///
    /// - Throws: `CertificateError` when there is none, or whoever made it does not have its key.
    package convenience init(pem bytes: [UInt8], path: String?) throws(CertificateError) {
        ERR_clear_error()
        let reader = ctls_reader(bytes, Int32(clamping: bytes.count))
        defer { BIO_free(reader) }
        guard let raw = PEM_read_bio_X509_REQ(reader, nil, nil, nil) else {
            throw .library(
                "holds no certificate request; make one on the box with 'fieldproof-agent credentials request'",
                code: .unreadable, path: path)
        }
        self.init(adopting: raw)
        guard let key = X509_REQ_get0_pubkey(raw), X509_REQ_verify(raw, key) == 1 else {
            throw .library("is not signed by the key that it asks for", code: .mismatched, path: path)
        }
        guard ctls_is_usual_key(key) != 0 else {
            throw CertificateError(
                .mismatched, path,
                "asks for a key of a kind that is not taken; use one on P-256, or RSA of 2048 bits or more")
        }
    }

    package var commonName: String { Certificate.commonName(of: X509_REQ_get_subject_name(raw)) }

    package var pem: [UInt8] {
        get throws(CertificateError) {
            try written { bio throws(CertificateError) in PEM_write_bio_X509_REQ(bio, raw) }
        }
    }

    /// Adds `CN=name` to a distinguished name.
    package static func setName(_ name: String, _ subject: OpaquePointer?) -> Bool {
        X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8, name, -1, -1, 0) == 1
    }
}
