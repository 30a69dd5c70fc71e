import Frames

/// Frames from a file or standard input: one after another as they are, or one a line in hexadecimal; either compressed by Zstandard or
/// not.
package final class FrameSource {
    private let bytes: FrameBytes
    private let name: String?
    private var buffer: [UInt8] = []
    /// Where in `buffer` the next frame begins.
    private var begin = 0
    private var isAtEnd = false

    /// - Parameter path: nil for standard input.
    /// - Throws: `CollectorError` when the file cannot be opened.
    package init(path: String?) throws(CollectorError) {
        name = path
        bytes = try FrameBytes(path: path)
    }

    /// How much of the file has been read, 0 to 1; 0 for what has no size beforehand.
    package var share: Double { bytes.size > 0 ? min(1, Double(bytes.consumed) / Double(bytes.size)) : 0 }

    /// The bytes of the next frame; nil at the end. Blank lines are skipped.
    ///
    /// - Throws: `CollectorError` for a file that cannot be read, a line that is not hexadecimal, or an end in the middle of a frame.
    package func next() throws(CollectorError) -> [UInt8]? {
        while true {
            while begin < buffer.count, buffer[begin] == UInt8(ascii: "\n") || buffer[begin] == UInt8(ascii: "\r") {
                begin += 1
            }
            if let frame = try takeFrame() { return frame }
            if isAtEnd {
                let rest = buffer.count - begin
                guard rest == 0 else { throw refusal("it ends in the middle of a frame (\(rest) bytes)") }
                return nil
            }
            buffer.removeFirst(begin)
            begin = 0
            isAtEnd = try !bytes.read(into: &buffer)
        }
    }

    private func refusal(_ message: String) -> CollectorError {
        CollectorError(.refused, name == nil ? "standard input: \(message)" : message, path: name)
    }

    private func takeFrame() throws(CollectorError) -> [UInt8]? {
        let rest = buffer[begin...]
        guard let first = rest.first else { return nil }
        // A frame begins with CBOR's self-describe tag, whose first byte is no hexadecimal digit.
        if first == 0xD9 {
            guard let length = CBORItem.length(of: rest, limit: FrameLimits.bytes) else {
                if rest.count > FrameLimits.bytes {
                    throw refusal("what stands there is not a frame, or longer than any")
                }
                return nil
            }
            begin += length
            return Array(rest.prefix(length))
        }
        guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? (isAtEnd ? rest.endIndex : nil) else {
            if rest.count > 2 * FrameLimits.bytes { throw refusal("this is neither frames nor hexadecimal") }
            return nil
        }
        let line = rest[..<end].filter { $0 != UInt8(ascii: "\r") }
        begin = min(buffer.count, end + 1)
        return try frame(hexadecimal: line)
    }

    private func frame(hexadecimal line: [UInt8]) throws(CollectorError) -> [UInt8] {
        let digits = line.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count == line.count, digits.count % 2 == 0 else {
            throw refusal("a line is neither a frame nor hexadecimal; use 'mosquitto_sub … -F %x'")
        }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}

/// Finds where a CBOR data item ends (RFC 8949, section 3), without decoding it.
enum CBORItem {
    /// The length of the item that `bytes` begins with; nil when it is not whole, not well-formed, or longer than `limit`.
    static func length(of item: ArraySlice<UInt8>, limit: Int) -> Int? {
        item.withUnsafeBytes { length(of: $0, limit: limit) }
    }

    private static func length(of bytes: UnsafeRawBufferPointer, limit: Int) -> Int? {
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
