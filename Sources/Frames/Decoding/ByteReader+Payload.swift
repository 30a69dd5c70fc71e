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

    /// Reads bits from the least significant of the next byte to the end of a byte, by `body`, which says whether what
    /// it found is right. It may read past the end; what it found is then refused.
    @inline(__always)
    mutating func bits(_ body: (inout BitReader) -> Bool) throws(FrameError) {
        let range = offset..<end
        let next = bytes.withUnsafeBytes { bytes -> Int? in
            guard var bits = BitReader(bytes, range), body(&bits), bits.isWithin, bits.paddingIsZero else { return nil }
            return bits.nextByte
        }
        guard let next else { throw malformed("bits are cut off, contradict themselves, or are left over") }
        _ = try skip(next - offset)
    }

    /// Reads `numbers.count` numbers of `width` bits. They are counted against the bytes before any is read.
    @inline(__always)
    mutating func packed<Number>(
        _ numbers: UnsafeMutableBufferPointer<Number>, width: Int, _ number: (UInt64) -> Number
    ) throws(FrameError) {
        guard (numbers.count * width + 7) / 8 <= remaining else { throw malformed("the bytes end too early") }
        try bits { bits in
            if width <= 56 {
                for index in numbers.indices { numbers[index] = number(bits.nextShort(width)) }
            } else {
                for index in numbers.indices { numbers[index] = number(bits.next(width)) }
            }
            return true
        }
    }

    /// Reads doubles, see `BitDifferences`.
    mutating func differences(_ doubles: UnsafeMutableBufferPointer<Double>) throws(FrameError) {
        // One bit each at least, and 64 for the first.
        guard 8 + (doubles.count - 1 + 7) / 8 <= remaining else { throw malformed("the bytes end too early") }
        try bits { bits in
            var last = bits.next(64)
            doubles[0] = Double(bitPattern: last)
            var width = 0
            var trailingZeros = 0
            for index in 1..<doubles.count {
                if bits.nextShort(1) == 1 {
                    if bits.nextShort(1) == 1 {
                        let leadingZeros = Int(bits.nextShort(5))
                        width = Int(bits.nextShort(6)) + 1
                        trailingZeros = 64 - leadingZeros - width
                    }
                    // A window must have been set, and lie within 64 bits.
                    guard width > 0, trailingZeros >= 0 else { return false }
                    last ^= bits.next(width) << UInt64(trailingZeros)
                }
                doubles[index] = Double(bitPattern: last)
            }
            return true
        }
    }
}
