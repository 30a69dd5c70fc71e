/// How the values of a column are written; the raw value is the codec's number in the frame.
///
/// Numbers from 64 to 127 are kept free: 64 + n will be codec n, compressed with Zstandard (RFC 8878).
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
    /// A dictionary of texts, then indices.
    case text = 7

    var kind: ValueKind {
        switch self {
        case .integer: .integer
        case .decimal, .binary64, .binary32, .difference: .double
        case .boolean: .boolean
        case .text: .text
        }
    }
}

/// The cases of `Value` without their payloads, in the order in which columns of one series are given out.
enum ValueKind: UInt8 {
    case double = 0
    case integer, boolean, text
}
