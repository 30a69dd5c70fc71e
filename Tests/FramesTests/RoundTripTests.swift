import Foundation
import Frames
import Telemetry
import Testing

@Suite("A frame gives back what was put in")
struct RoundTripTests {
    @Test("every special double survives to the bit, alone and among others")
    func specialDoubles() throws {
        let specials = BatchGenerator.specialDoubles
        var samples: [Sample] = []
        for (index, number) in specials.enumerated() {
            samples.append(sample(UInt32(index), 0, .double(number)))
            for (offset, other) in specials.enumerated() {
                samples.append(sample(UInt32(1000 + index), Int64(2 * offset), .double(number)))
                samples.append(sample(UInt32(1000 + index), Int64(2 * offset + 1), .double(other)))
            }
        }
        try expectRoundTrip(samples)
        for number in specials { try expectRoundTrip([sample(1, 5, .double(number))]) }
    }

    @Test(
        "integers at the edges of their range survive",
        arguments: [
            [Int64.min], [.max], [.min, .max], [.max, .min, .max], [0, .min, 0, .max], [-1, 0, 1], [.min, .min],
            [.max, .max],
            [1 << 62, -(1 << 62), 1 << 62],
        ])
    func extremeIntegers(_ integers: [Int64]) throws {
        try expectRoundTrip(integers.enumerated().map { sample(7, Int64($0.offset), .integer($0.element)) })
        try expectRoundTrip(integers.map { sample(7, $0, .boolean(true)) })
    }

    @Test("texts that look alike but differ in bytes stay apart")
    func textsByBytes() throws {
        try expectRoundTrip(["é", "e\u{301}", "é", "", "\u{0}"].map { sample(1, 0, .text($0)) })
    }

    @Test("a series of several value types is split, and nothing of it is lost")
    func mixedTypes() throws {
        let values: [Value] = [.integer(1), .double(1), .text("1"), .boolean(true), .double(2), .integer(2)]
        try expectRoundTrip(values.enumerated().map { sample(3, Int64($0.offset), $0.element) })
    }

    @Test("samples that share a time, or go back in time, keep their order")
    func orderWithinSeries() throws {
        let times: [Int64] = [5, 5, 3, 9, 9, -4, 5]
        try expectRoundTrip(times.enumerated().map { sample(3, $0.element, .integer(Int64($0.offset))) })
    }

    @Test("a frame may be empty")
    func emptyFrame() throws {
        let frame = try Frame(decoding: try Example.frame([]))
        #expect(frame.samples.isEmpty && frame.header.sampleCount == 0 && frame.header.ordinals == nil)
    }

    @Test("the greatest frame that a batch accepts can be encoded, at its worst")
    func worstBatch() throws {
        var random = SeededGenerator(seed: 1)
        let samples = (0..<FrameLimits.samples).map { index in
            Sample(
                series: SeriesID(rawValue: UInt32(index) * 131_071),
                timestamp: Timestamp(nanoseconds: Int64(bitPattern: random.next())),
                value: .double(Double(bitPattern: random.next())), quality: Quality(rawValue: UInt8(index & 1)))
        }
        var batch = try Example.batch(samples)
        let error = #expect(throws: FrameError.self) { try batch.append(samples[0]) }
        #expect(error?.code == .batchFull)
        let bytes = try Example.frame(samples)
        #expect(bytes.count < FrameLimits.samples * 40 + 4096)
        try expectRoundTrip(samples)
    }

    @Test("texts fill a batch before they overflow its frame")
    func batchOfTexts() throws {
        var batch = SampleBatch()
        var count = 0
        let error = #expect(throws: FrameError.self) {
            while true {
                let text = String(repeating: "x", count: 60_000) + "\(count)"
                try batch.append(sample(1, 0, .text(text)))
                count += 1
            }
        }
        #expect(error?.code == .batchFull && count == batch.count && count > 5)
        var bytes: [UInt8] = []
        var encoder = FrameEncoder()
        _ = try encoder.encode(batch, at: Example.head, clock: Example.clock, into: &bytes)
        #expect(try Frame(decoding: bytes).samples.count == count)
        let long = #expect(throws: FrameError.self) {
            try batch.append(sample(1, 0, .text(String(repeating: "x", count: FrameLimits.textBytes + 1))))
        }
        #expect(long?.code == .textTooLong)
    }

    /// `FIELDPROOF_ROUNDS` sets how many batches; a failure names the seed that `FIELDPROOF_SEED` starts from again.
    @Test("four thousand random batches come back to the bit, and their frames are made the same again")
    func randomBatches() throws {
        let environment = ProcessInfo.processInfo.environment
        let first = seedFromEnvironment ?? 0x0F1E_2D00
        let rounds = environment["FIELDPROOF_ROUNDS"].flatMap { UInt64($0) } ?? 4000
        var encoder = FrameEncoder()
        var decoder = FrameDecoder()
        var batch = SampleBatch()
        var bytes: [UInt8] = []
        var again: [UInt8] = []
        for seed in first..<(first + rounds) {
            var generator = BatchGenerator(seed: seed)
            let limit = seed % 100 == 0 ? 600 : 12
            let samples = generator.samples(atMost: limit)
            batch.removeAll()
            for sample in samples { try batch.append(sample) }
            _ = try encoder.encode(batch, at: Example.head, clock: Example.clock, into: &bytes)
            try decoder.decode(bytes)
            let decoded = decoder.columns.flatMap { column in (0..<column.count).map(column.sample(at:)) }
            let expected = Example.inFrameOrder(samples)
            guard decoded.count == expected.count, zip(decoded, expected).allSatisfy({ $0.isIdentical(to: $1) }) else {
                Issue.record("seed \(seed): \(decoded) instead of \(expected)")
                return
            }
            batch.removeAll()
            for sample in decoded { try batch.append(sample) }
            _ = try encoder.encode(batch, at: Example.head, clock: Example.clock, into: &again)
            guard again == bytes else {
                Issue.record("seed \(seed): encoding the decoded samples gave another frame")
                return
            }
        }
    }

    private func sample(_ series: UInt32, _ time: Int64, _ value: Value) -> Sample {
        Sample(series: SeriesID(rawValue: series), timestamp: Timestamp(nanoseconds: time), value: value)
    }

    private func expectRoundTrip(_ samples: [Sample], _ place: SourceLocation = #_sourceLocation) throws {
        let frame = try Frame(decoding: try Example.frame(samples))
        let expected = Example.inFrameOrder(samples)
        #expect(frame.samples.count == expected.count, sourceLocation: place)
        for (decoded, expected) in zip(frame.samples, expected) where !decoded.isIdentical(to: expected) {
            Issue.record("\(decoded) instead of \(expected)", sourceLocation: place)
            return
        }
    }
}
