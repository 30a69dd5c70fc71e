package import JSON

/// A text with signatures around it: DSSE 1.0 (Dead Simple Signing Envelope, secure-systems-lab/dsse).
package struct Envelope: Hashable, Sendable {
    /// Who signed, and what came of it.
    package struct Signature: Hashable, Sendable {
        /// ``PublicKey/keyID``: a hint only, which proves nothing.
        package var keyID: String
        package var bytes: [UInt8]
    }

    package let payloadType: String
    package let payload: [UInt8]
    package private(set) var signatures: [Signature] = []

    /// An envelope without a signature.
    ///
    /// `payloadType`: a media type or URI that says how to read the payload.
    package init(_ payload: [UInt8], type payloadType: String) {
        self.payload = payload
        self.payloadType = payloadType
    }

    /// Reads an envelope.
    ///
    /// - Throws: ``SigningError`` for what is none.
    package init(json: JSONValue) throws(SigningError) {
        guard let type = json["payloadType"]?.string, let payload = json["payload"]?.string.flatMap(Base64.bytes),
            let list = json["signatures"]?.array
        else { throw SigningError(.invalidSignature, nil, "this is no DSSE envelope") }
        self.init(payload, type: type)
        for item in list {
            guard let bytes = item["sig"]?.string.flatMap(Base64.bytes) else {
                throw SigningError(.invalidSignature, nil, "a signature of the envelope is no base 64")
            }
            signatures.append(Signature(keyID: item["keyid"]?.string ?? "", bytes: bytes))
        }
    }

    /// Adds the signature of `key`.
    package mutating func sign(with key: SigningKey) throws(SigningError) {
        signatures.append(Signature(keyID: key.publicKey.keyID, bytes: try key.sign(preAuthenticationEncoding)))
    }

    /// Whether one of the signatures is by `key`; what names the signature's key is not asked.
    package func isSigned(by key: PublicKey) -> Bool {
        signatures.contains { key.verifies($0.bytes, of: preAuthenticationEncoding) }
    }

    /// What is signed: `DSSEv1 <length> <type> <length> <payload>`, lengths in bytes (DSSE protocol, `PAE`).
    package var preAuthenticationEncoding: [UInt8] {
        Array("DSSEv1 \(payloadType.utf8.count) \(payloadType) \(payload.count) ".utf8) + payload
    }

    /// The envelope as JSON.
    package var json: JSONValue {
        [
            "payloadType": .string(payloadType),
            "payload": .string(Base64.text(payload)),
            "signatures": .array(
                signatures.map { ["keyid": .string($0.keyID), "sig": .string(Base64.text($0.bytes))] }),
        ]
    }
}
