import Checksums
import Frames
import Telemetry
import Testing

@Suite("Bytes that are not what an encoder made are refused, never trusted")
struct CorruptionTests {
    @Test("a frame cut off at any byte is refused")
    func truncation() throws {
        let frame = try ReferenceFrame.bytes()
        var decoder = FrameDecoder()
        for length in 0..<frame.count {
            #expect(throws: FrameError.self, "cut at \(length)") { try decoder.decode(Array(frame[..<length])) }
            #expect(throws: FrameError.self) { try FrameHeader.peek(Array(frame[..<length])) }
        }
    }

    @Test("a frame with any one bit flipped is refused")
    func bitFlips() throws {
        var frame = try ReferenceFrame.bytes()
        var decoder = FrameDecoder()
        for bit in 0..<(frame.count * 8) {
            frame[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: FrameError.self, "bit \(bit)") { try decoder.decode(frame) }
            #expect(decoder.header == nil && decoder.columns.isEmpty)
            frame[bit / 8] ^= 1 << UInt8(bit % 8)
        }
        try decoder.decode(frame)
    }

    @Test("a forger who mends the checksum cannot make the decoder trap, or give more samples than announced")
    func forgedBits() throws {
        let frame = try ReferenceFrame.bytes()
        for bit in 0..<((frame.count - 5) * 8) {
            var forged = frame
            forged[bit / 8] ^= 1 << UInt8(bit % 8)
            expectBounded(sealed(forged))
        }
    }

    @Test("ten thousand frames with random damage and a mended checksum do no harm")
    func forgedBytes() throws {
        let frame = try ReferenceFrame.bytes()
        for seed in UInt64(1)...10_000 {
            var random = SeededGenerator(seed: seed)
            var forged = frame
            for _ in 0...random.below(4) {
                let place = 4 + random.below(forged.count - 9)
                switch random.below(4) {
                case 0: forged[place] = UInt8.random(in: 0...255, using: &random)
                case 1: forged[place] = [0x00, 0x7F, 0x80, 0xFF, 0x1B, 0x3B, 0x5B, 0x9B][random.below(8)]
                case 2: forged.remove(at: place)
                default: forged.insert(UInt8.random(in: 0...255, using: &random), at: place)
                }
            }
            expectBounded(sealed(forged))
        }
    }

    @Test("the column that the specification takes apart is in the frame that it says")
    func documentedColumn() throws {
        let sample = Sample(
            series: SeriesID(rawValue: 1), timestamp: Timestamp(seconds: 1_795_000_000), value: .double(21.5))
        let content: [UInt8] = [
            0x81, 0x83, 0x01, 0x01, 0x42, 0x09, 0x00, 0x81, 0x84, 0x41, 0x08, 0x00, 0x02, 0x43, 0x01, 0xAE, 0x03, 0x80,
            0x80,
        ]
        #expect(try Example.frame([sample]).dropLast(5).suffix(content.count).elementsEqual(content))
    }

    @Test("not a frame, another version, a later checksum: each has its code")
    func codes() throws {
        var decoder = FrameDecoder()
        func code(_ bytes: [UInt8]) -> FrameError.Code? {
            #expect(throws: FrameError.self) { try decoder.decode(bytes) }?.code
        }
        let frame = try ReferenceFrame.bytes()
        #expect(code([]) == .notAFrame)
        #expect(code(Array("hello, world".utf8)) == .notAFrame)
        #expect(code(Array(frame.dropLast())) == .malformed)
        var changed = frame
        changed[40] ^= 1
        #expect(code(changed) == .checksumMismatch)
        // d9d9f7 87 8f 01: tag, array of 7, array of 15, the version.
        var later = frame
        later[5] = 2
        #expect(code(sealed(later)) == .unsupportedVersion)
        #expect(code(frame + Array(repeating: 0, count: FrameLimits.bytes)) == .tooLarge)
    }

    @Test("a frame that promises much and holds little costs little")
    func bombs() throws {
        let time = Timestamp(nanoseconds: 1_795_000_000_000_000_000)
        let constant = (0..<FrameLimits.samples).map { _ in
            Sample(series: SeriesID(rawValue: 0), timestamp: time, value: .integer(1))
        }
        let smallest = try Example.frame(constant)
        #expect(smallest.count < 200)
        var decoder = FrameDecoder()
        try decoder.decode(smallest)
        #expect(decoder.columns.count == 1 && decoder.columns.first?.count == FrameLimits.samples)

        // The same frame with one count raised at a time: none may be believed.
        let count = Self.head(0, UInt64(FrameLimits.samples))
        let places = smallest.indices.filter { smallest[$0...].starts(with: count) }
        #expect(places.count == 2, "the header's count and the timeline's")
        for place in places {
            for huge: UInt64 in [UInt64(FrameLimits.samples) + 1, 1 << 32, 1 << 62, .max] {
                var forged = smallest
                forged.replaceSubrange(place..<(place + count.count), with: Self.head(0, huge))
                let error = #expect(throws: FrameError.self) { try decoder.decode(sealed(forged)) }
                #expect(error?.code == .malformed || error?.code == .tooLarge)
            }
        }
    }

    private static func head(_ major: UInt8, _ argument: UInt64) -> [UInt8] {
        let size = argument < 1 << 16 ? 2 : argument < 1 << 32 ? 4 : 8
        return [major << 5 | (size == 2 ? 25 : size == 4 ? 26 : 27)]
            + (0..<size).map { UInt8(truncatingIfNeeded: argument >> UInt64(8 * (size - 1 - $0))) }
    }

    private func expectBounded(_ bytes: [UInt8], _ place: SourceLocation = #_sourceLocation) {
        var decoder = FrameDecoder()
        do throws(FrameError) {
            let header = try decoder.decode(bytes)
            let count = decoder.columns.reduce(0) { $0 + $1.count } + decoder.extras.events.count
            #expect(count == header.sampleCount && count <= FrameLimits.samples, sourceLocation: place)
            decoder.forEachColumn { column in
                for offset in 0..<column.count { _ = column.sample(at: offset) }
            }
        } catch {
            #expect(error.code != .checksumMismatch, "the checksum was mended", sourceLocation: place)
        }
    }

    /// `frame` with the checksum that fits its bytes.
    private func sealed(_ frame: [UInt8]) -> [UInt8] {
        let covered = Array(frame.dropLast(4))
        let checksum = covered.withUnsafeBytes { CRC32C.checksum(of: $0) }
        return covered + (0..<4).map { UInt8(truncatingIfNeeded: checksum >> UInt32(24 - 8 * $0)) }
    }
}

/// One frame with something of everything.
enum ReferenceFrame {
    static func bytes() throws -> [UInt8] { try Example.frame(samples, extras) }

    static let extras = FrameExtras(
        definitions: [
            SeriesDefinition(
                id: SeriesID(rawValue: 1),
                series: Series(
                    "joint.temperature", tags: [Tag("joint", "1"), Tag("arm", "left")], unit: .celsius,
                    provenance: Provenance(
                        serial: "PT-100/7", range: -40...125.5, calibrationExpiry: Timestamp(seconds: 1_830_000_000)))),
            SeriesDefinition(id: SeriesID(rawValue: 70_000), series: Series("state", kind: .state)),
        ],
        events: [
            Event(
                "run.start", at: Timestamp(nanoseconds: -1),
                attributes: [
                    .init("id", .text("r17")), .init("load", .double(0.1)), .init("half", .double(1.5)),
                    .init("single", .double(100_000)), .init("nan", .double(.nan)), .init("count", .integer(.min)),
                    .init("dry", .boolean(false)),
                ])
        ],
        losses: [
            LossDeclaration(
                epoch: 2, priority: .bulk, sequences: 5...9, samples: .ordinals(100...2000), reason: .evicted),
            LossDeclaration(epoch: 2, priority: .event, sequences: 1...1, samples: .none, reason: .corrupt),
            LossDeclaration(epoch: 1, priority: .metric, sequences: 3...3, samples: .unknown, reason: .discarded),
        ])

    static let samples: [Sample] = {
        let start: Int64 = 1_795_000_000_000_000_000
        var samples: [Sample] = []
        func add(_ series: UInt32, _ step: Int64, _ values: [Value], _ quality: Quality = []) {
            for (index, value) in values.enumerated() {
                samples.append(
                    Sample(
                        series: SeriesID(rawValue: series),
                        timestamp: Timestamp(nanoseconds: start + Int64(index) * step),
                        value: value, quality: index == 1 ? quality : []))
            }
        }
        add(1, 100_000_000, [21.5, 21.62, 21.6, 21.58, 21.7].map { .double($0) })
        add(2, 100_000_000, [.pi, .pi, .pi * 2, 1, -0.0].map { .double($0) }, .outOfRange)
        add(3, 100_000_000, [1, 2, 3, 4, 6].map { .integer($0) })
        add(4, 1_000_003, [true, false, true].map { .boolean($0) }, .unreliable)
        add(5, 1_000_003, ["idle", "moving", "idle"].map { .text($0) })
        add(6, 7, [.integer(.min), .integer(.max)])
        add(9, 0, [.double(Double(Float(0.1)))])
        add(10, 0, [.double(.nan)])
        add(11, 0, [.double(12.5)])
        add(12, 0, [.double(0.0625)])
        return samples
    }()
}
