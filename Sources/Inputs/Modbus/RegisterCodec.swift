#if Modbus

/// Which of the four tables of a device is read (Modbus Application Protocol V1.1b3, 4.3).
package enum RegisterKind: String, CaseIterable, Hashable, Sendable, Comparable {
    /// Function 1: bits that can be written.
    case coil
    /// Function 2: bits that can only be read.
    case discrete
    /// Function 4: registers of 16 bits that can only be read.
    case input
    /// Function 3: registers of 16 bits that can be written.
    case holding

    var isBit: Bool { self == .coil || self == .discrete }

    package static func < (a: RegisterKind, b: RegisterKind) -> Bool { a.rawValue < b.rawValue }
}

/// What stands in a register, or in several that follow each other.
package enum RegisterEncoding: String, CaseIterable, Hashable, Sendable {
    /// A coil or a discrete input; of a register, whether it is not 0.
    case bool
    case int16
    case uint16
    case int32
    case uint32
    case int64
    case uint64
    /// IEEE 754, 32 bits.
    case float32
    /// IEEE 754, 64 bits.
    case float64
    /// Four decimal digits, four bits each.
    case bcd16
    /// Eight decimal digits.
    case bcd32
    /// Two bytes of UTF-8 in each register, up to the first NUL.
    case text

    /// How many registers a value takes; 0 for text, whose length is a setting.
    var width: Int {
        switch self {
        case .bool, .int16, .uint16, .bcd16: 1
        case .int32, .uint32, .float32, .bcd32: 2
        case .int64, .uint64, .float64: 4
        case .text: 0
        }
    }

    var isFloat: Bool { self == .float32 || self == .float64 }
    var isUnsigned: Bool { self == .uint16 || self == .uint32 || self == .uint64 }
}

/// In which order a device sends the bytes of a value; `A` is the most significant one.
///
/// The specification orders the bytes within a register (`AB`) and says nothing of values in more than one, so that every
/// order is met in the field. The names are those of a value of four bytes; for eight, `CDAB` is the reversed order of
/// registers, `BADC` the reversed order of bytes in each, and `DCBA` both.
package enum RegisterOrder: String, CaseIterable, Hashable, Sendable {
    case abcd = "ABCD"
    case cdab = "CDAB"
    case badc = "BADC"
    case dcba = "DCBA"

    var swapsRegisters: Bool { self == .cdab || self == .dcba }
    var swapsBytes: Bool { self == .badc || self == .dcba }
}

/// What registers hold, before it is scaled.
enum RawReading: Equatable {
    case boolean(Bool)
    /// A whole number, with its pattern of bits for comparison with codes.
    case signed(Int64)
    case unsigned(UInt64)
    case real(Double)
    case text(String)
    /// Digits that are none, text that is not UTF-8.
    case nonsense
}

/// Turns registers into values.
struct RegisterCodec: Hashable, Sendable {
    let encoding: RegisterEncoding
    let order: RegisterOrder
    /// The bits that count; the value is shifted down to the lowest of them.
    let mask: UInt64?
    /// How many registers are read.
    let count: Int

    init(_ encoding: RegisterEncoding, order: RegisterOrder = .abcd, mask: UInt64? = nil, length: Int = 1) {
        self.encoding = encoding
        self.order = order
        self.mask = mask
        count = encoding == .text ? length : encoding.width
    }

    /// The value's bits, the most significant register first. Only for what is at most four registers long.
    func pattern(_ words: ArraySlice<UInt16>) -> UInt64 {
        var pattern: UInt64 = 0
        for index in 0..<words.count {
            let place = order.swapsRegisters ? words.endIndex - 1 - index : words.startIndex + index
            let word = words[place]
            pattern = pattern << 16 | UInt64(order.swapsBytes ? word.byteSwapped : word)
        }
        return pattern
    }

    /// What `words` hold, which are as many as ``count`` says; a coil or a discrete input is a word of 0 or 1.
    func decode(_ words: ArraySlice<UInt16>) -> RawReading {
        if encoding == .text { return text(words) }
        var bits = pattern(words)
        if let mask {
            bits = (bits & mask) >> UInt64(mask.trailingZeroBitCount)
            return encoding == .bool ? .boolean(bits != 0) : .unsigned(bits)
        }
        return switch encoding {
        case .bool: .boolean(bits != 0)
        case .int16: .signed(Int64(Int16(truncatingIfNeeded: bits)))
        case .int32: .signed(Int64(Int32(truncatingIfNeeded: bits)))
        case .int64: .signed(Int64(bitPattern: bits))
        case .uint16, .uint32, .uint64: .unsigned(bits)
        case .float32: .real(Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits))))
        case .float64: .real(Double(bitPattern: bits))
        case .bcd16, .bcd32: digits(bits)
        case .text: .nonsense
        }
    }

    private func digits(_ bits: UInt64) -> RawReading {
        var value: UInt64 = 0
        for place in (0..<count * 4).reversed() {
            let digit = bits >> UInt64(place * 4) & 0xF
            guard digit <= 9 else { return .nonsense }
            value = value * 10 + digit
        }
        return .unsigned(value)
    }

    private func text(_ words: ArraySlice<UInt16>) -> RawReading {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(words.count * 2)
        for word in words {
            let ordered = order.swapsBytes ? word.byteSwapped : word
            bytes.append(UInt8(truncatingIfNeeded: ordered >> 8))
            bytes.append(UInt8(truncatingIfNeeded: ordered))
        }
        let end = bytes.firstIndex(of: 0) ?? bytes.endIndex
        // Devices fill what is left with spaces.
        guard let text = String(validating: bytes[..<end], as: UTF8.self) else { return .nonsense }
        let last = text.lastIndex { $0 != " " }
        return .text(last.map { String(text[...$0]) } ?? "")
    }
}
#endif
