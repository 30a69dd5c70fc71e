import CZstd
import Synchronization

/// Zstandard (RFC 8878) as frames use it: one Zstandard frame that tells its content's size, without a checksum (a frame
/// has its own) and without a dictionary.
enum Compression {
    /// Shorter content is left alone: Zstandard's own frame takes some 12 bytes.
    static let leastContent = 96
    /// The same of content in which bits are packed already.
    static let leastPackedContent = 1024
    /// A reader refuses content of more than so many times its compressed bytes, before it makes room for it.
    static let greatestRatio = 16

    /// Whether `compressed` bytes in place of `content` are worth a reader's trouble: a tenth less, and not so few that
    /// a reader would refuse them.
    static func isWorthwhile(_ content: Int, compressed: Int) -> Bool {
        compressed * 10 <= content * 9 && content <= compressed * greatestRatio
    }

    /// Whether the bytes' frequencies leave something to gain: their collision entropy (Rényi's of order 2, a lower bound
    /// of Shannon's) is below 7.3 bits a byte. Of more than 4 KiB only every so many are counted. Short content is always
    /// worth a try, as its frequencies tell little.
    static func looksPromising(_ content: UnsafeRawBufferPointer) -> Bool {
        guard content.count > 1024 else { return true }
        return withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 256) { counts in
            counts.initialize(repeating: 0)
            let stride = max(1, content.count / 4096) | 1
            var total = 0
            var place = 0
            while place < content.count {
                counts[Int(content[place])] += 1
                total += 1
                place += stride
            }
            // Σ c² of all pairs are equal: 1/256 if all bytes are as frequent, and 2^-7.3 is 1.6 times that.
            let squares = counts.reduce(UInt64(0)) { $0 + UInt64($1) * UInt64($1) }
            // A byte equals itself, which tells nothing.
            return Double(squares) - Double(total) > 1.6 / 256 * Double(total) * Double(total)
        }
    }
}

/// Compresses at level 1 with a window and a table of 16 KiB each, made at first use and kept: a small box spares no more.
final class Compressor: Sendable {
    private let context = Mutex<CompressionContext?>(nil)

    /// Bytes of memory that it keeps.
    var memory: Int { context.withLock { $0?.memory ?? 0 } }

    /// Makes `output` the compressed `content`; false if that fails.
    func compress(_ content: [UInt8], into output: inout [UInt8]) -> Bool {
        let bound = ZSTD_compressBound(content.count)
        output.removeAll(keepingCapacity: true)
        output.append(contentsOf: repeatElement(0, count: bound))
        let size = context.withLock { context -> Int in
            if context == nil { context = CompressionContext() }
            return context?.compress(content, into: &output) ?? -1
        }
        guard size > 0 else { return false }
        output.removeLast(output.count - size)
        return true
    }
}

private struct CompressionContext: ~Copyable, Sendable {
    // Only ever used by the mutex's holder, and freed with it.
    nonisolated(unsafe) private let pointer: OpaquePointer

    init?() {
        guard let pointer = ZSTD_createCCtx() else { return nil }
        self.pointer = pointer
        let parameters: [(ZSTD_cParameter, CInt)] = [
            (ZSTD_c_compressionLevel, 1), (ZSTD_c_windowLog, 14), (ZSTD_c_hashLog, 12),
        ]
        for (parameter, value) in parameters { ZSTD_CCtx_setParameter(pointer, parameter, value) }
    }

    deinit { ZSTD_freeCCtx(pointer) }

    var memory: Int { ZSTD_sizeof_CCtx(pointer) }

    func compress(_ content: [UInt8], into output: inout [UInt8]) -> Int {
        let room = output.count
        let size = ZSTD_compress2(pointer, &output, room, content, content.count)
        return ZSTD_isError(size) == 0 ? size : -1
    }
}

/// Takes apart what `Compressor` and its likes make. Its working memory is made at first use and kept.
final class Decompressor: Sendable {
    private let context = Mutex<DecompressionContext?>(nil)

    /// The size of the content of `compressed`, if that is one whole Zstandard frame that tells it, needs no dictionary,
    /// and keeps within `Compression.greatestRatio`. Nothing is decompressed, and no memory is taken.
    static func contentSize(of compressed: UnsafeRawBufferPointer) -> Int? {
        // Other magic numbers are skippable frames and formats before RFC 8878.
        guard compressed.count >= 4, compressed.loadUnaligned(as: UInt32.self).littleEndian == 0xFD2F_B528 else {
            return nil
        }
        let size = ZSTD_getFrameContentSize(compressed.baseAddress, compressed.count)
        // Unknown and error are the two greatest numbers.
        guard size >= 1, size <= UInt64(compressed.count * Compression.greatestRatio),
            ZSTD_findFrameCompressedSize(compressed.baseAddress, compressed.count) == compressed.count,
            ZSTD_getDictID_fromFrame(compressed.baseAddress, compressed.count) == 0
        else { return nil }
        return Int(size)
    }

    /// Writes the content of `compressed` to `content`, whose size it must have; false if it does not.
    func decompress(_ compressed: UnsafeRawBufferPointer, into content: inout [UInt8]) -> Bool {
        context.withLock { context in
            if context == nil { context = DecompressionContext() }
            return context?.decompress(compressed, into: &content) ?? false
        }
    }
}

private struct DecompressionContext: ~Copyable, Sendable {
    // Only ever used by the mutex's holder, and freed with it.
    nonisolated(unsafe) private let pointer: OpaquePointer

    init?() {
        guard let pointer = ZSTD_createDCtx() else { return nil }
        self.pointer = pointer
    }

    deinit { ZSTD_freeDCtx(pointer) }

    func decompress(_ compressed: UnsafeRawBufferPointer, into content: inout [UInt8]) -> Bool {
        let room = content.count
        return ZSTD_decompressDCtx(pointer, &content, room, compressed.baseAddress, compressed.count) == room
    }
}
