import Telemetry
import Testing

@testable import Frames

@Suite("Each series gets the codec that suits its values")
struct CodecTests {
    @Test("the shortest codec is chosen, by trial", arguments: CodecExample.all)
    func choice(_ example: CodecExample) throws {
        let frame = try Example.frame(example.samples)
        #expect(try Frame.codecs(of: frame) == [example.codec])
        let bytes = Double(frame.count - (try Example.frame([]).count)) / Double(example.values.count)
        #expect(bytes <= example.bytesPerSample, "\(bytes) bytes a sample")
        let found = try Frame(decoding: frame).samples
        #expect(found.count == example.values.count)
        #expect(zip(found, example.samples).allSatisfy { $0.isIdentical(to: $1) })
    }

    /// A failure names the seed that `FIELDPROOF_SEED` starts from again.
    @Test("random series of every codec come back to the bit", arguments: CodecExample.all)
    func mixtures(_ example: CodecExample) throws {
        let first = seedFromEnvironment ?? 0xC0DE_0000
        for seed in first..<(first + 300) {
            var random = SeededGenerator(seed: seed)
            var samples: [Sample] = []
            for series in 0..<UInt32(1 + random.below(4)) {
                let start = random.below(example.values.count)
                let values = example.values[start..<min(example.values.count, start + 1 + random.below(200))]
                for (index, value) in values.enumerated() {
                    samples.append(CodecExample.sample(series, index, random.chance(2) ? random.value() : value))
                }
            }
            let found = try Frame(decoding: try Example.frame(samples)).samples
            let expected = Example.inFrameOrder(samples)
            guard found.count == expected.count, zip(found, expected).allSatisfy({ $0.isIdentical(to: $1) }) else {
                Issue.record("seed \(seed): \(found) instead of \(expected)")
                return
            }
        }
    }

    @Test("bits made integers ascend as doubles do, but for -0.0, and come back")
    func orderedBits() {
        let ascending: [Double] = [
            -0.0, -.infinity, -.greatestFiniteMagnitude, -1, -.leastNonzeroMagnitude, 0, .leastNonzeroMagnitude, 1,
            .infinity,
        ]
        let integers = ascending.map { OrderedBits.integer(of: $0.bitPattern) }
        #expect(integers == integers.sorted() && Set(integers).count == integers.count)
        #expect(integers[5] == integers[4] + 1)
        for number in BatchGenerator.specialDoubles {
            #expect(OrderedBits.bits(of: OrderedBits.integer(of: number.bitPattern)) == number.bitPattern)
        }
    }

    @Test("a column that was kept is not changed by the next frame")
    func keptColumn() throws {
        var decoder = FrameDecoder()
        try decoder.decode(try Example.frame(CodecExample.all[0].samples))
        let kept = try #require(decoder.columns.first)
        let samples = (0..<kept.count).map(kept.sample(at:))
        try decoder.decode(try Example.frame(CodecExample.all[1].samples))
        #expect((0..<kept.count).map(kept.sample(at:)) == samples)
    }
}

/// A series for which one codec is the shortest.
struct CodecExample: Sendable, CustomTestStringConvertible {
    let codec: UInt8
    let values: [Value]
    /// What a sample may take at most, its share of timeline and column included.
    let bytesPerSample: Double

    var testDescription: String { "codec \(codec)" }

    var samples: [Sample] { values.enumerated().map { Self.sample(1, $0.offset, $0.element) } }

    static func sample(_ series: UInt32, _ index: Int, _ value: Value) -> Sample {
        Sample(
            series: SeriesID(rawValue: series),
            timestamp: Timestamp(nanoseconds: 1_795_000_000_000_000_000 + Int64(index) * 10_000_000), value: value)
    }

    static let all: [CodecExample] = {
        var random = SeededGenerator(seed: 9)
        func noise(_ bound: Double) -> Double { Double.random(in: -bound...bound, using: &random) }
        func many(_ value: (Int) -> Value) -> [Value] { (0..<600).map(value) }
        var level: Int64 = 21_500
        let walk = (0..<600).map { _ -> Int64 in
            level += Int64.random(in: -4...4, using: &random)
            return level
        }
        let levels = (0..<12).map { _ in noise(1) }
        let codes = (0..<12).map { _ in Int64(bitPattern: random.next()) }
        return [
            CodecExample(codec: 1, values: walk.map { .integer($0) }, bytesPerSample: 0.6),
            CodecExample(codec: 2, values: walk.map { .double(Double($0) / 1000) }, bytesPerSample: 0.6),
            CodecExample(
                codec: 3, values: many { _ in .double(Double(bitPattern: random.next())) }, bytesPerSample: 8.1),
            CodecExample(
                codec: 4,
                values: many { _ in
                    .double(
                        Double(Float(bitPattern: UInt32.random(in: 0..<0x7F80_0000, using: &random)))
                            * (random.chance(50) ? 1 : -1))
                }, bytesPerSample: 4.1),
            CodecExample(
                codec: 5,
                values: many { index in
                    // The bits that change are others in the second half.
                    let bits = UInt64(random.below(1 << 10)) << (index < 300 ? 40 : 23)
                    return .double(Double(bitPattern: Double.pi.bitPattern ^ bits))
                }, bytesPerSample: 2),
            CodecExample(codec: 6, values: many { _ in .boolean(random.chance(50)) }, bytesPerSample: 0.2),
            CodecExample(codec: 7, values: many { .text($0 < 400 ? "idle" : "moving") }, bytesPerSample: 0.1),
            CodecExample(
                codec: 8,
                values: walk.enumerated().map { index, level in
                    index % 150 == 20 ? .double(.nan) : .double(Double(level) / 1000)
                },
                bytesPerSample: 0.8),
            CodecExample(
                codec: 9, values: many { .double(1.5 + Double($0) * 0.001 / .pi + noise(1e-9)) }, bytesPerSample: 4),
            CodecExample(codec: 10, values: many { _ in .double(levels[random.below(12)]) }, bytesPerSample: 0.8),
            CodecExample(codec: 11, values: many { _ in .integer(codes[random.below(12)]) }, bytesPerSample: 0.8),
            CodecExample(codec: 12, values: many { .boolean($0 / 150 % 2 == 0) }, bytesPerSample: 0.1),
        ]
    }()
}

extension Frame {
    /// The numbers of the codecs that the columns of `frame` say they are in.
    static func codecs(of frame: [UInt8]) throws -> [UInt8] {
        var reader = try ByteReader(openingFrame: frame, verifyingChecksum: true)
        _ = try FrameHeader(from: &reader)
        try #require(try reader.arrayHead() == 0, "no definitions")
        for _ in 0..<(try reader.arrayHead()) {
            try reader.arrayHead(of: 3)
            _ = try (reader.unsigned(), reader.unsigned(), reader.byteString())
        }
        var codecs: [UInt8] = []
        for _ in 0..<(try reader.arrayHead()) {
            let items = try reader.arrayHead()
            _ = try reader.byteString()
            if try reader.peekMajor() == .unsigned { _ = try reader.unsigned() } else { _ = try reader.byteString() }
            codecs.append(UInt8(try reader.unsigned()))
            _ = try reader.byteString()
            if items == 5 { _ = try reader.byteString() }
        }
        return codecs
    }
}

extension SeededGenerator {
    /// Any value of any type, often an awkward one.
    mutating func value() -> Value {
        switch below(6) {
        case 0: .double(Double(bitPattern: next()))
        case 1: .double(BatchGenerator.specialDoubles[below(BatchGenerator.specialDoubles.count)])
        case 2: .integer(Int64(bitPattern: next()))
        case 3: .integer([.min, .max, 0, -1][below(4)])
        case 4: .boolean(chance(50))
        default: .text(["", "fault", "e\u{301}"][below(3)])
        }
    }
}
