/// How a channel's number lies in a scan: `[be|le]:[f|s|u]bits/storagebits[Xrepeat][>>shift]` (kernel documentation,
/// driver-api/iio/buffers, and ABI/testing/sysfs-bus-iio, `in_*_type`).
struct IIOScanType: Hashable {
    enum Number: Character {
        case float = "f"
        case signed = "s"
        case unsigned = "u"
    }

    let isBigEndian: Bool
    let number: Number
    /// Bits that count, after shifting.
    let bits: Int
    /// Bytes that one number takes: 1, 2, 4 or 8.
    let width: Int
    /// How many numbers stand one behind the other, such as the four of a quaternion.
    let count: Int
    let shift: Int

    /// Nil for text that is no such type, or one that no number of ours can hold.
    init?(_ text: some StringProtocol) {
        let halves = text.split(separator: ":", omittingEmptySubsequences: false)
        guard halves.count == 2, halves[0] == "le" || halves[0] == "be", let first = halves[1].first,
            let number = Number(rawValue: first)
        else { return nil }
        var rest = Substring(halves[1].dropFirst())
        guard let bits = Self.number(&rest), Self.take("/", &rest), let storage = Self.number(&rest) else { return nil }
        let count = Self.take("X", &rest) ? Self.number(&rest) : 1
        let shift = Self.take(">>", &rest) ? Self.number(&rest) : 0
        guard let count, let shift, rest.isEmpty, [8, 16, 32, 64].contains(storage), (1...storage).contains(bits),
            (1...64).contains(count), shift + bits <= storage
        else { return nil }
        if number == .float {
            // Half precision is left to chips that are yet to come.
            guard bits == storage, bits == 32 || bits == 64, shift == 0 else { return nil }
        }
        isBigEndian = halves[0] == "be"
        self.number = number
        self.bits = bits
        self.count = count
        self.shift = shift
        width = storage / 8
    }

    private static func number(_ text: inout Substring) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        text = text[digits.endIndex...]
        return Int(digits)
    }

    private static func take(_ mark: String, _ text: inout Substring) -> Bool {
        guard text.hasPrefix(mark) else { return false }
        text = text.dropFirst(mark.count)
        return true
    }

    /// The bytes that all its numbers take, to which the kernel aligns them.
    var size: Int { width * count }

    /// The integer at `offset`, shifted, and extended by its sign if it has one.
    func integer(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Int64 {
        let pattern = pattern(bytes, at: offset) >> UInt64(shift)
        let spare = 64 - UInt64(bits)
        return number == .signed
            ? Int64(bitPattern: pattern << spare) >> Int64(spare) : Int64(bitPattern: (pattern << spare) >> spare)
    }

    func value(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Double {
        switch number {
        case .signed: Double(integer(bytes, at: offset))
        case .unsigned: Double(UInt64(bitPattern: integer(bytes, at: offset)))
        case .float where width == 4: Double(Float(bitPattern: UInt32(truncatingIfNeeded: pattern(bytes, at: offset))))
        case .float: Double(bitPattern: pattern(bytes, at: offset))
        }
    }

    private func pattern(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> UInt64 {
        var pattern: UInt64 = 0
        for index in 0..<width {
            pattern = pattern << 8 | UInt64(bytes[offset + (isBigEndian ? index : width - 1 - index)])
        }
        return pattern
    }
}

/// Where each channel's numbers lie in a scan.
struct IIOScanLayout: Hashable {
    /// Bytes from the beginning of a scan, in the order of the types given.
    let offsets: [Int]
    /// Bytes of a whole scan.
    let size: Int

    /// - Parameter types: of the channels that are switched on, in the order of their indices. Each is aligned to its own size, and
    ///   the whole to the largest of them, so that the next scan is aligned too.
    init(_ types: [IIOScanType]) {
        func aligned(_ place: Int, to size: Int) -> Int { (place + size - 1) / size * size }
        var (place, largest) = (0, 1)
        offsets = types.map { type in
            let offset = aligned(place, to: type.size)
            place = offset + type.size
            largest = max(largest, type.size)
            return offset
        }
        size = aligned(place, to: largest)
    }
}
