extension ByteReader {
    /// See `ByteWriter.varint(_:)`; only the shortest form of a number is accepted.
    mutating func varint() throws(FrameError) -> UInt64 {
        var number: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try byte()
            guard shift < 63 || byte <= 1 else { throw malformed("a number has more than 64 bits") }
            number |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 {
                guard byte != 0 || shift == 0 else { throw malformed("a number is longer than it needs to be") }
                return number
            }
            shift += 7
        }
    }

    mutating func signedVarint() throws(FrameError) -> Int64 { Int64(zigzag: try varint()) }

    /// A varint that counts things of which there can be `limit` at most.
    mutating func count(upTo limit: Int) throws(FrameError) -> Int {
        let count = try varint()
        guard count <= UInt64(limit) else { throw malformed("there is more than the header announces") }
        return Int(count)
    }

    /// Reads `count` numbers of `width` bits, from the least significant bit of the next byte to the end of a byte.
    @inline(__always)
    mutating func packed(
        _ count: Int, width: Int, _ body: (UInt64) -> Void
    ) throws(FrameError) {
        let range = try skip((count * width + 7) / 8)
        let isClean = bytes.withUnsafeBytes { bytes in
            var bits = BitReader(bytes, range)
            for _ in 0..<count { body(bits.next(width)) }
            return bits.paddingIsZero()
        }
        guard isClean else { throw malformed("unused bits are not zero") }
    }

    /// Appends the `count` (at least one) integers of a block, see `IntegerBlock`.
    mutating func block(_ count: Int, into integers: inout [Int64]) throws(FrameError) {
        if count == 1 { return integers.append(try signedVarint()) }
        let layout = try byte()
        let first = try signedVarint()
        switch layout {
        case 0:
            integers.append(contentsOf: repeatElement(first, count: count))
        case 1...64:
            try packed(count, width: Int(layout)) { integers.append(first &+ Int64(bitPattern: $0)) }
        case IntegerBlock.varintLayout:
            var last = first
            integers.append(last)
            for _ in 1..<count {
                last &+= try signedVarint()
                integers.append(last)
            }
        case IntegerBlock.stepLayout...(IntegerBlock.stepLayout + 64):
            let leastStep = try signedVarint()
            var last = first
            integers.append(last)
            try packed(count - 1, width: Int(layout - IntegerBlock.stepLayout)) {
                last &+= leastStep &+ Int64(bitPattern: $0)
                integers.append(last)
            }
        default: throw malformed("a block has no known layout")
        }
    }

    /// Appends `count` (at least one) doubles, see `BitDifferences`.
    mutating func differences(_ count: Int, into doubles: inout [Double]) throws(FrameError) {
        guard remaining >= 8 else { throw malformed("the bytes end too early") }
        let next = bytes.withUnsafeBytes { bytes -> Int? in
            var bits = BitReader(bytes, offset..<end)
            var last = bits.next(64)
            doubles.append(Double(bitPattern: last))
            var width = 0
            var trailingZeros = 0
            for _ in 1..<count {
                guard bits.remaining >= 1 else { return nil }
                if bits.next(1) == 1 {
                    guard bits.remaining >= 1 else { return nil }
                    if bits.next(1) == 1 {
                        guard bits.remaining >= 11 else { return nil }
                        let leadingZeros = Int(bits.next(5))
                        width = Int(bits.next(6)) + 1
                        trailingZeros = 64 - leadingZeros - width
                    }
                    // A window must have been set, and lie within 64 bits.
                    guard width > 0, trailingZeros >= 0, bits.remaining >= width else { return nil }
                    last ^= bits.next(width) << UInt64(trailingZeros)
                }
                doubles.append(Double(bitPattern: last))
            }
            return bits.paddingIsZero() ? bits.nextByte : nil
        }
        guard let next else { throw malformed("differences of doubles are cut off or contradict themselves") }
        _ = try skip(next - offset)
    }
}
