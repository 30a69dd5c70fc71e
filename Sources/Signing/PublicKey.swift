import CCrypto

/// A public Ed25519 key (RFC 8032).
package struct PublicKey: Hashable, Sendable {
    /// Bytes of a key, public or private.
    static let size = 32
    static let signatureSize = 64

    /// 32 bytes.
    package let point: [UInt8]

    init(point: [UInt8]) { self.point = point }

    /// The key in a PEM block `PUBLIC KEY` (RFC 8410); `path` is named in errors.
    package init(pem: String, path: String? = nil) throws(SigningError) {
        guard let (label, bytes) = PEM.block(in: pem), label == "PUBLIC KEY", bytes.starts(with: Self.spki),
            bytes.count == Self.spki.count + Self.size
        else { throw SigningError(.unusable, path, "holds no public Ed25519 key in PEM") }
        point = Array(bytes.dropFirst(Self.spki.count))
    }

    /// The `SubjectPublicKeyInfo` in DER (RFC 5280, RFC 8410).
    package var der: [UInt8] { Self.spki + point }

    /// The same in PEM.
    package var pem: String { PEM.text(der, label: "PUBLIC KEY") }

    /// By which a signature names its key: the SHA-256 of ``der``, 64 lower-case hexadecimal digits.
    package var keyID: String {
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        SHA256(der, der.count, &digest)
        return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Whether `signature` is that of `message` by this key.
    package func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        guard let key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, point, point.count) else { return false }
        defer { EVP_PKEY_free(key) }
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        return EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1
            && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }

    /// What stands before the point in the DER of a `SubjectPublicKeyInfo` (RFC 8410, section 4).
    private static let spki: [UInt8] = [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00]
}
