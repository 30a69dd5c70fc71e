import Telemetry

/// The major types of CBOR (RFC 8949, section 3.1).
enum MajorType: UInt8 {
    case unsigned = 0
    case negative, bytes, text, array, map, tag, simple
}

/// Writes deterministic CBOR (RFC 8949, section 4.2.1) and the byte forms of column payloads at the end of `bytes`.
struct ByteWriter {
    var bytes: [UInt8] = []

    mutating func head(_ major: MajorType, _ argument: UInt64) {
        let type = major.rawValue << 5
        switch argument {
        case 0..<24: bytes.append(type | UInt8(argument))
        case 24...0xFF:
            bytes.append(type | 24)
            bytes.append(UInt8(argument))
        case 0x100...0xFFFF:
            bytes.append(type | 25)
            bigEndian(UInt16(argument))
        case 0x1_0000...0xFFFF_FFFF:
            bytes.append(type | 26)
            bigEndian(UInt32(argument))
        default:
            bytes.append(type | 27)
            bigEndian(argument)
        }
    }

    mutating func unsigned(_ number: UInt64) { head(.unsigned, number) }

    mutating func integer(_ number: Int64) {
        if number >= 0 { head(.unsigned, UInt64(number)) } else { head(.negative, UInt64(bitPattern: ~number)) }
    }

    mutating func arrayHead(_ count: Int) { head(.array, UInt64(count)) }

    mutating func boolean(_ flag: Bool) { bytes.append(flag ? 0xF5 : 0xF4) }

    mutating func null() { bytes.append(0xF6) }

    mutating func text(_ text: String) {
        head(.text, UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    mutating func byteString(_ content: [UInt8]) {
        head(.bytes, UInt64(content.count))
        bytes.append(contentsOf: content)
    }

    mutating func byteString(_ content: UUIDBytes) {
        head(.bytes, 16)
        bigEndian(content.high)
        bigEndian(content.low)
    }

    /// The shortest of binary16, 32 and 64 that keeps the number to the bit; a NaN always as binary64, payload and all.
    mutating func float(_ number: Double) {
        let single = Float(number)
        guard !number.isNaN, Double(single) == number else {
            bytes.append(0xFB)
            return bigEndian(number.bitPattern)
        }
        if let half = HalfPrecision.bits(of: single) {
            bytes.append(0xF9)
            bigEndian(half)
        } else {
            bytes.append(0xFA)
            bigEndian(single.bitPattern)
        }
    }

    mutating func bigEndian(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func littleEndian(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }
}

extension ByteWriter {
    /// Base-128, least significant group first, the high bit set on all but the last byte (LEB128).
    mutating func varint(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func signedVarint(_ number: Int64) { varint(number.zigzag) }
}

extension Int64 {
    /// Signed numbers in the order 0, -1, 1, -2, 2 …, so that small ones of either sign are short.
    var zigzag: UInt64 { UInt64(bitPattern: self << 1 ^ self >> 63) }

    init(zigzag: UInt64) { self = Int64(bitPattern: zigzag >> 1) ^ -Int64(bitPattern: zigzag & 1) }

    /// Bytes of the number as a signed varint.
    var signedVarintSize: Int { zigzag.varintSize }
}

extension UInt64 {
    var bitCount: Int { UInt64.bitWidth - leadingZeroBitCount }

    /// Bytes of the number as a varint: its bits in groups of seven, at least one.
    var varintSize: Int { (bitCount * 9 + 64) >> 6 }
}

/// IEEE 754 binary16, which not every platform's Swift has as a type.
enum HalfPrecision {
    /// The bits of `number` as binary16, if that holds it exactly. `number` is not NaN.
    static func bits(of number: Float) -> UInt16? {
        let sign = UInt16(number.bitPattern >> 16) & 0x8000
        if number == 0 { return sign }
        if number.isInfinite { return sign | 0x7C00 }
        let exponent = Int(number.exponent)
        let fraction = number.significandBitPattern
        if (-14...15).contains(exponent) {
            guard fraction & 0x1FFF == 0 else { return nil }
            return sign | UInt16(exponent + 15) << 10 | UInt16(fraction >> 13)
        }
        // Subnormal: a whole multiple of 2^-24 below 2^-14.
        guard (-24..<(-14)).contains(exponent) else { return nil }
        let shift = UInt32(-1 - exponent)
        let significand = fraction | 1 << 23
        guard significand & (1 << shift - 1) == 0 else { return nil }
        return sign | UInt16(significand >> shift)
    }

    static func number(of bits: UInt16) -> Double {
        let exponent = Int(bits >> 10 & 0x1F)
        let fraction = Double(bits & 0x3FF)
        let magnitude: Double =
            switch exponent {
            case 0: fraction * 0x1p-24
            case 31: fraction == 0 ? .infinity : .nan
            default: Double(sign: .plus, exponent: exponent - 25, significand: 1024 + fraction)
            }
        return bits & 0x8000 == 0 ? magnitude : -magnitude
    }
}
