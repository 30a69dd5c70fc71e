/// Reads plain text from bytes without making strings of it.
///
/// A cursor is valid only inside the `withUnsafeBytes` that lent it the bytes. It never reads past their end.
struct ByteCursor {
    let bytes: UnsafeRawBufferPointer
    private(set) var position: Int
    let end: Int

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        position = 0
        end = bytes.count
    }

    private init(_ bytes: UnsafeRawBufferPointer, from position: Int, to end: Int) {
        self.bytes = bytes
        self.position = position
        self.end = end
    }

    var isAtEnd: Bool { position >= end }

    /// The byte at the cursor; 0 at the end.
    var current: UInt8 { position < end ? bytes[position] : 0 }

    /// The bytes from the cursor to the end.
    var rest: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[position..<end]) }

    mutating func advance(by count: Int = 1) { position = min(end, position + count) }

    /// The next line without its newline; nil at the end.
    mutating func line() -> ByteCursor? {
        guard position < end else { return nil }
        let start = position
        while position < end, bytes[position] != UInt8(ascii: "\n") { position += 1 }
        let line = ByteCursor(bytes, from: start, to: position)
        advance()
        return line
    }

    mutating func skipSpaces() {
        while position < end, bytes[position].isBlank { position += 1 }
    }

    /// The next run of bytes that are not blank, after any that are; empty at the end.
    mutating func word() -> UnsafeRawBufferPointer {
        skipSpaces()
        return attachedWord()
    }

    /// The bytes from the cursor to the next blank; empty when it stands before one.
    mutating func attachedWord() -> UnsafeRawBufferPointer {
        let start = position
        while position < end, !bytes[position].isBlank { position += 1 }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<position])
    }

    /// The bytes up to `stop`, which is skipped; nil and unmoved when it does not come.
    mutating func bytes(upTo stop: UInt8) -> UnsafeRawBufferPointer? {
        var index = position
        while index < end, bytes[index] != stop { index += 1 }
        guard index < end else { return nil }
        defer { position = index + 1 }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<index])
    }

    /// Skips `prefix` if it comes next.
    mutating func skip(_ prefix: StaticString) -> Bool {
        let count = prefix.utf8CodeUnitCount
        guard end - position >= count else { return false }
        for index in 0..<count where bytes[position + index] != prefix.utf8Start[index] { return false }
        position += count
        return true
    }

    /// The next number without sign, after blanks; nil when none comes. Saturates at the greatest `UInt64`.
    mutating func unsigned() -> UInt64? {
        skipSpaces()
        guard current.isDigit else { return nil }
        var value: UInt64 = 0
        while current.isDigit {
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(UInt64(current &- UInt8(ascii: "0")))
            value = overflow || carry ? .max : sum
            position += 1
        }
        return value
    }

    /// The next whole number, which may have a minus.
    mutating func integer() -> Int64? {
        skipSpaces()
        let isNegative = skip("-")
        guard let magnitude = unsigned() else { return nil }
        let value = Int64(clamping: magnitude)
        return isNegative ? -value : value
    }

    /// The next decimal of the form `12.34`.
    mutating func decimal() -> Double? {
        guard let whole = unsigned() else { return nil }
        var value = Double(whole)
        guard skip(".") else { return value }
        var scale = 0.1
        while current.isDigit {
            value += Double(current &- UInt8(ascii: "0")) * scale
            scale /= 10
            position += 1
        }
        return value
    }
}

extension UInt8 {
    var isDigit: Bool { self &- UInt8(ascii: "0") < 10 }
    var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }
}

extension UnsafeRawBufferPointer {
    /// Whether the bytes are those of `text`.
    func isEqual(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for index in 0..<count where self[index] != text.utf8Start[index] { return false }
        return true
    }

    func isEqual(_ other: [UInt8]) -> Bool {
        guard count == other.count else { return false }
        for index in 0..<count where self[index] != other[index] { return false }
        return true
    }

    /// As text, with a replacement character for what is not UTF-8.
    var text: String { String(decoding: self, as: UTF8.self) }
}
