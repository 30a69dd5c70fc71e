extension RawSpan {
    /// The little-endian integer at `offset`; traps outside the span.
    func integer<T: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: T.Type = T.self) -> T {
        T(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: T.self))
    }

    /// Whether all bytes are zero.
    var isZero: Bool {
        var index = 0
        while index + 8 <= byteCount {
            if integer(at: index, as: UInt64.self) != 0 { return false }
            index += 8
        }
        while index < byteCount {
            if integer(at: index, as: UInt8.self) != 0 { return false }
            index += 1
        }
        return true
    }

    /// Whether `text` stands at `offset`; false outside the span.
    func holds(_ text: StaticString, at offset: Int) -> Bool {
        guard offset >= 0, offset + text.utf8CodeUnitCount <= byteCount else { return false }
        return text.withUTF8Buffer { expected in
            expected.indices.allSatisfy { integer(at: offset + $0, as: UInt8.self) == expected[$0] }
        }
    }
}

extension [UInt8] {
    /// Overwrites the bytes at `offset` with `value`, least significant byte first.
    mutating func store<T: FixedWidthInteger>(_ value: T, at offset: Int) {
        var rest = value
        for index in offset..<offset + MemoryLayout<T>.size {
            self[index] = UInt8(truncatingIfNeeded: rest)
            rest = T.bitWidth == 8 ? 0 : rest >> 8
        }
    }

    /// Overwrites the bytes at `offset` with `text`.
    mutating func store(_ text: StaticString, at offset: Int) {
        text.withUTF8Buffer { bytes in
            for (index, byte) in bytes.enumerated() { self[offset + index] = byte }
        }
    }

    /// Appends `count` zero bytes.
    mutating func appendZeros(_ count: Int) {
        var rest = count
        while rest > 0 {
            let step = Swift.min(rest, zeros.count)
            zeros.withUnsafeBytes { append(contentsOf: UnsafeRawBufferPointer(rebasing: $0[..<step])) }
            rest -= step
        }
    }

    /// Appends all of `bytes`.
    mutating func append(copying bytes: RawSpan) {
        bytes.withUnsafeBytes { append(contentsOf: $0) }
    }
}

// Copied from as a block: one byte after the other takes most of the time in an unoptimized build.
private let zeros = [UInt8](repeating: 0, count: 4096)
