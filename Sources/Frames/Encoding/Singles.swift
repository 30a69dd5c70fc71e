/// The integers of series that have only one in a frame, as a host's metrics mostly do: they have nothing in common but
/// that many are small, and some are multiples of a page or a sector.
///
/// Each takes as many bits as it has, the first of which is not written as it is 1, after their number. Those that are
/// multiples of 2^`shift` are told by a bit and written without the zeros.
struct Singles {
    /// In place of `head`: signed varints follow.
    static let varints: UInt8 = 0xFF
    static let isSigned: UInt8 = 0x08
    static let isShifted: UInt8 = 0x10
    static let widthBits: UInt8 = 0x07

    private(set) var head: UInt8
    private(set) var shift = 0
    /// Of what follows head and shift; 0 for varints.
    private(set) var bits = 0
    private(set) var size: Int

    /// Chooses the shortest form for `integers`, of which there are two at least.
    init(_ integers: UnsafeBufferPointer<Int64>) {
        head = Self.varints
        size = 1 + integers.reduce(0) { $0 + $1.signedVarintSize }
        consider(shift: 0, integers)
        if let shift = Self.shift(for: integers) { consider(shift: shift, integers) }
    }

    private mutating func consider(shift: Int, _ integers: UnsafeBufferPointer<Int64>) {
        let isSigned = integers.contains { $0 < 0 }
        var greatest = 0
        var bits = shift > 0 ? integers.count : 0
        for integer in integers {
            let width = Self.number(integer, shift, isSigned).number.bitCount
            greatest = max(greatest, width)
            bits += max(0, width - 1)
        }
        let widthBits = UInt64(greatest).bitCount
        bits += integers.count * widthBits
        let size = (shift > 0 ? 2 : 1) + (bits + 7) / 8
        guard size < self.size else { return }
        head = UInt8(widthBits) | (isSigned ? Self.isSigned : 0) | (shift > 0 ? Self.isShifted : 0)
        self.shift = shift
        self.bits = bits
        self.size = size
    }

    /// The shift that saves the most, if one saves anything.
    private static func shift(for integers: UnsafeBufferPointer<Int64>) -> Int? {
        var best: (shift: Int, bits: Int)?
        // Numbers that have so many zeros at their end, or more.
        for shift in 2...24 {
            let count = integers.count(where: { $0 != 0 && $0.trailingZeroBitCount >= shift })
            if count == 0 { break }
            let saved = count * shift - integers.count
            if saved > best?.bits ?? 0 { best = (shift, saved) }
        }
        return best?.shift
    }

    private static func number(
        _ integer: Int64, _ shift: Int, _ isSigned: Bool
    ) -> (number: UInt64, isShifted: Bool) {
        let isShifted = shift > 0 && integer.trailingZeroBitCount >= shift
        let integer = isShifted ? integer >> Int64(shift) : integer
        return (isSigned ? integer.zigzag : UInt64(bitPattern: integer), isShifted)
    }

    /// Writes `integers`, which must be those that the form was chosen for.
    func write(_ integers: UnsafeBufferPointer<Int64>, to writer: inout ByteWriter) {
        writer.bytes.append(head)
        guard head != Self.varints else {
            for integer in integers { writer.signedVarint(integer) }
            return
        }
        if shift > 0 { writer.bytes.append(UInt8(shift)) }
        let widthBits = Int(head & Self.widthBits)
        writer.appendBits(bits) { bits in
            for integer in integers {
                let (number, isShifted) = Self.number(integer, shift, head & Self.isSigned != 0)
                if shift > 0 { bits.append(isShifted ? 1 : 0, width: 1) }
                let width = number.bitCount
                bits.append(UInt64(width), width: widthBits)
                if width > 1 { bits.append(number & ((1 << UInt64(width - 1)) - 1), width: width - 1) }
            }
        }
    }
}
