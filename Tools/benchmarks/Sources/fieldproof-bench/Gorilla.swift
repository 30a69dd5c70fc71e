/// Gorilla as published (Pelkonen et al., VLDB 2015, section 4.1), compact: one stream of bits a series, timestamps by the
/// difference of differences, values by XOR. Two departures: times are in nanoseconds and not in seconds, so that the
/// last bucket has 64 bits instead of 32; and a block begins with a whole time and value instead of with an aligned one.
struct Gorilla {
    private(set) var bytes: [UInt8] = []
    private var filled = 0
    private var position = 0

    init() {}

    init(reading bytes: [UInt8]) { self.bytes = bytes }

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        filled = 0
        position = 0
    }

    /// Most significant bit first, as in the paper.
    private mutating func put(_ number: UInt64, _ width: Int) {
        var left = width
        while left > 0 {
            if filled == 0 { bytes.append(0) }
            let count = min(8 - filled, left)
            let part =
                UInt8(truncatingIfNeeded: number >> UInt64(left - count)) & UInt8(truncatingIfNeeded: 1 << count - 1)
            bytes[bytes.count - 1] |= part << UInt8(8 - filled - count)
            filled = (filled + count) & 7
            left -= count
        }
    }

    private mutating func take(_ width: Int) -> UInt64 {
        var number: UInt64 = 0
        var left = width
        while left > 0 {
            let used = position & 7
            let count = min(8 - used, left)
            let part = bytes[position >> 3] >> UInt8(8 - used - count) & UInt8(truncatingIfNeeded: 1 << count - 1)
            number = number << UInt64(count) | UInt64(part)
            position += count
            left -= count
        }
        return number
    }

    mutating func append(times: [Int64]?, values: [UInt64]) {
        if let times { append(times) }
        put(values[0], 64)
        var leading = 64
        var trailing = 64
        for index in values.indices.dropFirst() {
            let difference = values[index] ^ values[index - 1]
            if difference == 0 {
                put(0, 1)
                continue
            }
            if difference.leadingZeroBitCount >= leading, difference.trailingZeroBitCount >= trailing {
                put(0b10, 2)
            } else {
                leading = min(31, difference.leadingZeroBitCount)
                trailing = difference.trailingZeroBitCount
                put(0b11, 2)
                put(UInt64(leading), 5)
                put(UInt64(64 - leading - trailing) & 63, 6)
            }
            put(difference >> UInt64(trailing), 64 - leading - trailing)
        }
    }

    private mutating func append(_ times: [Int64]) {
        put(UInt64(bitPattern: times[0]), 64)
        var delta: Int64 = 0
        for index in times.indices.dropFirst() {
            let next = times[index] - times[index - 1]
            let difference = next - delta
            delta = next
            switch difference {
            case 0: put(0, 1)
            case -63...64: put(0b10 << 7 | UInt64(difference + 63), 9)
            case -255...256: put(0b110 << 9 | UInt64(difference + 255), 12)
            case -2047...2048: put(0b1110 << 12 | UInt64(difference + 2047), 16)
            default:
                put(0b1111, 4)
                put(UInt64(bitPattern: difference), 64)
            }
        }
    }

    mutating func read(_ count: Int, hasTimes: Bool) -> (times: [Int64], values: [UInt64]) {
        var times: [Int64] = []
        if hasTimes { times = readTimes(count) }
        var values = [take(64)]
        values.reserveCapacity(count)
        var leading = 0
        var width = 0
        for _ in 1..<count {
            if take(1) == 0 {
                values.append(values[values.count - 1])
                continue
            }
            if take(1) == 1 {
                leading = Int(take(5))
                width = Int(take(6))
                if width == 0 { width = 64 }
            }
            values.append(values[values.count - 1] ^ take(width) << UInt64(64 - leading - width))
        }
        return (times, values)
    }

    private mutating func readTimes(_ count: Int) -> [Int64] {
        var times = [Int64(bitPattern: take(64))]
        times.reserveCapacity(count)
        var delta: Int64 = 0
        for _ in 1..<count {
            if take(1) == 1 {
                if take(1) == 0 {
                    delta += Int64(take(7)) - 63
                } else if take(1) == 0 {
                    delta += Int64(take(9)) - 255
                } else if take(1) == 0 {
                    delta += Int64(take(12)) - 2047
                } else {
                    delta += Int64(bitPattern: take(64))
                }
            }
            times.append(times[times.count - 1] + delta)
        }
        return times
    }

    /// The next stream begins at a byte.
    mutating func align() {
        filled = 0
        position = (position + 7) & ~7
    }
}
