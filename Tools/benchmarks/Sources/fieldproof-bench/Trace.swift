import Frames
import Telemetry

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Samples that were recorded or simulated; `lib/traces` tells the form of the files.
struct Trace {
    static let sampleBytes = 24

    let name: String
    let title: String
    let definitions: [SeriesDefinition]
    /// What a frame holds, one after another.
    let frames: [[Sample]]

    var samples: Int { frames.reduce(0) { $0 + $1.count } }

    init(_ name: String, in folder: String) throws {
        self.name = name
        let heading = try Self.lines(of: "\(folder)/\(name).title")
        guard heading.count == 2, let seconds = Int64(heading[1]) else {
            throw BenchmarkError("\(folder)/\(name).title needs a title and the seconds of a frame")
        }
        title = heading[0]
        definitions = try Self.lines(of: "\(folder)/\(name).series").enumerated().map { index, line in
            let words = line.split(separator: " ").map(String.init)
            let tags = words.dropFirst().map { word in
                let pair = word.split(separator: "=", maxSplits: 1).map(String.init)
                return Tag(pair[0], pair.count > 1 ? pair[1] : "")
            }
            return SeriesDefinition(id: SeriesID(rawValue: UInt32(index)), series: Series(words[0], tags: tags))
        }
        frames = Self.frames(of: try Self.bytes(of: "\(folder)/\(name).trace"), nanoseconds: seconds * 1_000_000_000)
    }

    private static func frames(of bytes: [UInt8], nanoseconds: Int64) -> [[Sample]] {
        var frames: [[Sample]] = []
        var frame: [Sample] = []
        var begin: Int64?
        bytes.withUnsafeBytes { bytes in
            for start in stride(from: 0, to: bytes.count - sampleBytes + 1, by: sampleBytes) {
                let time = Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: Int64.self))
                let bits = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: start + 8, as: UInt64.self))
                let series = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: start + 16, as: UInt32.self))
                let isInteger = bytes[start + 20] == 1
                if let first = begin, time - first >= nanoseconds {
                    frames.append(frame)
                    frame = []
                    begin = time
                }
                if begin == nil { begin = time }
                frame.append(
                    Sample(
                        series: SeriesID(rawValue: series), timestamp: Timestamp(nanoseconds: time),
                        value: isInteger ? .integer(Int64(bitPattern: bits)) : .double(Double(bitPattern: bits))))
            }
        }
        return frames + [frame]
    }

    static func bytes(of sample: Sample) -> [UInt8] {
        let (bits, kind): (UInt64, UInt32) =
            switch sample.value {
            case .double(let number): (number.bitPattern, 0)
            case .integer(let number): (UInt64(bitPattern: number), 1)
            case .boolean, .text: (0, 0)
            }
        let words = [
            UInt64(bitPattern: sample.timestamp.nanoseconds), bits, UInt64(sample.series.rawValue) | UInt64(kind) << 32,
        ]
        return words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * $0)) } }
    }

    private static func lines(of path: String) throws -> [String] {
        String(decoding: try bytes(of: path), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private static func bytes(of path: String) throws -> [UInt8] {
        guard let file = fopen(path, "rb") else { throw BenchmarkError("\(path) cannot be read") }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk: [UInt8] = Array(repeating: 0, count: 1 << 16)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
        return bytes
    }

    static func write(_ bytes: [UInt8], to path: String) throws {
        guard let file = fopen(path, "wb") else { throw BenchmarkError("\(path) cannot be written") }
        let written = fwrite(bytes, 1, bytes.count, file)
        guard fclose(file) == 0, written == bytes.count else { throw BenchmarkError("\(path) cannot be written") }
    }
}
