import Foundation
import JSON
import Testing

@testable import Signing

@Suite("Keys and signatures")
struct KeyTests {
    /// RFC 8032, section 7.1: seed, public key, message, signature.
    static let vectors: [(seed: String, point: String, message: String, signature: String)] = [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ]

    private func bytes(_ hexadecimal: String) -> [UInt8] {
        stride(from: 0, to: hexadecimal.count, by: 2).compactMap { offset in
            let start = hexadecimal.index(hexadecimal.startIndex, offsetBy: offset)
            return UInt8(hexadecimal[start..<hexadecimal.index(start, offsetBy: 2)], radix: 16)
        }
    }

    @Test("keys and signatures are those of RFC 8032", arguments: 0..<2)
    func vector(_ index: Int) throws {
        let vector = Self.vectors[index]
        let key = try SigningKey(seed: bytes(vector.seed))
        #expect(key.publicKey.point == bytes(vector.point))
        let message = bytes(vector.message)
        let signature = try key.sign(message)
        #expect(signature == bytes(vector.signature))
        #expect(key.publicKey.verifies(signature, of: message))
        #expect(!key.publicKey.verifies(signature, of: message + [0]))
        #expect(!key.publicKey.verifies(Array(signature.reversed()), of: message))
        #expect(!key.publicKey.verifies([], of: message))
    }

    @Test("a key reads back from its PEM, and RFC 8410's example is one")
    func pem() throws {
        let key = try SigningKey()
        #expect(try SigningKey(pem: key.pem).publicKey == key.publicKey)
        #expect(try PublicKey(pem: key.publicKey.pem) == key.publicKey)
        #expect(try SigningKey().publicKey != key.publicKey)
        let example = """
            A remark.
            -----BEGIN PRIVATE KEY-----
            MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
            -----END PRIVATE KEY-----
            """
        let known = """
            -----BEGIN PUBLIC KEY-----
            MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
            -----END PUBLIC KEY-----

            """
        #expect(try SigningKey(pem: example).publicKey.pem == known)
    }

    @Test(
        "what is no Ed25519 key is refused with the reason",
        arguments: [
            ("", "holds no PEM key"), ("-----BEGIN PRIVATE KEY-----\nMC4C", "holds no PEM key"),
            ("-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQ==\n-----END PRIVATE KEY-----", "is no key"),
            ("-----BEGIN RSA PRIVATE KEY-----\nMC4CAQAwBQ==\n-----END RSA PRIVATE KEY-----", "'RSA PRIVATE KEY'"),
            ("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----", "is encrypted"),
            (
                "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
                    + "-----END PUBLIC KEY-----", "the private one signs"
            ),
            (
                // An X25519 key, which agrees on secrets and does not sign.
                "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VuBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
                    + "-----END PRIVATE KEY-----", "another kind"
            ),
        ])
    func refused(_ pem: String, reason: String) throws {
        let error = #expect(throws: SigningError.self) { try SigningKey(pem: pem, path: "/k") }
        #expect(error?.description.hasPrefix("/k: ") == true)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
    }

    @Test("a key file is its owner's alone, is never replaced, and is refused when everybody can use it")
    func files() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let path = directory.appending(path: "summary.key").path
        let key = try SigningKey()
        try KeyFile.create(key, at: path)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try KeyFile.load(path).publicKey == key.publicKey)
        #expect(throws: SigningError.self) { try KeyFile.create(SigningKey(), at: path) }
        #expect(try KeyFile.load(path).publicKey == key.publicKey)
        for mode in [0o604, 0o602, 0o601] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            let error = #expect(throws: SigningError.self) { try KeyFile.load(path) }
            #expect(error?.code == .exposed)
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
        #expect(try KeyFile.load(path).publicKey == key.publicKey)
        #expect(throws: SigningError.self) { try KeyFile.load(directory.path) }
        #expect(throws: SigningError.self) { try KeyFile.load(path + "x") }
    }
}

@Suite("DSSE envelopes")
struct EnvelopeTests {
    @Test("what is signed is the example of the DSSE protocol")
    func encoding() {
        let envelope = Envelope(Array("hello world".utf8), type: "http://example.com/HelloWorld")
        #expect(
            String(decoding: envelope.preAuthenticationEncoding, as: UTF8.self)
                == "DSSEv1 29 http://example.com/HelloWorld 11 hello world")
    }

    @Test("lengths are bytes")
    func lengths() {
        let envelope = Envelope(Array("抓取".utf8), type: "ü")
        #expect(String(decoding: envelope.preAuthenticationEncoding, as: UTF8.self) == "DSSEv1 2 ü 6 抓取")
    }

    @Test("an envelope reads back, and a change of text, type or signature is found out")
    func tampering() throws {
        let key = try SigningKey(seed: Array(0..<32))
        var envelope = Envelope(Array("{\"a\": 1}".utf8), type: "application/json")
        #expect(!envelope.isSigned(by: key.publicKey))
        try envelope.sign(with: key)
        try envelope.sign(with: SigningKey())
        #expect(envelope.isSigned(by: key.publicKey))
        #expect(try Envelope(json: envelope.json) == envelope)
        #expect(try !envelope.isSigned(by: SigningKey().publicKey))
        let changes = ["payload": Base64.text("{\"a\": 2}".utf8), "payloadType": "text/plain"]
        for (member, value) in changes {
            var object = try #require(envelope.json.object)
            object[member] = .string(value)
            #expect(try !Envelope(json: .object(object)).isSigned(by: key.publicKey), "\(member)")
        }
        for text in ["{}", "[]", #"{"payload":"?","payloadType":"x","signatures":[]}"#] {
            #expect(throws: SigningError.self) { try Envelope(json: JSONParser.parse(text)) }
        }
    }

    @Test("base 64 is that of RFC 4648", arguments: ["", "f", "fo", "foo", "foob", "fooba", "foobar"])
    func base64(_ text: String) {
        let known = ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"][text.count]
        #expect(Base64.text(text.utf8) == known)
        #expect(Base64.bytes(known) == Array(text.utf8))
        for bad in ["Zg=", "Zg", "Z g=", "Zg==\n", "Z?=="] { #expect(Base64.bytes(bad) == nil) }
    }
}
