import CTLS
import Telemetry

/// A private key for certificates: P-256 where it was made here.
///
/// `@unchecked Sendable`: never changed once it is made; OpenSSL guards its count of references.
package final class PrivateKey: @unchecked Sendable {
    package let raw: OpaquePointer

    private init(adopting raw: OpaquePointer) { self.raw = raw }

    deinit { EVP_PKEY_free(raw) }

    /// A key nobody has.
    package convenience init() throws(CertificateError) {
        guard let raw = ctls_new_key() else { throw .library("libcrypto makes no key on P-256") }
        self.init(adopting: raw)
    }

    /// The first key of a PEM file.
    ///
    /// - Throws: `CertificateError` when there is none, it is encrypted, or of a kind that TLS libraries do not take.
    package convenience init(pem bytes: [UInt8], path: String?) throws(CertificateError) {
        ERR_clear_error()
        let reader = ctls_reader(bytes, Int32(clamping: bytes.count))
        defer { BIO_free(reader) }
        // Without a callback the library would ask a terminal for the password.
        let raw = PEM_read_bio_PrivateKey(reader, nil, { @Sendable _, _, _, _ in -1 }, nil)
        guard let raw else {
            if String(decoding: bytes, as: UTF8.self).says("ENCRYPTED") {
                ERR_clear_error()
                throw CertificateError(
                    .unreadable, path,
                    "is encrypted, and nobody is there to type its password; take it away with 'openssl pkey'")
            }
            throw .library("holds no private key in PEM", code: .unreadable, path: path)
        }
        self.init(adopting: raw)
        guard ctls_is_usual_key(raw) != 0 else {
            throw CertificateError(
                .unreadable, path, "is a key of a kind that is not taken; use one on P-256, or RSA of 2048 bits or more"
            )
        }
    }

    /// The first key of a file that nobody else can read or change.
    package convenience init(at path: String) throws(CertificateError) {
        try self.init(pem: CredentialFile.loadSecret(path), path: path)
    }

    /// Whether a certificate is this key's.
    package func fits(_ certificate: Certificate) -> Bool {
        defer { ERR_clear_error() }
        return X509_check_private_key(certificate.raw, raw) == 1
    }

    /// PKCS #8, not encrypted.
    package var pem: [UInt8] {
        get throws(CertificateError) {
            try written { bio throws(CertificateError) in
                PEM_write_bio_PKCS8PrivateKey(bio, raw, nil, nil, 0, nil, nil)
            }
        }
    }
}
