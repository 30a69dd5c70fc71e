import CZstd

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The bytes of a file or of standard input, decompressed where they are Zstandard (RFC 8878).
final class FrameBytes {
    private let descriptor: Int32
    private let name: String?
    private var inflater: Inflater?
    private var isBegun = false
    /// Bytes read so far, before decompression.
    private(set) var consumed = 0
    /// Bytes of the whole file; 0 for standard input and others that have none.
    let size: Int

    /// - Parameter path: nil for standard input.
    /// - Throws: `CollectorError` when the file cannot be opened.
    init(path: String?) throws(CollectorError) {
        name = path
        guard let path else {
            descriptor = STDIN_FILENO
            size = 0
            return
        }
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            size = 0
            throw CollectorError(.refused, String(cString: strerror(errno)), path: path)
        }
        var facts = stat()
        size = fstat(descriptor, &facts) == 0 ? Int(facts.st_size) : 0
    }

    deinit {
        if descriptor != STDIN_FILENO { close(descriptor) }
    }

    /// Appends what comes next to `buffer`; false at the end.
    ///
    /// - Throws: `CollectorError` when the file cannot be read, or is damaged or cut off as compressed data.
    func read(into buffer: inout [UInt8]) throws(CollectorError) -> Bool {
        let chunk = try readChunk(room: 128 * 1024)
        if !isBegun {
            isBegun = true
            if Inflater.begins(chunk) { inflater = try Inflater(name) }
        }
        guard let inflater else {
            buffer += chunk
            return !chunk.isEmpty
        }
        guard !chunk.isEmpty else {
            try inflater.finish()
            return false
        }
        try inflater.inflate(chunk, into: &buffer)
        return true
    }

    /// As much as there is now; a first piece of a pipe may be short, so the beginning is read until it can be told what it is.
    private func readChunk(room: Int) throws(CollectorError) -> [UInt8] {
        var chunk = [UInt8](repeating: 0, count: room)
        var filled = 0
        while true {
            let count = chunk.withUnsafeMutableBytes { bytes in
                // A directory and a stick that was pulled out fail here, and not before.
                Self.read(descriptor, bytes.baseAddress.map { $0 + filled }, room - filled)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw CollectorError(.refused, String(cString: strerror(errno)), path: name) }
            filled += count
            consumed += count
            if count == 0 || isBegun || filled >= Inflater.magic.count { break }
        }
        chunk.removeLast(room - filled)
        return chunk
    }

    private static func read(_ descriptor: Int32, _ place: UnsafeMutableRawPointer?, _ room: Int) -> Int {
        #if canImport(Glibc)
        Glibc.read(descriptor, place, room)
        #else
        Musl.read(descriptor, place, room)
        #endif
    }
}

/// Decompresses Zstandard frames that follow each other, piece by piece: memory does not grow with what they hold.
private final class Inflater {
    static let magic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]

    static func begins(_ bytes: [UInt8]) -> Bool { bytes.starts(with: magic) }

    private let stream: OpaquePointer
    private let name: String?
    private var output = [UInt8](repeating: 0, count: ZSTD_DStreamOutSize())
    /// Whether a frame has begun and not ended.
    private var isWithin = false

    init(_ name: String?) throws(CollectorError) {
        guard let stream = ZSTD_createDStream() else {
            throw CollectorError(.refused, "there is no memory to decompress it", path: name)
        }
        self.stream = stream
        self.name = name
    }

    deinit { ZSTD_freeDStream(stream) }

    func inflate(_ chunk: [UInt8], into buffer: inout [UInt8]) throws(CollectorError) {
        var position = 0
        while true {
            var (used, made, result) = (0, 0, 0)
            let room = output.count
            chunk.withUnsafeBytes { source in
                output.withUnsafeMutableBytes { target in
                    var input = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: position)
                    var out = ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
                    result = ZSTD_decompressStream(stream, &out, &input)
                    (used, made) = (input.pos, out.pos)
                }
            }
            guard ZSTD_isError(result) == 0 else {
                let reason = String(cString: ZSTD_getErrorName(result))
                throw CollectorError(.refused, "the compressed data are damaged: \(reason)", path: name)
            }
            position = used
            buffer += output[..<made]
            isWithin = result != 0
            // A full output may have more behind it without any input.
            if position == chunk.count, made < room { return }
        }
    }

    func finish() throws(CollectorError) {
        guard !isWithin else {
            throw CollectorError(
                .refused, "it ends in the middle of its compressed data; copy it again", path: name)
        }
    }
}
