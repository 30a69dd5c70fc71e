import CCrypto
import Telemetry

/// The SHA-256 (FIPS 180-4) of a whole frame.
package struct FrameDigest: Hashable, Sendable, CustomStringConvertible {
    private let high: UUIDBytes
    private let low: UUIDBytes

    package init(of frame: [UInt8]) {
        self = frame.withUnsafeBytes { FrameDigest(of: $0) }
    }

    package init(of frame: UnsafeRawBufferPointer) {
        var digest: [UInt8] = Array(repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        crypto_sha256(frame.baseAddress, frame.count, &digest)
        high = UUIDBytes(bigEndian: digest[..<16])
        low = UUIDBytes(bigEndian: digest[16...])
    }

    /// Nil unless there are 32 bytes.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 32, let high = UUIDBytes(bytes: bytes.prefix(16)),
            let low = UUIDBytes(bytes: bytes.dropFirst(16))
        else { return nil }
        self.high = high
        self.low = low
    }

    package var bytes: [UInt8] { high.bytes + low.bytes }

    /// What the next frame of the stream carries of this digest.
    package var link: ChainLink { ChainLink(high) }

    /// 64 lower-case hexadecimal digits.
    package var description: String { high.description + low.description }
}

extension UUIDBytes {
    /// - Precondition: `bytes` are sixteen.
    init(bigEndian bytes: ArraySlice<UInt8>) {
        precondition(bytes.count == 16)
        self.init(
            high: bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) },
            low: bytes.suffix(8).reduce(0) { $0 << 8 | UInt64($1) })
    }
}
