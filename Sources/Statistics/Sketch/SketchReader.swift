/// Takes the fields of a serialised sketch apart; trusts nothing.
struct SketchReader {
    private let bytes: [UInt8]
    private var offset = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { offset == bytes.count }

    func malformed(_ message: String) -> StatisticsError {
        StatisticsError(.malformedSketch, "\(message); the bytes are damaged or not a sketch", at: "byte \(offset)")
    }

    mutating func byte() throws(StatisticsError) -> UInt8 {
        guard offset < bytes.count else { throw malformed("the sketch ends too early") }
        defer { offset += 1 }
        return bytes[offset]
    }

    /// A varint in its shortest form.
    private mutating func varint() throws(StatisticsError) -> UInt64 {
        // Nearly every count.
        if offset < bytes.count, bytes[offset] < 0x80 {
            defer { offset += 1 }
            return UInt64(bytes[offset])
        }
        var value: UInt64 = 0
        for shift in stride(from: 0, to: 64, by: 7) {
            let byte = try byte()
            let group = UInt64(byte & 0x7F)
            guard shift < 63 || group <= 1 else { throw malformed("a number is too large") }
            value |= group << UInt64(shift)
            if byte < 0x80 {
                guard byte > 0 || shift == 0 else { throw malformed("a number is not in its shortest form") }
                return value
            }
        }
        throw malformed("a number is too large")
    }

    mutating func varint(atMost limit: Int) throws(StatisticsError) -> Int {
        let value = try varint()
        guard value <= UInt64(limit) else { throw malformed("\(value) is above the largest value allowed, \(limit)") }
        return Int(value)
    }

    mutating func double() throws(StatisticsError) -> Double {
        Double(bitPattern: try littleEndian(UInt64.self))
    }

    mutating func digit() throws(StatisticsError) -> UInt32 {
        try littleEndian(UInt32.self)
    }

    private mutating func littleEndian<Number: FixedWidthInteger & BitwiseCopyable>(
        _ type: Number.Type
    ) throws(StatisticsError) -> Number {
        let size = MemoryLayout<Number>.size
        guard size <= bytes.count - offset else { throw malformed("the sketch ends too early") }
        defer { offset += size }
        return bytes.withUnsafeBytes {
            Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Number.self))
        }
    }

    /// A store; adds its counts to `total`.
    mutating func store(
        limit: Int, isCollapsed: Bool, mapping: LogarithmicMapping, total: inout Int
    ) throws(StatisticsError) -> BucketStore {
        let length = try varint(atMost: limit)
        guard !isCollapsed || length == limit else { throw malformed("a collapsed store does not fill its limit") }
        guard length > 0 else { return BucketStore(limit: limit) }
        guard length <= bytes.count - offset else { throw malformed("the sketch ends too early") }
        let zigzag = try varint()
        let first = Int(bitPattern: UInt(zigzag >> 1)) ^ -Int(zigzag & 1)
        let allowed = mapping.index(of: .leastNormalMagnitude)...mapping.index(of: .greatestFiniteMagnitude)
        guard allowed.contains(first), length - 1 <= allowed.upperBound - first else {
            throw malformed("a bucket lies outside the range of doubles")
        }
        var counts: [Int] = []
        counts.reserveCapacity(length)
        for _ in 0..<length {
            let count = try varint(atMost: Sketch.countLimit)
            guard total <= Sketch.countLimit - count else { throw malformed("the counts add up to more than 2^56") }
            total += count
            counts.append(count)
        }
        guard counts.first != 0, counts.last != 0 else {
            throw malformed("a store begins or ends with an empty bucket")
        }
        return BucketStore(limit: limit, first: first, counts: counts, isCollapsed: isCollapsed)
    }
}
