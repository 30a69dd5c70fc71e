import Frames
import Telemetry

extension SampleMix {
    /// Frames of this mix that follow each other in one stream.
    func encoded(_ count: Int, at origin: Origin) throws -> [[UInt8]] {
        var head = StreamHead(origin.stream)
        var encoder = FrameEncoder()
        var batch = SampleBatch()
        return try frames(count).map { samples in
            batch.removeAll()
            for sample in samples { try batch.append(sample) }
            var bytes: [UInt8] = []
            let clock = Origin.clock(after: samples.last?.timestamp ?? Timestamp(seconds: Origin.begin))
            let header = try encoder.encode(batch, at: head, clock: clock, into: &bytes)
            head.advance(past: header, digest: FrameDigest(of: bytes))
            return bytes
        }
    }
}

/// Samples into a batch, and the batch into a frame.
final class FrameEncoding: Kernel {
    let round = 8
    let samplesPerPass: Int
    let bytesPerPass: Double?
    private let frames: [[Sample]]
    private let clocks: [ClockReading]
    private let head: StreamHead
    private var batch = SampleBatch()
    private var encoder = FrameEncoder()
    private var bytes: [UInt8] = []
    private var index = 0

    init(_ mix: SampleMix, _ origin: Origin) throws {
        frames = mix.frames(round)
        clocks = frames.map { Origin.clock(after: $0.last?.timestamp ?? Timestamp(seconds: Origin.begin)) }
        samplesPerPass = mix.samplesPerFrame
        bytesPerPass = Double(try mix.encoded(round, at: origin).reduce(0) { $0 + $1.count }) / Double(round)
        head = StreamHead(origin.stream)
    }

    func pass() throws {
        batch.removeAll()
        for sample in frames[index] { try batch.append(sample) }
        _ = try encoder.encode(batch, at: head, clock: clocks[index], into: &bytes)
        index = (index + 1) % round
    }
}

/// A frame into columns, and every number in them read once.
final class FrameDecoding: Kernel {
    let round = 8
    let samplesPerPass: Int
    let bytesPerPass: Double? = nil
    private let frames: [[UInt8]]
    private var decoder = FrameDecoder()
    private var index = 0
    private var sum = 0.0

    init(_ mix: SampleMix, _ origin: Origin) throws {
        frames = try mix.encoded(round, at: origin)
        samplesPerPass = mix.samplesPerFrame
    }

    func pass() throws {
        try decoder.decode(frames[index])
        var sum = 0.0
        decoder.forEachColumn { column in
            switch column.values {
            case .doubles(let numbers): for number in numbers { sum += number }
            case .integers(let numbers): for number in numbers { sum += Double(number) }
            case .booleans, .texts: break
            }
        }
        self.sum += sum
        index = (index + 1) % round
    }
}

/// The SHA-256 of a frame, by which the next one names it.
final class FrameHashing: Kernel {
    let round = 8
    let samplesPerPass: Int
    let bytesPerPass: Double? = nil
    private let frames: [[UInt8]]
    private var index = 0
    private var last: FrameDigest?

    init(_ mix: SampleMix, _ origin: Origin) throws {
        frames = try mix.encoded(round, at: origin)
        samplesPerPass = mix.samplesPerFrame
    }

    func pass() {
        last = FrameDigest(of: frames[index])
        index = (index + 1) % round
    }
}
