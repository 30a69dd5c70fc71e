import CCrypto
import Configuration
import Frames

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The secret that pseudonyms are made with. Whoever has it can find out who is behind one by trying names; nobody else can.
package struct PseudonymKey: Sendable, CustomStringConvertible, CustomReflectable {
    private let bytes: [UInt8]
    /// A name of the key that does not give it away: the first 16 hexadecimal digits of SHA-256(SHA-256(key)).
    package let id: String

    /// - Precondition: at least ``leastBytes``.
    init(_ bytes: [UInt8]) {
        precondition(bytes.count >= Self.leastBytes)
        self.bytes = bytes
        id = String(FrameDigest(of: FrameDigest(of: bytes).bytes).description.prefix(16))
    }

    /// Shorter ones can be guessed.
    package static let leastBytes = 16

    /// Reads a key file: its bytes without line ends behind them.
    ///
    /// - Throws: `AgentError` when it cannot be read, when others than its owner and group may, or when it is too short.
    package init(file path: String) throws(AgentError) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw AgentError(.pipeline, "cannot be read: \(String(cString: strerror(errno)))", path: path)
        }
        guard status.st_mode & 0o007 == 0 else {
            throw AgentError(
                .pipeline, "can be read by everybody; run 'chmod o= \(path)', and make a new key", path: path)
        }
        let file: ConfigurationFile
        do throws(ConfigurationError) {
            file = try ConfigurationFile.load(path, limit: 4096)
        } catch {
            throw AgentError(.pipeline, "\(error)", path: path)
        }
        var bytes = file.bytes[...]
        while let last = bytes.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard bytes.count >= Self.leastBytes else {
            throw AgentError(
                .pipeline, "has fewer than \(Self.leastBytes) bytes; make one with 'openssl rand -hex 32'", path: path)
        }
        self.init(Array(bytes))
    }

    /// `p-` and the first 80 bits of HMAC-SHA-256 (RFC 2104, FIPS 198-1) of the text's UTF-8 in base 32 (RFC 4648, lower case): 18 characters
    /// that may stand wherever an identifier may. Among a million people two share one with a probability below 1e-12.
    package func pseudonym(of text: String) -> String {
        var text = text
        var digest: [UInt8] = Array(repeating: 0, count: 32)
        var count: UInt32 = 0
        let made = text.withUTF8 { text in
            bytes.withUnsafeBytes { key in
                HMAC(
                    EVP_sha256(), key.baseAddress, Int32(key.count), text.baseAddress, text.count, &digest, &count)
            }
        }
        precondition(made != nil && count == 32, "libcrypto has no HMAC-SHA-256")
        return "p-" + Self.base32(digest[..<10])
    }

    /// `bytes`: a multiple of five.
    private static func base32(_ bytes: ArraySlice<UInt8>) -> String {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
        var text: [UInt8] = []
        var (held, bits) = (UInt32(0), 0)
        for byte in bytes {
            held = held << 8 | UInt32(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(alphabet[Int(held >> UInt32(bits) & 31)])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Neither a log nor a debugger's dump shows the key.
    package var description: String { "key \(id)" }

    package var customMirror: Mirror { Mirror(self, children: ["id": id]) }
}
