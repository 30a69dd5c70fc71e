import Agent
import CZstd
import Frames
import JSON
import Telemetry

/// Turns one frame's samples into bytes and back, as one way of doing it would.
protocol TraceCodec: AnyObject {
    static var name: String { get }
    /// The bytes of `frames`, a piece for each.
    func encode(_ frames: [[Sample]]) throws -> [[UInt8]]
    /// Reads every value of `pieces` once.
    func decode(_ pieces: [[UInt8]]) throws -> Double
}

/// The samples of one series in a frame: what the peers, which know no frames, are given.
struct TraceColumn {
    let series: UInt32
    var times: [Int64] = []
    var values: [UInt64] = []

    static func columns(of frame: [Sample]) -> [TraceColumn] {
        var columns: [TraceColumn] = []
        var places: [UInt32: Int] = [:]
        for sample in frame {
            let place = places[sample.series.rawValue] ?? columns.count
            if place == columns.count {
                columns.append(TraceColumn(series: sample.series.rawValue))
                places[sample.series.rawValue] = place
            }
            columns[place].times.append(sample.timestamp.nanoseconds)
            switch sample.value {
            case .double(let number): columns[place].values.append(number.bitPattern)
            case .integer(let number): columns[place].values.append(Double(number).bitPattern)
            case .boolean, .text: columns[place].values.append(0)
            }
        }
        return columns
    }
}

/// Our frames, header and checksum included.
final class FrameCodec: TraceCodec {
    static let name = "frames"
    private let head: StreamHead
    private var batch = SampleBatch()
    private var encoder = FrameEncoder()
    private var decoder = FrameDecoder()
    private var bytes: [UInt8] = []

    init(_ origin: Origin) { head = StreamHead(origin.stream) }

    func encode(_ frames: [[Sample]]) throws -> [[UInt8]] {
        try frames.map { frame in
            batch.removeAll()
            for sample in frame { try batch.append(sample) }
            let clock = Origin.clock(after: frame[frame.count - 1].timestamp)
            _ = try encoder.encode(batch, at: head, clock: clock, into: &bytes)
            return bytes
        }
    }

    func decode(_ pieces: [[UInt8]]) throws -> Double {
        var sum = 0.0
        for piece in pieces {
            try decoder.decode(piece)
            decoder.forEachColumn { column in
                switch column.values {
                case .doubles(let numbers): for number in numbers { sum += number }
                case .integers(let numbers): for number in numbers { sum += Double(number) }
                case .booleans, .texts: break
                }
            }
        }
        return sum
    }
}

/// For each series its id, its count, its times and its doubles, eight bytes each; all through Zstandard at its default
/// level 3.
final class RawZstandard: TraceCodec {
    static let name = "raw + zstd 3"
    private let compressor = ZSTD_createCCtx()
    private let decompressor = ZSTD_createDCtx()
    private var raw: [UInt64] = []

    deinit {
        ZSTD_freeCCtx(compressor)
        ZSTD_freeDCtx(decompressor)
    }

    func encode(_ frames: [[Sample]]) throws -> [[UInt8]] {
        try frames.map { frame in
            raw.removeAll(keepingCapacity: true)
            for column in TraceColumn.columns(of: frame) {
                raw.append(UInt64(column.series) << 32 | UInt64(column.values.count))
                for time in column.times { raw.append(UInt64(bitPattern: time)) }
                raw += column.values
            }
            let size = raw.count * 8
            var output: [UInt8] = Array(repeating: 0, count: ZSTD_compressBound(size))
            let room = output.count
            let compressed = ZSTD_compressCCtx(compressor, &output, room, raw, size, 3)
            guard ZSTD_isError(compressed) == 0 else { throw BenchmarkError("zstd cannot compress") }
            output.removeLast(room - compressed)
            return output
        }
    }

    func decode(_ pieces: [[UInt8]]) throws -> Double {
        var sum = 0.0
        for piece in pieces {
            let size = Int(ZSTD_getFrameContentSize(piece, piece.count))
            raw = Array(repeating: 0, count: size / 8)
            guard ZSTD_decompressDCtx(decompressor, &raw, size, piece, piece.count) == size else {
                throw BenchmarkError("zstd cannot read what it wrote")
            }
            var place = 0
            while place < raw.count {
                let count = Int(raw[place] & 0xFFFF_FFFF)
                for value in raw[(place + 1 + count)..<(place + 1 + 2 * count)] { sum += Double(bitPattern: value) }
                place += 1 + 2 * count
            }
        }
        return sum
    }
}

/// Gorilla, for each series its id and count, its times (unless only values are to be compared) and its values.
final class GorillaCodec: TraceCodec {
    static let name = "Gorilla"
    private let hasTimes: Bool
    private var stream = Gorilla()
    /// What a reader knows of each frame: how many values each series has.
    private var counts: [[Int]] = []

    init(hasTimes: Bool) { self.hasTimes = hasTimes }

    func encode(_ frames: [[Sample]]) throws -> [[UInt8]] {
        counts.removeAll(keepingCapacity: true)
        return frames.map { frame in
            stream.removeAll()
            let columns = TraceColumn.columns(of: frame)
            counts.append(columns.map(\.values.count))
            for column in columns {
                stream.append(times: hasTimes ? column.times : nil, values: column.values)
                stream.align()
            }
            return stream.bytes
        }
    }

    func decode(_ pieces: [[UInt8]]) throws -> Double {
        var sum = 0.0
        for (piece, counts) in zip(pieces, counts) {
            var stream = Gorilla(reading: piece)
            for count in counts {
                for value in stream.read(count, hasTimes: hasTimes).values { sum += Double(bitPattern: value) }
                stream.align()
            }
        }
        return sum
    }
}

/// SenML JSON as our agent publishes it, through zlib at level 6.
final class SenMLCodec: TraceCodec {
    static let name = "SenML JSON + zlib 6"
    private var view: MeasuredSenML
    private var batch = SampleBatch()
    private let deflate: Deflate

    init(_ origin: Origin, _ definitions: [SeriesDefinition]) throws {
        view = MeasuredSenML(site: origin.site, agent: origin.agent, definitions)
        deflate = try Deflate(level: 6)
    }

    func encode(_ frames: [[Sample]]) throws -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        for frame in frames {
            batch.removeAll()
            for sample in frame { try batch.append(sample) }
            view.packs(of: batch) { pieces.append(deflate.compressed($0)) }
        }
        return pieces
    }

    func decode(_ pieces: [[UInt8]]) throws -> Double {
        for piece in pieces { consume(try JSONParser.parse(try Deflate.expanded(piece))) }
        return 0
    }
}

/// A whole trace, frame after frame, from samples to bytes.
final class TraceEncoding: Kernel {
    let round = 1
    let samplesPerPass: Int
    let bytesPerPass: Double? = nil
    private let codec: any TraceCodec
    private let frames: [[Sample]]

    init(_ codec: any TraceCodec, _ trace: Trace) {
        self.codec = codec
        frames = trace.frames
        samplesPerPass = trace.samples
    }

    func pass() throws { consume(try codec.encode(frames)) }
}

/// And back.
final class TraceDecoding: Kernel {
    let round = 1
    let samplesPerPass: Int
    let bytesPerPass: Double? = nil
    private let codec: any TraceCodec
    private let pieces: [[UInt8]]

    init(_ codec: any TraceCodec, _ trace: Trace) throws {
        self.codec = codec
        pieces = try codec.encode(trace.frames)
        samplesPerPass = trace.samples
    }

    func pass() throws { consume(try codec.decode(pieces)) }
}
