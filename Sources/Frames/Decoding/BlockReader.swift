/// Reads the integers of a column's series in turn: those of series with one sample come together before all others, see
/// `Singles`.
struct BlockReader {
    private var singles: [Int64] = []
    private var next = 0

    /// Reads the singles of a column in which `count` series have one sample.
    init(singles count: Int, from content: inout ByteReader) throws(FrameError) {
        guard count > 1 else { return }
        singles = Array(repeating: 0, count: count)
        let head = try content.byte()
        guard head != Singles.varints else {
            for index in singles.indices { singles[index] = try content.signedVarint() }
            return
        }
        let isShifted = head & Singles.isShifted != 0
        guard head < 2 * Singles.isShifted else { throw content.malformed("single integers are in no known form") }
        let shift = try isShifted ? content.byte() : 0
        guard shift < 64, !isShifted || shift > 0 else {
            throw content.malformed("integers are shifted by 1 to 63 bits")
        }
        let widthBits = Int(head & Singles.widthBits)
        let isSigned = head & Singles.isSigned != 0
        guard (count * (widthBits + (isShifted ? 1 : 0)) + 7) / 8 <= content.remaining else {
            throw content.malformed("the bytes end too early")
        }
        try content.bits { bits in
            for index in singles.indices {
                let isMultiple = isShifted && bits.nextShort(1) == 1
                let width = Int(bits.nextShort(widthBits))
                guard width <= (isSigned ? 64 : 63) else { return false }
                let number: UInt64 = width < 2 ? UInt64(width) : bits.next(width - 1) | 1 << UInt64(width - 1)
                let integer = isSigned ? Int64(zigzag: number) : Int64(bitPattern: number)
                singles[index] = isMultiple ? integer << Int64(shift) : integer
            }
            return true
        }
    }

    /// Reads the integers of the next series.
    mutating func read(
        _ integers: UnsafeMutableBufferPointer<Int64>, from content: inout ByteReader
    ) throws(FrameError) {
        guard integers.count == 1, !singles.isEmpty else { return try content.block(integers) }
        integers[0] = singles[next]
        next += 1
    }
}
