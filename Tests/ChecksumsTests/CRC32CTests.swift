import Checksums
import Testing

@Suite("CRC32C")
struct CRC32CTests {
    static let vectors: [([UInt8], UInt32)] = [
        (Array("123456789".utf8), 0xE306_9283),
        ([], 0),
        // RFC 3720, appendix B.4
        ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
        ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
        (Array(0..<32), 0x46DD_794E),
        (Array((0..<32).reversed()), 0x113F_DB5C),
    ]

    @Test("agrees with the published vectors", arguments: vectors)
    func published(bytes: [UInt8], expected: UInt32) {
        #expect(CRC32C.checksum(of: bytes.span.bytes) == expected)
    }

    @Test("can be continued at every byte")
    func continuing() {
        let bytes = (0..<41).map { UInt8(truncatingIfNeeded: $0 * 37) }
        let whole = CRC32C.checksum(of: bytes.span.bytes)
        for cut in 0...bytes.count {
            let head = CRC32C.checksum(of: bytes.span.bytes.extracting(0..<cut))
            #expect(CRC32C.checksum(of: bytes.span.bytes.extracting(cut..<bytes.count), continuing: head) == whole)
        }
    }

    @Test("a word counts as its eight little-endian bytes")
    func word() {
        let bytes: [UInt8] = [8, 7, 6, 5, 4, 3, 2, 1]
        #expect(
            CRC32C.checksum(of: 0x0102_0304_0506_0708, continuing: 77)
                == CRC32C.checksum(of: bytes.span.bytes, continuing: 77))
    }

    @Test("the processor's instruction and the tables agree, wherever bytes begin and end")
    func ways() {
        let bytes = (0..<600).map { UInt8(truncatingIfNeeded: $0 &* $0 &* 31 &+ $0 >> 3) }
        bytes.withUnsafeBytes { bytes in
            for start in 0..<9 {
                for count in Array(0...70) + [255, 256, 511, 512, 589] {
                    let part = UnsafeRawBufferPointer(rebasing: bytes[start..<start + count])
                    let earlier = UInt32(truncatingIfNeeded: start &* 0x9E37_79B9)
                    #expect(
                        CRC32C.checksum(of: part, continuing: earlier) == CRC32C.tabulated(part, continuing: earlier),
                        "\(count) bytes from \(start)")
                }
            }
        }
    }

    @Test("the tables agree with the published vectors", arguments: vectors)
    func tables(bytes: [UInt8], expected: UInt32) {
        #expect(bytes.withUnsafeBytes { CRC32C.tabulated($0) } == expected)
    }
}
