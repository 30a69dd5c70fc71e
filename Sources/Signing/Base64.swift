import CCrypto

/// Base 64 with padding and the standard alphabet (RFC 4648, section 4).
enum Base64 {
    static func text(_ bytes: some Collection<UInt8>) -> String {
        let bytes = Array(bytes)
        var text = [UInt8](repeating: 0, count: (bytes.count + 2) / 3 * 4 + 1)
        let count = EVP_EncodeBlock(&text, bytes, Int32(bytes.count))
        return String(decoding: text.prefix(Int(count)), as: UTF8.self)
    }

    /// Nil for what is no base 64; no white space is allowed.
    static func bytes(_ text: some StringProtocol) -> [UInt8]? {
        let text = Array(text.utf8)
        let padding = text.suffix(2).count { $0 == UInt8(ascii: "=") }
        guard text.count % 4 == 0, !text.contains(where: { $0 <= 0x20 }) else { return nil }
        guard !text.isEmpty else { return [] }
        var bytes = [UInt8](repeating: 0, count: text.count / 4 * 3)
        let count = EVP_DecodeBlock(&bytes, text, Int32(text.count))
        guard count == bytes.count else { return nil }
        bytes.removeLast(padding)
        return bytes
    }
}
