import Frames
import SegmentLog

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Frames from a file or standard input: one after another as they are, or one a line in hexadecimal.
package final class FrameSource {
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var isAtEnd = false

    /// - Parameter path: nil for standard input.
    /// - Throws: `CollectorError` when the file cannot be opened.
    package init(path: String?) throws(CollectorError) {
        guard let path else {
            descriptor = STDIN_FILENO
            return
        }
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw CollectorError(.refused, String(cString: strerror(errno)), path: path) }
    }

    deinit {
        if descriptor != STDIN_FILENO { close(descriptor) }
    }

    /// The bytes of the next frame; nil at the end. Blank lines are skipped.
    ///
    /// - Throws: `CollectorError` for a line that is not hexadecimal, or an end in the middle of a frame.
    package func next() throws(CollectorError) -> [UInt8]? {
        while true {
            while let first = buffer.first, first == UInt8(ascii: "\n") || first == UInt8(ascii: "\r") {
                buffer.removeFirst()
            }
            if let frame = try takeFrame() { return frame }
            if isAtEnd {
                guard buffer.isEmpty else {
                    throw CollectorError(.refused, "the input ends in the middle of a frame (\(buffer.count) bytes)")
                }
                return nil
            }
            fill()
        }
    }

    private func takeFrame() throws(CollectorError) -> [UInt8]? {
        guard let first = buffer.first else { return nil }
        // A frame begins with CBOR's self-describe tag, whose first byte is no hexadecimal digit.
        if first == 0xD9 {
            guard let length = CBORItem.length(of: buffer, limit: FrameLimits.bytes) else {
                if buffer.count > FrameLimits.bytes {
                    throw CollectorError(.refused, "this is not a frame, or longer than any")
                }
                return nil
            }
            defer { buffer.removeFirst(length) }
            return Array(buffer.prefix(length))
        }
        guard let end = buffer.firstIndex(of: UInt8(ascii: "\n")) ?? (isAtEnd ? buffer.endIndex : nil) else {
            if buffer.count > 2 * FrameLimits.bytes {
                throw CollectorError(.refused, "this is neither frames nor hexadecimal")
            }
            return nil
        }
        let line = buffer[..<end].filter { $0 != UInt8(ascii: "\r") }
        defer { buffer.removeFirst(min(buffer.count, end + 1)) }
        return try Self.bytes(hexadecimal: line)
    }

    private func fill() {
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        let count = read(descriptor, &chunk, chunk.count)
        if count > 0 { buffer.append(contentsOf: chunk.prefix(count)) }
        if count == 0 || (count < 0 && errno != EINTR) { isAtEnd = true }
    }

    private static func bytes(hexadecimal line: [UInt8]) throws(CollectorError) -> [UInt8] {
        let digits = line.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count == line.count, digits.count % 2 == 0 else {
            throw CollectorError(.refused, "a line is neither a frame nor hexadecimal; use 'mosquitto_sub … -F %x'")
        }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}

/// Finds where a CBOR data item ends (RFC 8949, section 3), without decoding it.
enum CBORItem {
    /// The length of the item that `bytes` begins with; nil when it is not whole, not well-formed, or longer than `limit`.
    static func length(of bytes: [UInt8], limit: Int) -> Int? {
        var index = 0
        var owed = 1
        while owed > 0 {
            guard index < bytes.count, index <= limit else { return nil }
            let major = bytes[index] >> 5
            let information = bytes[index] & 31
            index += 1
            var argument = UInt64(information)
            if information >= 24 {
                guard information <= 27 else { return nil }
                let width = 1 << Int(information - 24)
                guard index + width <= bytes.count else { return nil }
                argument = bytes[index..<(index + width)].reduce(0) { $0 << 8 | UInt64($1) }
                index += width
            }
            owed -= 1
            switch major {
            case 2, 3:
                guard argument <= UInt64(limit), index + Int(argument) <= bytes.count else { return nil }
                index += Int(argument)
            case 4, 5:
                guard argument <= UInt64(limit) else { return nil }
                owed += Int(argument) * (major == 5 ? 2 : 1)
                guard owed <= limit else { return nil }
            case 6: owed += 1
            default: break
            }
        }
        return index
    }
}
