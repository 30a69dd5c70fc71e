import Foundation
import Frames
import Telemetry

/// `FIELDPROOF_SEED`, from which a property test that failed starts again.
var seedFromEnvironment: UInt64? { ProcessInfo.processInfo.environment["FIELDPROOF_SEED"].flatMap { UInt64($0) } }

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): small, good enough, and the same on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

    mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
}

/// Batches of every shape: few and many series, shared and own timelines, each value type, adversarial bits.
struct BatchGenerator {
    var random: SeededGenerator

    /// One way in which a series' values may go.
    private enum Shape: CaseIterable {
        case constant, decimalWalk, decimalNoise, counter, integerBits, doubleBits, special, single, boolean, text,
            mixed
    }

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    static let specialDoubles: [Double] = [
        0, -0.0, .infinity, -.infinity, .nan, .signalingNaN, Double(bitPattern: 0xFFF8_0000_0000_0001),
        Double(bitPattern: 0x7FF0_0000_0000_0001), Double(bitPattern: .max), .leastNonzeroMagnitude,
        -.leastNonzeroMagnitude, .leastNormalMagnitude, .leastNormalMagnitude.nextDown, .greatestFiniteMagnitude,
        -.greatestFiniteMagnitude, .ulpOfOne, .pi, 0.1, 0.1 + 0.2, 1e15, 1e16, 1e22, 1e23, 0x1p51, 0x1p52, 0x1p53,
        0x1p53 + 2,
        0x1p63, -0x1p63, 1e-15, 1e-16, 123.456, -273.15, 1.0 / 3, Double(Float.leastNonzeroMagnitude),
        Double(Float.greatestFiniteMagnitude), Double(Float(0.1)), 0x1p-24, 65_504, 65_505,
    ]

    mutating func samples(atMost limit: Int) -> [Sample] {
        var samples: [Sample] = []
        let seriesCount = 1 + random.below(min(limit, 12))
        let hasQuality = random.chance(20)
        var shared = timestamps(1 + random.below(max(1, limit / seriesCount)))
        var id: UInt32 = random.chance(10) ? .max - UInt32(seriesCount) * 2 : UInt32(random.below(300))
        for _ in 0..<seriesCount {
            id += random.chance(70) ? 1 : 2
            if random.chance(25) { shared = timestamps(1 + random.below(max(1, limit / seriesCount))) }
            let values = values(shared.count)
            for (time, value) in zip(shared, values) {
                let quality =
                    hasQuality && random.chance(30) ? Quality(rawValue: UInt8.random(in: 0...15, using: &random)) : []
                samples.append(
                    Sample(
                        series: SeriesID(rawValue: id), timestamp: Timestamp(nanoseconds: time), value: value,
                        quality: quality))
            }
        }
        // Samples of several series interleave on their way in; those of one series keep their order.
        if random.chance(50) { samples = interleaved(samples) }
        return samples
    }

    private mutating func interleaved(_ samples: [Sample]) -> [Sample] {
        var queues = Dictionary(grouping: samples, by: \.series).sorted { $0.key < $1.key }.map { ArraySlice($0.value) }
        var result: [Sample] = []
        while !queues.isEmpty {
            let index = random.below(queues.count)
            if let sample = queues[index].popFirst() { result.append(sample) } else { queues.remove(at: index) }
        }
        return result
    }

    private mutating func timestamps(_ count: Int) -> [Int64] {
        let unit: Int64 = [1, 1000, 1_000_000, 1_000_000_000, 7][random.below(5)]
        let start = 1_795_000_000_000_000_000 / unit * unit
        switch random.below(6) {
        case 0: return (0..<count).map { start + Int64($0) * unit * 100 }
        case 1:
            return (0..<count).map { start + Int64($0) * unit * 100 + Int64.random(in: -9...9, using: &random) * unit }
        case 2: return (0..<count).map { _ in start - Int64.random(in: 0...1000, using: &random) * unit }
        case 3: return Array(repeating: start, count: count)
        case 4: return (0..<count).map { _ in Int64(bitPattern: random.next()) }
        default: return (0..<count).map { _ in [Int64.min, Int64.max, 0, -1, -1_000_000_000][random.below(5)] }
        }
    }

    private mutating func values(_ count: Int) -> [Value] {
        let shape = Shape.allCases[random.below(Shape.allCases.count)]
        if shape == .mixed { return (0..<count).map { _ in values(1)[0] } }
        let scale = [1.0, 10, 100, 1000, 1e6, 1e9][random.below(6)]
        var level = Int64(random.below(1_000_000))
        return (0..<count).map { _ in
            switch shape {
            case .constant: return .double(Self.specialDoubles[Int(level) % Self.specialDoubles.count])
            case .decimalWalk:
                level += Int64.random(in: -5...5, using: &random)
                return .double(Double(level) / scale)
            case .decimalNoise: return .double(Double(Int64.random(in: -5000...5000, using: &random)) / scale)
            case .counter:
                level += Int64.random(in: 0...2000, using: &random)
                return .integer(level)
            case .integerBits: return .integer(Int64(bitPattern: random.next() >> UInt64(random.below(64))))
            case .doubleBits: return .double(Double(bitPattern: random.next()))
            case .special: return .double(Self.specialDoubles[random.below(Self.specialDoubles.count)])
            case .single: return .double(Double(Float.random(in: -1...1, using: &random)))
            case .boolean: return .boolean(random.chance(50))
            case .text, .mixed:
                return .text(
                    ["", "idle", "moving", "é", "e\u{301}", "\u{0}", String(repeating: "长", count: 40)][random.below(7)]
                )
            }
        }
    }
}

enum Example {
    static let install = UUIDBytes(high: 0x0123_4567_89AB_CDEF, low: 0xFEDC_BA98_7654_3210)
    static let clock = ClockReading(
        boot: UUIDBytes(high: 0xB007_B007_B007_B007, low: 0x1D1D_1D1D_1D1D_1D1D), sinceBoot: 86_400_123_456_789,
        wall: Timestamp(nanoseconds: 1_795_000_000_123_456_789),
        state: ClockState(isSynchronised: true, maximumError: 1_500_000))

    static func identifier(_ text: String) -> Identifier {
        guard let identifier = Identifier(text) else { preconditionFailure("\(text) is not an identifier") }
        return identifier
    }

    static var head: StreamHead {
        StreamHead(
            Stream(
                site: identifier("deqing"), agent: identifier("arm-07"), install: install, epoch: 3, priority: .metric))
    }

    static func batch(_ samples: [Sample]) throws -> SampleBatch {
        var batch = SampleBatch()
        for sample in samples { try batch.append(sample) }
        return batch
    }

    static func frame(_ samples: [Sample], _ extras: FrameExtras = FrameExtras()) throws -> [UInt8] {
        var encoder = FrameEncoder()
        var bytes: [UInt8] = []
        _ = try encoder.encode(try batch(samples), extras, at: head, clock: clock, into: &bytes)
        return bytes
    }

    /// `samples` in the order in which a frame gives them back.
    static func inFrameOrder(_ samples: [Sample]) -> [Sample] {
        func rank(_ value: Value) -> Int {
            switch value {
            case .double: 0
            case .integer: 1
            case .boolean: 2
            case .text: 3
            }
        }
        return samples.enumerated().sorted { a, b in
            (a.element.series, rank(a.element.value), a.offset) < (b.element.series, rank(b.element.value), b.offset)
        }.map(\.element)
    }
}

extension Sample {
    /// Equality to the bit, of texts to the byte.
    func isIdentical(to other: Sample) -> Bool {
        if case .text(let a) = value, case .text(let b) = other.value, !a.utf8.elementsEqual(b.utf8) { return false }
        return series == other.series && timestamp == other.timestamp && quality == other.quality
            && value.isIdentical(to: other.value)
    }
}
