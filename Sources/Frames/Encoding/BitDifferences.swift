/// Doubles by their differences in bits, after Gorilla (Pelkonen et al., VLDB 2015, section 4.1.2).
///
/// The first double takes 64 bits. Each later one is XORed with the one before: 0 is the bit 0. Else comes the bit 1,
/// and then, if the difference fits the window of bits used last, the bit 0 and that window; if not, the bit 1, five
/// bits for the number of leading zeros (at most 31), six for the window's width less one, and the window. Bits fill
/// bytes from the least significant; the window's bits come as a number, least significant first.
struct BitDifferences {
    private var leadingZeros = 64
    private var trailingZeros = 64

    /// Bytes that `doubles` (bit patterns) take.
    static func size(_ doubles: UnsafeBufferPointer<UInt64>) -> Int { (bits(doubles) + 7) / 8 }

    private static func bits(_ doubles: UnsafeBufferPointer<UInt64>) -> Int {
        var differences = BitDifferences()
        var bits = 64
        for index in 1..<doubles.count {
            let difference = doubles[index] ^ doubles[index - 1]
            if difference == 0 {
                bits += 1
            } else if differences.fits(difference) {
                bits += 2 + differences.width
            } else {
                differences.moveWindow(to: difference)
                bits += 13 + differences.width
            }
        }
        return bits
    }

    static func write(_ doubles: UnsafeBufferPointer<UInt64>, to writer: inout ByteWriter) {
        writer.appendBits(bits(doubles)) { bits in
            var differences = BitDifferences()
            bits.append(doubles[0], width: 64)
            for index in 1..<doubles.count {
                let difference = doubles[index] ^ doubles[index - 1]
                if difference == 0 {
                    bits.append(0, width: 1)
                    continue
                }
                if differences.fits(difference) {
                    bits.append(0b01, width: 2)
                } else {
                    differences.moveWindow(to: difference)
                    let window = differences.leadingZeros | (differences.width - 1) << 5
                    bits.append(0b11 | UInt64(window) << 2, width: 13)
                }
                bits.append(difference >> UInt64(differences.trailingZeros), width: differences.width)
            }
        }
    }

    private var width: Int { 64 - leadingZeros - trailingZeros }

    private func fits(_ difference: UInt64) -> Bool {
        difference.leadingZeroBitCount >= leadingZeros && difference.trailingZeroBitCount >= trailingZeros
    }

    private mutating func moveWindow(to difference: UInt64) {
        leadingZeros = min(31, difference.leadingZeroBitCount)
        trailingZeros = difference.trailingZeroBitCount
    }
}
