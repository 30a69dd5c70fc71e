import Checksums

/// Reads deterministic CBOR (RFC 8949, section 4.2.1) and the byte forms of column payloads, checking every step.
///
/// Refuses what its counterpart `ByteWriter` never writes: heads longer than needed, indefinite lengths, text that is
/// not UTF-8.
struct ByteReader {
    let bytes: [UInt8]
    private(set) var offset: Int
    /// Where reading must stop.
    private(set) var end: Int
    /// Named in errors.
    var part = FrameError.Part.envelope
    /// Where in the frame the bytes lie compressed; nil when they are the frame.
    private var frameOffset: Int?

    /// Checks all that surrounds a frame's content and stands at the header afterwards.
    init(openingFrame bytes: [UInt8], verifyingChecksum: Bool) throws(FrameError) {
        self.bytes = bytes
        offset = Envelope.opening.count
        end = max(offset, bytes.count - Envelope.closingSize)
        guard bytes.starts(with: Envelope.opening) else {
            throw FrameError(.notAFrame, "these bytes are not a frame", at: FrameError.Place(part: part, offset: 0))
        }
        guard bytes.count <= FrameLimits.bytes else {
            throw FrameError(.tooLarge, "the frame has more than \(FrameLimits.bytes) bytes", at: place)
        }
        guard bytes.count >= offset + Envelope.closingSize, bytes[end] == 0x40 | UInt8(Envelope.checksumSize) else {
            throw FrameError(.malformed, "the frame does not end with a checksum; part of it is missing", at: place)
        }
        guard verifyingChecksum else { return }
        let checksum = bytes.withUnsafeBytes { CRC32C.checksum(of: UnsafeRawBufferPointer(rebasing: $0[...end])) }
        let stated = bytes[(end + 1)...].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard checksum == stated else {
            throw FrameError(.checksumMismatch, "the frame was changed after it was made", at: place)
        }
    }

    /// Reads content that was compressed in the frame that `frame` reads, at its place: faults are told to be there.
    init(expanded bytes: [UInt8], within frame: ByteReader) {
        self.bytes = bytes
        offset = 0
        end = bytes.count
        part = frame.part
        frameOffset = frame.offset
    }

    var place: FrameError.Place { FrameError.Place(part: part, offset: frameOffset ?? offset) }

    var isAtEnd: Bool { offset == end }

    var remaining: Int { end - offset }

    func malformed(_ message: String) -> FrameError { FrameError(.malformed, message, at: place) }

    mutating func byte() throws(FrameError) -> UInt8 {
        guard offset < end else { throw malformed("the bytes end too early") }
        defer { offset += 1 }
        return bytes[offset]
    }

    /// The places of the next `count` bytes, which are skipped.
    mutating func skip(_ count: Int) throws(FrameError) -> Range<Int> {
        guard count <= remaining else { throw malformed("the bytes end too early") }
        defer { offset += count }
        return offset..<(offset + count)
    }

    /// Reads a byte string's content by `body`, which must take all of it.
    mutating func content<Result>(
        _ body: (inout ByteReader) throws(FrameError) -> Result
    ) throws(FrameError) -> Result {
        let range = try byteString()
        var inner = self
        inner.offset = range.lowerBound
        inner.end = range.upperBound
        let result = try body(&inner)
        guard inner.isAtEnd else { throw inner.malformed("there are bytes left over") }
        return result
    }
}

extension ByteReader {
    func peekMajor() throws(FrameError) -> MajorType {
        guard offset < end, let major = MajorType(rawValue: bytes[offset] >> 5) else {
            throw malformed("the bytes end too early")
        }
        return major
    }

    mutating func head() throws(FrameError) -> (major: MajorType, argument: UInt64) {
        let major = try peekMajor()
        let short = try byte() & 0x1F
        if short < 24 { return (major, UInt64(short)) }
        guard short <= 27 else { throw malformed("an item has an indefinite or reserved length") }
        let size = 1 << Int(short - 24)
        let argument = bytes[try skip(size)].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        // Numbers of simple values and the bits of floats are not counts; their readers judge them.
        let least: UInt64 = size == 1 ? 24 : 1 << UInt64(4 * size)
        guard argument >= least || major == .simple else { throw malformed("a number is longer than it needs to be") }
        return (major, argument)
    }

    private mutating func argument(of major: MajorType) throws(FrameError) -> UInt64 {
        guard try peekMajor() == major else { throw malformed("an item is not of the type expected here") }
        return try head().argument
    }

    mutating func unsigned() throws(FrameError) -> UInt64 { try argument(of: .unsigned) }

    /// An unsigned number below `FrameLimits.counter`.
    mutating func counter() throws(FrameError) -> UInt64 {
        let number = try unsigned()
        guard number < FrameLimits.counter else { throw malformed("a count is beyond 2^62") }
        return number
    }

    mutating func integer() throws(FrameError) -> Int64 {
        let (major, argument) = try head()
        guard argument <= UInt64(Int64.max), major == .unsigned || major == .negative else {
            throw malformed("an integer of at most 64 bits was expected")
        }
        return major == .unsigned ? Int64(argument) : ~Int64(argument)
    }

    /// An array's number of items, or a string's of bytes, each of which takes a byte at least.
    private mutating func count(of major: MajorType) throws(FrameError) -> Int {
        let count = try argument(of: major)
        guard count <= UInt64(remaining) else { throw malformed("an array or string is longer than the frame") }
        return Int(count)
    }

    mutating func arrayHead() throws(FrameError) -> Int { try count(of: .array) }

    mutating func arrayHead(of count: Int) throws(FrameError) {
        guard try arrayHead() == count else { throw malformed("an array of \(count) was expected") }
    }

    mutating func byteString() throws(FrameError) -> Range<Int> { try skip(try count(of: .bytes)) }

    mutating func text() throws(FrameError) -> String { try text(count: try count(of: .text)) }

    mutating func text(count: Int) throws(FrameError) -> String {
        guard count <= FrameLimits.textBytes else {
            throw FrameError(.tooLarge, "a text is longer than \(FrameLimits.textBytes) bytes", at: place)
        }
        guard let text = String(validating: bytes[try skip(count)], as: UTF8.self) else {
            throw malformed("a text is not UTF-8")
        }
        return text
    }

    var isAtBoolean: Bool { offset < end && (bytes[offset] == 0xF4 || bytes[offset] == 0xF5) }

    mutating func boolean() throws(FrameError) -> Bool {
        guard isAtBoolean else { throw malformed("true or false was expected") }
        return try byte() == 0xF5
    }

    /// Whether there was a null, which is skipped.
    mutating func skipNull() -> Bool {
        guard offset < end, bytes[offset] == 0xF6 else { return false }
        offset += 1
        return true
    }

    mutating func float() throws(FrameError) -> Double {
        let first = try byte()
        let size = 1 << max(0, Int(first) - 0xF8)
        guard (0xF9...0xFB).contains(first) else { throw malformed("a floating-point number was expected") }
        let bits = bytes[try skip(size)].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let number: Double =
            switch size {
            case 2: HalfPrecision.number(of: UInt16(bits))
            case 4: Double(Float(bitPattern: UInt32(bits)))
            default: Double(bitPattern: bits)
            }
        var shortest = ByteWriter()
        shortest.float(number)
        guard shortest.bytes.count == 1 + size else { throw malformed("a number is longer than it needs to be") }
        return number
    }
}
