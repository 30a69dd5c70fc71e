import CCrypto

/// A private Ed25519 key (RFC 8032).
package struct SigningKey: Sendable {
    /// The 32 bytes that everything else follows from; never printed.
    private let seed: [UInt8]
    package let publicKey: PublicKey

    /// A key nobody has, from the library's random numbers.
    package init() throws(SigningError) {
        let context = EVP_PKEY_CTX_new_id(EVP_PKEY_ED25519, nil)
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_keygen(context, &key) == 1, let key else {
            throw SigningError(.failed, nil, "libcrypto makes no Ed25519 key")
        }
        defer { EVP_PKEY_free(key) }
        try self.init(adopting: key)
    }

    /// The key of a seed of 32 bytes (RFC 8032, section 5.1.5).
    package init(seed: [UInt8]) throws(SigningError) {
        guard seed.count == PublicKey.size,
            let key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count)
        else { throw SigningError(.unusable, nil, "a seed is 32 bytes") }
        defer { EVP_PKEY_free(key) }
        try self.init(adopting: key)
    }

    /// The key in a PEM block `PRIVATE KEY` (PKCS #8, RFC 5958 and RFC 8410); `path` is named in errors.
    package init(pem: String, path: String? = nil) throws(SigningError) {
        guard let (label, bytes) = PEM.block(in: pem) else {
            throw SigningError(.unusable, path, "holds no PEM key; make one with 'fieldproof key new'")
        }
        switch label {
        case "PRIVATE KEY": break
        case "ENCRYPTED PRIVATE KEY":
            throw SigningError(
                .unusable, path, "is encrypted, and nobody is there to type its password; 'openssl pkcs8' takes it away"
            )
        case "PUBLIC KEY": throw SigningError(.unusable, path, "is the public key; the private one signs")
        default:
            throw SigningError(
                .unusable, path,
                "is a '\(label)'; a PKCS #8 'PRIVATE KEY' of Ed25519 is needed, see 'fieldproof key new'")
        }
        let key = bytes.withUnsafeBufferPointer { buffer in
            var start = buffer.baseAddress
            return d2i_AutoPrivateKey(nil, &start, buffer.count)
        }
        guard let key else { throw SigningError(.unusable, path, "holds a PEM block that is no key") }
        defer { EVP_PKEY_free(key) }
        guard EVP_PKEY_get_id(key) == EVP_PKEY_ED25519 else {
            throw SigningError(
                .unusable, path, "is a key of another kind; Ed25519 is needed, see 'fieldproof key new'")
        }
        try self.init(adopting: key)
    }

    private init(adopting key: OpaquePointer) throws(SigningError) {
        var seed = [UInt8](repeating: 0, count: PublicKey.size)
        var point = seed
        var seedSize = seed.count
        var pointSize = point.count
        guard EVP_PKEY_get_raw_private_key(key, &seed, &seedSize) == 1, seedSize == PublicKey.size,
            EVP_PKEY_get_raw_public_key(key, &point, &pointSize) == 1, pointSize == PublicKey.size
        else { throw SigningError(.failed, nil, "libcrypto does not give out an Ed25519 key") }
        self.seed = seed
        publicKey = PublicKey(point: point)
    }

    /// The key as PKCS #8 in PEM, as `openssl genpkey -algorithm ed25519` writes it.
    package var pem: String { PEM.text(Self.pkcs8 + seed, label: "PRIVATE KEY") }

    /// The signature of `message`, 64 bytes: the same at each call (RFC 8032, section 5.1.6).
    package func sign(_ message: [UInt8]) throws(SigningError) -> [UInt8] {
        let key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count)
        defer { EVP_PKEY_free(key) }
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        var signature = [UInt8](repeating: 0, count: PublicKey.signatureSize)
        var size = signature.count
        guard EVP_DigestSignInit(context, nil, nil, nil, key) == 1,
            EVP_DigestSign(context, &signature, &size, message, message.count) == 1, size == PublicKey.signatureSize
        else { throw SigningError(.failed, nil, "libcrypto does not sign") }
        return signature
    }

    /// What stands before the seed in the DER of a `OneAsymmetricKey`, version 0 (RFC 8410, section 7).
    private static let pkcs8: [UInt8] = [
        0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
    ]
}
