import Foundation
import Frames
import Telemetry
import Testing

/// The byte format, held fast. `FIELDPROOF_RECORD=1` writes the files anew; `Fixtures/read_vectors.py` reads the same
/// files by other means.
@Suite("Frames are the bytes that the specification says")
struct VectorTests {
    @Test("each vector is made as recorded, and read as recorded", arguments: Vector.all)
    func vector(_ vector: Vector) throws {
        let bytes = try Example.frame(vector.samples, vector.extras)
        let hex = Self.lines(of: bytes)
        let meaning = try Self.meaning(of: try Frame(decoding: bytes))
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
        let hexFile = folder.appending(path: "\(vector.name).hex")
        let meaningFile = folder.appending(path: "\(vector.name).json")
        if ProcessInfo.processInfo.environment["FIELDPROOF_RECORD"] == "1" {
            try hex.write(to: hexFile, atomically: true, encoding: .utf8)
            try meaning.write(to: meaningFile, atomically: true, encoding: .utf8)
        }
        let recorded = try String(contentsOf: hexFile, encoding: .utf8)
        // Another release of libzstd may compress otherwise: what was recorded must still be read.
        if vector.isCompressed {
            #expect(try Self.meaning(of: try Frame(decoding: Self.bytes(of: recorded))) == meaning)
        } else {
            #expect(recorded == hex)
        }
        #expect(try String(contentsOf: meaningFile, encoding: .utf8) == meaning)
    }

    private static func bytes(of hex: String) throws -> [UInt8] {
        let digits = Array(hex.utf8.filter { $0 != UInt8(ascii: "\n") })
        return try stride(from: 0, to: digits.count, by: 2).map { start in
            try #require(UInt8(String(decoding: digits[start..<(start + 2)], as: UTF8.self), radix: 16))
        }
    }

    /// 32 bytes a line.
    private static func lines(of bytes: [UInt8]) -> String {
        stride(from: 0, to: bytes.count, by: 32).map { start in
            bytes[start..<min(start + 32, bytes.count)].map { String(format: "%02x", $0) }.joined() + "\n"
        }.joined()
    }

    private static func meaning(of frame: Frame) throws -> String {
        let header = frame.header
        let object: [String: Any] = [
            "header": [
                "site": header.stream.site.text, "agent": header.stream.agent.text,
                "install": header.stream.install.description, "epoch": header.stream.epoch,
                "class": header.stream.priority.name, "sequence": header.sequence, "sampleCount": header.sampleCount,
                "firstOrdinal": header.firstOrdinal, "boot": header.clock.boot.description,
                "sinceBoot": header.clock.sinceBoot, "wall": header.clock.wall.nanoseconds,
                "synchronised": header.clock.state.isSynchronised, "maximumError": header.clock.state.maximumError,
                "previous": header.previous.description,
            ] as [String: Any],
            "definitions": frame.extras.definitions.map(definition),
            "samples": frame.samples.map { sample in
                [sample.series.rawValue, sample.timestamp.nanoseconds] as [Any] + value(sample.value)
                    + [sample.quality.rawValue]
            },
            "events": frame.extras.events.map { event in
                [event.name, event.timestamp.nanoseconds, event.attributes.map { [$0.key] + value($0.value) }] as [Any]
            },
            "losses": frame.extras.losses.map { loss in
                let samples: Any =
                    switch loss.samples {
                    case .none: [] as [Any]
                    case .ordinals(let range): [range.lowerBound, range.upperBound]
                    case .unknown: NSNull()
                    }
                return [
                    loss.epoch, loss.priority.name, loss.sequences.lowerBound, loss.sequences.upperBound, samples,
                    loss.reason.name,
                ] as [Any]
            },
        ]
        let data = try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys, .prettyPrinted])
        return String(decoding: data, as: UTF8.self) + "\n"
    }

    private static func definition(_ definition: SeriesDefinition) -> [String: Any] {
        let series = definition.series
        return [
            "id": definition.id.rawValue, "name": series.name, "tags": series.tags.map { [$0.key, $0.value] },
            "unit": series.unit.code, "kind": series.kind.rawValue,
            "serial": series.provenance.serial ?? NSNull() as Any,
            "range": series.provenance.range.map { [bits($0.lowerBound), bits($0.upperBound)] } ?? NSNull() as Any,
            "expiry": series.provenance.calibrationExpiry?.nanoseconds ?? NSNull() as Any,
        ]
    }

    /// The type and the value; doubles as their bits, so that every NaN is told.
    private static func value(_ value: Value) -> [Any] {
        switch value {
        case .double(let number): ["double", bits(number)]
        case .integer(let number): ["integer", number]
        case .boolean(let flag): ["boolean", flag]
        case .text(let text): ["text", text]
        }
    }

    private static func bits(_ number: Double) -> String { String(format: "%016lx", number.bitPattern) }
}

/// One frame to record.
struct Vector: Sendable, CustomTestStringConvertible {
    let name: String
    var samples: [Sample] = []
    var extras = FrameExtras()
    var isCompressed = false

    var testDescription: String { name }

    static let all = [
        Vector(name: "empty"),
        Vector(
            name: "decimals",
            samples: series(1, [21.5, 21.62, 21.6, 21.58, 21.7].map { .double($0) })
                + series(2, (0..<20).map { .double(Double($0 * $0) / 1000) }) + series(3, [.double(-273.15)])),
        Vector(
            name: "shared-exponent",
            samples: [12.5, 3, 0.25, 100, -7.5].enumerated().flatMap {
                series(UInt32($0.offset), [.double($0.element)])
            }),
        Vector(
            name: "individual-exponents",
            samples: [1, 0.123456789, 2, 3, 5, 7].enumerated().flatMap {
                series(UInt32($0.offset * 2), [.double($0.element)])
            }),
        Vector(
            name: "integers",
            samples: series(0, [5, 5, 5, 5].map { .integer($0) })
                + series(1, [0, 1000, 2001, 2999, 4000].map { .integer($0) })
                + series(2, [9, -3, 7, 0, 8, -2].map { .integer($0) })
                + series(3, [1, 2, 3, 4, 1_000_000_000, 1_000_000_001, 1_000_000_002].map { .integer($0) })
                + series(4, [.min, .max, .min].map { .integer($0) }) + series(UInt32.max, [.integer(-1)])),
        Vector(
            name: "floats",
            samples: series(1, (1...6).map { .double(Double($0).squareRoot()) })
                + series(2, (1...6).map { .double(Double(Float($0).squareRoot())) })
                + series(3, [.pi, .pi, .pi * 2, .pi * 4, .pi].map { .double($0) })),
        Vector(name: "special-doubles", samples: series(1, BatchGenerator.specialDoubles.map { .double($0) })),
        Vector(
            name: "states",
            samples: series(1, [true, false, true, true, false, true, true, true, false].map { .boolean($0) })
                + series(2, ["idle", "moving", "", "idle", "é"].map { .text($0) }) + series(3, [.text("moving")])),
        Vector(
            name: "timelines",
            samples: series(1, (0..<5).map { .integer($0) }, step: 1_000_000_000)
                + series(2, (0..<5).map { .integer($0) }, step: -250_000)
                + series(3, [1, 2].map { .integer($0) }, step: 0)
                + [0, 7, 3, -90_000, 12].enumerated().flatMap {
                    series(4, [.integer(Int64($0.offset))], start: 1_795_000_000_000_000_000 + $0.element)
                } + series(5, [.integer(0)], start: -1) + series(6, [.boolean(true)], start: .min)),
        Vector(
            name: "layouts",
            samples: LayoutExample.all.enumerated().flatMap { index, example in
                series(UInt32(index), example.integers.map { .integer($0) })
            }),
        Vector(
            name: "codecs",
            samples: CodecExample.all.enumerated().flatMap { index, example in
                series(UInt32(index), Array(example.values.prefix(40)))
            }),
        Vector(
            name: "compressed",
            samples: (0..<40).map { index in
                Sample(
                    series: SeriesID(rawValue: 7), timestamp: Timestamp(seconds: 1_795_000_000 + Int64(index)),
                    value: .text("winding \(index) is too hot"))
            },
            extras: FrameExtras(
                definitions: (0..<20).map { index in
                    SeriesDefinition(
                        id: SeriesID(rawValue: UInt32(index)),
                        series: Series("joint.temperature", tags: [Tag("joint", "\(index)")], unit: .celsius))
                }), isCompressed: true),
        Vector(name: "everything", samples: ReferenceFrame.samples, extras: ReferenceFrame.extras),
    ]

    private static func series(
        _ id: UInt32, _ values: [Value], start: Int64 = 1_795_000_000_000_000_000, step: Int64 = 100_000_000
    ) -> [Sample] {
        values.enumerated().map { index, value in
            Sample(
                series: SeriesID(rawValue: id), timestamp: Timestamp(nanoseconds: start + Int64(index) * step),
                value: value)
        }
    }
}
