/// How the values of a column are written; the raw value is the codec's number in the frame.
///
/// A column whose payload is compressed with Zstandard (RFC 8878) has `compressed` added to that number.
enum Codec: UInt8, CaseIterable {
    /// Integer blocks of signed integers.
    case integer = 1
    /// Doubles that are m · 10^-e: the exponents e, then integer blocks of m.
    case decimal = 2
    /// Doubles as IEEE 754 binary64, little-endian.
    case binary64 = 3
    /// Doubles that are binary32 values, as those, little-endian.
    case binary32 = 4
    /// Doubles as differences in bits (Gorilla: Pelkonen et al., VLDB 2015, section 4.1.2).
    case difference = 5
    /// One bit each.
    case boolean = 6
    /// A dictionary of texts, then integer blocks of indices.
    case text = 7
    /// As `decimal`, but for some doubles, which are given to the bit (after ALP: Afroozeh et al., SIGMOD 2024).
    case patchedDecimal = 8
    /// Integer blocks of the bits of doubles, made integers of the same order.
    case ordered = 9
    /// The distinct doubles of each series, then integer blocks of indices.
    case doubleDictionary = 10
    /// The distinct integers of each series, then integer blocks of indices.
    case integerDictionary = 11
    /// Integer blocks of 0 and 1.
    case booleanBlock = 12

    /// Added to the number of a codec whose payload is compressed.
    static let compressed: UInt8 = 64

    /// Whether all of it are blocks, whose bits are packed as closely as they go.
    var isPacked: Bool {
        switch self {
        case .integer, .decimal, .patchedDecimal, .ordered, .doubleDictionary, .integerDictionary, .booleanBlock: true
        case .binary64, .binary32, .difference, .boolean, .text: false
        }
    }

    var kind: ValueKind {
        switch self {
        case .integer, .integerDictionary: .integer
        case .decimal, .binary64, .binary32, .difference, .patchedDecimal, .ordered, .doubleDictionary: .double
        case .boolean, .booleanBlock: .boolean
        case .text: .text
        }
    }
}

/// The cases of `Value` without their payloads, in the order in which columns of one series are given out.
enum ValueKind: UInt8 {
    case double = 0
    case integer, boolean, text
}

/// The bits of doubles as integers that ascend as the doubles do, so that a smooth signal has small steps.
///
/// Negative doubles become minus the bits without the sign, which keeps the zeros at their end: values of binary32 and
/// of analogue converters are multiples of a unit. That leaves no place for -0.0 but the least integer.
enum OrderedBits {
    @inline(__always)
    static func integer(of bits: UInt64) -> Int64 { mirrored(Int64(bitPattern: bits)) }

    @inline(__always)
    static func bits(of integer: Int64) -> UInt64 { UInt64(bitPattern: mirrored(integer)) }

    @inline(__always)
    private static func mirrored(_ number: Int64) -> Int64 {
        number >= 0 || number == .min ? number : .min &- number
    }
}
