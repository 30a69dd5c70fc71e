import Checksums
import Telemetry
import Testing

@testable import Frames

@Suite("What is compressed is refused before it is decompressed, unless it says its size and that is small")
struct CompressionTests {
    @Test("many definitions are compressed and come back")
    func definitions() throws {
        let definitions = (0..<150).map { index in
            SeriesDefinition(
                id: SeriesID(rawValue: UInt32(index)),
                series: Series(
                    "joint.temperature", tags: [Tag("joint", "\(index)"), Tag("arm", "left")], unit: .celsius))
        }
        let frame = try Example.frame([], FrameExtras(definitions: definitions))
        #expect(try Frame(decoding: frame).extras.definitions == definitions)
        #expect(frame.count < 150 * 12, "\(frame.count) bytes")
    }

    @Test("texts are compressed where that saves a tenth, and come back")
    func texts() throws {
        let samples = (0..<40).map { index in
            Sample(
                series: SeriesID(rawValue: 1), timestamp: Timestamp(seconds: 1_795_000_000 + Int64(index)),
                value: .text("motor \(index) reports overtemperature of winding \(index % 3)"))
        }
        let frame = try Example.frame(samples)
        #expect(try Frame.codecs(of: frame) == [7 + 64])
        #expect(try Frame(decoding: frame).samples.elementsEqual(samples) { $0.isIdentical(to: $1) })
    }

    @Test("what would be refused for its ratio is not compressed")
    func greatRatio() throws {
        let text = String(repeating: "x", count: 60_000)
        let sample = Sample(series: SeriesID(rawValue: 1), timestamp: Timestamp(seconds: 0), value: .text(text))
        let frame = try Example.frame([sample])
        #expect(try Frame.codecs(of: frame) == [7])
        #expect(try Frame(decoding: frame).samples.first?.isIdentical(to: sample) == true)
    }

    @Test(
        "a Zstandard frame made by hand is read",
        arguments: [ZstandardFrame([0x80]), ZstandardFrame([0x80], sizeBytes: 8)])
    func handmade(_ compressed: ZstandardFrame) throws {
        var decoder = FrameDecoder()
        try decoder.decode(Forgery.frame(definitions: compressed.bytes))
        #expect(decoder.extras.definitions.isEmpty && decoder.expanded == [0x80])
    }

    @Test("bombs, lies, parts and foreign formats are refused, and nothing is decompressed", arguments: Refusal.all)
    func refusals(_ refusal: Refusal) throws {
        var decoder = FrameDecoder()
        let error = #expect(throws: FrameError.self) { try decoder.decode(Forgery.frame(definitions: refusal.bytes)) }
        #expect(error?.code == .malformed && error?.place?.part == .definitions)
        #expect(decoder.header == nil && decoder.expanded.capacity <= refusal.memory)
    }

    @Test("a column may not expand to more than its samples can need")
    func columnBomb() throws {
        let zeros = ZstandardFrame(Array(repeating: 0, count: 4096))
        var decoder = FrameDecoder()
        let error = #expect(throws: FrameError.self) {
            try decoder.decode(Forgery.frame(column: zeros.bytes, codec: 64 + 1))
        }
        #expect(error?.code == .malformed && decoder.expanded.isEmpty)
        // The same column with the right payload, a signed varint.
        try decoder.decode(Forgery.frame(column: ZstandardFrame([6]).bytes, codec: 64 + 1))
        #expect(decoder.columns.first?.value(at: 0) == .integer(3))
    }

    @Test("bytes after the content of a column are refused, compressed or not")
    func leftOver() throws {
        var decoder = FrameDecoder()
        for (payload, codec) in [([6, 0], 1), (ZstandardFrame([6, 0]).bytes, 64 + 1)] as [([UInt8], UInt8)] {
            let error = #expect(throws: FrameError.self) {
                try decoder.decode(Forgery.frame(column: payload, codec: codec))
            }
            #expect(error?.code == .malformed)
        }
    }

    @Test("compressing keeps less than 150 KB of memory")
    func memory() throws {
        let definitions = (0..<2000).map { index in
            SeriesDefinition(id: SeriesID(rawValue: UInt32(index)), series: Series("a.series.\(index)"))
        }
        var encoder = FrameEncoder()
        var bytes: [UInt8] = []
        _ = try encoder.encode(
            SampleBatch(), FrameExtras(definitions: definitions), at: Example.head, clock: Example.clock, into: &bytes)
        let size = encoder.compressor.memory
        #expect(size > 0 && size < 150_000, "\(size) bytes")
    }
}

/// A Zstandard frame (RFC 8878, section 3.1.1) of one raw block, made by hand.
struct ZstandardFrame: Sendable {
    let bytes: [UInt8]

    init(_ content: [UInt8], sizeBytes: Int = 4, stating size: Int? = nil) {
        bytes =
            Self.head(stating: size ?? content.count, sizeBytes: sizeBytes)
            + Self.block(type: 0, size: content.count) + content
    }

    static let magic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]

    /// Magic number, descriptor of a single segment, content size.
    static func head(stating size: Int, sizeBytes: Int = 4) -> [UInt8] {
        magic + [sizeBytes == 8 ? 0xE0 : 0xA0] + (0..<sizeBytes).map { UInt8(truncatingIfNeeded: size >> (8 * $0)) }
    }

    /// Header of a last block; type 0 is raw, 1 one byte that is repeated.
    static func block(type: Int, size: Int) -> [UInt8] {
        let header = 1 | type << 1 | size << 3
        return (0..<3).map { UInt8(truncatingIfNeeded: header >> (8 * $0)) }
    }
}

/// Compressed bytes that no reader may take.
struct Refusal: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    /// Bytes of memory that finding out may cost.
    var memory = 0

    var testDescription: String { name }

    private static let good = ZstandardFrame([0x80]).bytes

    static let all: [Refusal] = [
        Refusal(name: "nothing", bytes: []),
        Refusal(name: "no content", bytes: ZstandardFrame([]).bytes),
        Refusal(
            name: "128 KiB in 13 bytes",
            bytes: ZstandardFrame.head(stating: 1 << 17) + ZstandardFrame.block(type: 1, size: 1 << 17) + [0]),
        Refusal(
            name: "17 times its size",
            bytes: ZstandardFrame.head(stating: 13 * 17)
                + ZstandardFrame.block(type: 1, size: 13 * 17) + [0]),
        Refusal(name: "2^62 bytes, it says", bytes: ZstandardFrame([0x80], sizeBytes: 8, stating: 1 << 62).bytes),
        Refusal(
            name: "more than a frame may have",
            bytes: ZstandardFrame(
                Array(repeating: 0, count: 1 << 17), stating: FrameLimits.bytes + 1
            ).bytes),
        Refusal(name: "less than it says", bytes: ZstandardFrame([0x80], stating: 9).bytes, memory: 64),
        Refusal(name: "more than it says", bytes: ZstandardFrame([0x80, 0x80], stating: 1).bytes, memory: 64),
        Refusal(
            name: "no size",
            bytes: ZstandardFrame.magic + [0x00, 0x00] + ZstandardFrame.block(type: 0, size: 1) + [0x80]),
        Refusal(
            name: "a dictionary's id",
            bytes: ZstandardFrame.magic + [0xA1, 7, 1, 0, 0, 0]
                + ZstandardFrame.block(type: 0, size: 1) + [0x80]),
        Refusal(name: "cut off", bytes: good.dropLast()),
        Refusal(name: "a byte more", bytes: good + [0]),
        Refusal(name: "two frames", bytes: good + good),
        Refusal(name: "a skippable frame", bytes: [0x50, 0x2A, 0x4D, 0x18, 1, 0, 0, 0, 0x80]),
        Refusal(name: "a format before RFC 8878", bytes: [0x27] + good.dropFirst()),
        Refusal(
            name: "a reserved block",
            bytes: ZstandardFrame.head(stating: 1) + ZstandardFrame.block(type: 3, size: 1) + [0x80]),
        Refusal(name: "no CBOR", bytes: ZstandardFrame([0xFF]).bytes, memory: 64),
        Refusal(name: "bytes after the array", bytes: ZstandardFrame([0x80, 0x80]).bytes, memory: 64),
    ]
}

/// Frames that no encoder makes.
enum Forgery {
    /// A frame without samples whose definitions are `definitions`, compressed.
    static func frame(definitions: [UInt8]) -> [UInt8] {
        sealed(count: 0) { writer in
            writer.byteString(definitions)
            for _ in 0..<4 { writer.arrayHead(0) }
        }
    }

    /// A frame with one sample of series 0, in one column.
    static func frame(column payload: [UInt8], codec: UInt8) -> [UInt8] {
        sealed(count: 1) { writer in
            writer.arrayHead(0)
            writer.arrayHead(1)
            writer.arrayHead(3)
            writer.unsigned(1)
            writer.unsigned(1)
            writer.byteString([9, 0])
            writer.arrayHead(1)
            writer.arrayHead(4)
            writer.byteString([0])
            writer.unsigned(0)
            writer.unsigned(UInt64(codec))
            writer.byteString(payload)
            writer.arrayHead(0)
            writer.arrayHead(0)
        }
    }

    private static func sealed(count: Int, _ content: (inout ByteWriter) -> Void) -> [UInt8] {
        var writer = ByteWriter()
        writer.bytes = Envelope.opening
        FrameHeader(
            stream: Example.head.stream, sequence: 1, sampleCount: count, firstOrdinal: 1, clock: Example.clock,
            previous: .none
        ).write(to: &writer)
        content(&writer)
        writer.head(.bytes, 4)
        writer.bigEndian(writer.bytes.withUnsafeBytes { CRC32C.checksum(of: $0) })
        return writer.bytes
    }
}
