/// Appends the fields of a stored aggregate: varints (LEB128), zigzag for signed ones, doubles as eight bytes
/// little-endian, texts and lists with their length before them, optionals with a 0 or 1 before them.
struct AggregateWriter {
    var bytes: [UInt8] = []

    mutating func write(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func write(signed value: Int64) { write(varint: UInt64(bitPattern: value << 1 ^ value >> 63)) }

    /// - Precondition: `count` is 0 or more.
    mutating func write(_ count: Int) { write(varint: UInt64(count)) }

    mutating func write(_ number: Double) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: number.bitPattern >> shift))
        }
    }

    mutating func write(bytes content: [UInt8]) {
        write(content.count)
        bytes += content
    }

    mutating func write(_ text: String) { write(bytes: Array(text.utf8)) }

    mutating func write<Value>(_ value: Value?, _ write: (inout AggregateWriter, Value) -> Void) {
        bytes.append(value == nil ? 0 : 1)
        if let value { write(&self, value) }
    }

    mutating func write<Value>(_ values: [Value], _ write: (inout AggregateWriter, Value) -> Void) {
        self.write(values.count)
        for value in values { write(&self, value) }
    }
}

/// Reads the fields of a stored aggregate; never beyond its bytes, whatever they claim.
struct AggregateReader {
    private let input: [UInt8]
    private var offset = 0

    init(_ input: [UInt8]) { self.input = input }

    var isAtEnd: Bool { offset == input.count }

    func malformed(_ message: String) -> AggregationError {
        AggregationError(.malformedAggregate, message, at: "byte \(offset)")
    }

    mutating func byte() throws(AggregationError) -> UInt8 {
        guard offset < input.count else { throw malformed("the aggregate ends too early") }
        defer { offset += 1 }
        return input[offset]
    }

    /// Only in the shortest form, so that equal aggregates have equal bytes.
    mutating func varint() throws(AggregationError) -> UInt64 {
        // Nearly every one is short.
        if offset < input.count, input[offset] < 0x80 {
            defer { offset += 1 }
            return UInt64(input[offset])
        }
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            let byte = try byte()
            guard shift < 63 || byte <= 1 else { break }
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 {
                guard byte != 0 || shift == 0 else { break }
                return value
            }
        }
        throw malformed("a number is too long")
    }

    mutating func signed() throws(AggregationError) -> Int64 {
        let zigzag = try varint()
        return Int64(bitPattern: zigzag >> 1) ^ -Int64(zigzag & 1)
    }

    mutating func count() throws(AggregationError) -> Int {
        guard let count = Int(exactly: try varint()) else { throw malformed("a count is beyond 63 bits") }
        return count
    }

    mutating func double() throws(AggregationError) -> Double {
        guard input.count - offset >= 8 else { throw malformed("the aggregate ends too early") }
        defer { offset += 8 }
        return input.withUnsafeBytes {
            Double(bitPattern: UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
        }
    }

    mutating func bytes() throws(AggregationError) -> [UInt8] {
        let length = try count()
        guard length <= input.count - offset else { throw malformed("the aggregate ends too early") }
        defer { offset += length }
        return Array(input[offset..<(offset + length)])
    }

    mutating func text() throws(AggregationError) -> String {
        let content = try bytes()
        guard let text = String(validating: content, as: UTF8.self) else { throw malformed("a text is not UTF-8") }
        return text
    }

    mutating func optional<Value>(
        _ read: (inout AggregateReader) throws(AggregationError) -> Value
    ) throws(AggregationError) -> Value? {
        switch try byte() {
        case 0: nil
        case 1: try read(&self)
        default: throw malformed("a value is neither there nor absent")
        }
    }

    mutating func array<Value>(
        _ read: (inout AggregateReader) throws(AggregationError) -> Value
    ) throws(AggregationError) -> [Value] {
        let length = try count()
        // Every element takes a byte or more, so a false length is found before memory is spent on it.
        guard length <= input.count - offset else { throw malformed("the aggregate ends too early") }
        var values: [Value] = []
        values.reserveCapacity(min(length, 64))
        for _ in 0..<length { values.append(try read(&self)) }
        return values
    }
}
