/// Appends the fields of a serialised sketch.
struct SketchWriter {
    var bytes: [UInt8] = []

    mutating func write(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func write(_ value: Double) {
        for shift in stride(from: 0, to: 64, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> UInt64(shift)))
        }
    }

    mutating func write(_ digit: UInt32) {
        for shift in stride(from: 0, to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: digit >> UInt32(shift))) }
    }

    /// The number of buckets from the first to the last in use, the first one's index in zigzag form, and every count.
    mutating func write(_ store: BucketStore) {
        let (first, counts) = store.used
        write(varint: UInt64(counts.count))
        guard !counts.isEmpty else { return }
        write(varint: UInt64(bitPattern: Int64(first << 1 ^ first >> 63)))
        for count in counts { write(varint: UInt64(count)) }
    }
}
