import Agent
import CZlib
import Frames
import JSON
import Telemetry

/// A stream of zlib's that is used again and again, as a sender that minds its CPU would.
final class Deflate {
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private var output: [UInt8] = []

    init(level: Int32) throws {
        stream.initialize(to: z_stream())
        guard deflateInit_(stream, level, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw BenchmarkError("zlib cannot be used")
        }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// The size of `text` compressed; what it becomes is in `compressed`.
    func compress(_ text: [UInt8]) -> Int {
        deflateReset(stream)
        let bound = Int(deflateBound(stream, UInt(text.count)))
        if output.count < bound { output = Array(repeating: 0, count: bound) }
        return text.withUnsafeBufferPointer { text in
            output.withUnsafeMutableBufferPointer { output in
                stream.pointee.next_in = UnsafeMutablePointer(mutating: text.baseAddress)
                stream.pointee.avail_in = UInt32(text.count)
                stream.pointee.next_out = output.baseAddress
                stream.pointee.avail_out = UInt32(output.count)
                _ = deflate(stream, Z_FINISH)
                return output.count - Int(stream.pointee.avail_out)
            }
        }
    }

    func compressed(_ text: [UInt8]) -> [UInt8] {
        let size = compress(text)
        return Array(output[..<size])
    }

    /// What `compressed` was, however long that is.
    static func expanded(_ compressed: [UInt8]) throws -> [UInt8] {
        var text: [UInt8] = Array(repeating: 0, count: 16 * compressed.count)
        while true {
            var size = UInt(text.count)
            switch uncompress(&text, &size, compressed, UInt(compressed.count)) {
            case Z_OK: return Array(text[..<Int(size)])
            case Z_BUF_ERROR: text = Array(repeating: 0, count: 2 * text.count)
            default: throw BenchmarkError("zlib cannot read what it wrote")
            }
        }
    }
}

/// Samples into SenML JSON as the agent publishes it, and that through zlib if a level is given: the peer of frames.
final class SenMLWriting: Kernel {
    let round = 8
    let samplesPerPass: Int
    private(set) var bytesPerPass: Double?
    private let frames: [[Sample]]
    private var batch = SampleBatch()
    private var view: MeasuredSenML
    private let deflate: Deflate?
    private var index = 0
    private var size = 0

    init(_ mix: SampleMix, _ origin: Origin, level: Int32?) throws {
        frames = mix.frames(round)
        samplesPerPass = mix.samplesPerFrame
        view = MeasuredSenML(site: origin.site, agent: origin.agent, mix.definitions)
        deflate = try level.map(Deflate.init)
        for _ in 0..<round { try pass() }
        bytesPerPass = Double(size) / Double(round)
    }

    func pass() throws {
        batch.removeAll()
        for sample in frames[index] { try batch.append(sample) }
        var size = 0
        view.packs(of: batch) { pack in size += deflate?.compress(pack) ?? pack.count }
        self.size += size
        index = (index + 1) % round
    }
}

/// Compressed SenML JSON into a tree of values: the peer of decoding.
final class SenMLReading: Kernel {
    let round = 8
    let samplesPerPass: Int
    let bytesPerPass: Double? = nil
    private var packs: [[(compressed: [UInt8], size: Int)]] = []
    private var text: [UInt8] = []
    private var index = 0

    init(_ mix: SampleMix, _ origin: Origin, level: Int32) throws {
        samplesPerPass = mix.samplesPerFrame
        let deflate = try Deflate(level: level)
        var view = MeasuredSenML(site: origin.site, agent: origin.agent, mix.definitions)
        for samples in mix.frames(round) {
            var batch = SampleBatch()
            for sample in samples { try batch.append(sample) }
            var group: [(compressed: [UInt8], size: Int)] = []
            view.packs(of: batch) { group.append((deflate.compressed($0), $0.count)) }
            packs.append(group)
        }
    }

    func pass() throws {
        for pack in packs[index] {
            text = Array(repeating: 0, count: pack.size)
            var size = UInt(pack.size)
            guard uncompress(&text, &size, pack.compressed, UInt(pack.compressed.count)) == Z_OK else {
                throw BenchmarkError("zlib cannot read what it wrote")
            }
            consume(try JSONParser.parse(text))
        }
        index = (index + 1) % round
    }
}
