/// A decimal number found in text: `21`, `-.5`, `+1.5e3`.
struct DecimalText {
    let isNegative: Bool
    /// Whether it has neither a point nor an exponent.
    let isWhole: Bool
    /// Whether an `e` stands where no digits of an exponent follow.
    let lacksExponent: Bool
    let start: Int
    /// The offset after its last byte.
    let end: Int
    private var digits = DecimalDigits()

    /// Reads the number that begins at `start` as far as it goes; nil when there is no digit.
    init?(_ bytes: UnsafeRawBufferPointer, at start: Int) {
        var cursor = start
        let sign = cursor < bytes.count ? bytes[cursor] : 0
        isNegative = sign == UInt8(ascii: "-")
        if isNegative || sign == UInt8(ascii: "+") { cursor += 1 }
        while cursor < bytes.count, bytes[cursor].isDigit {
            digits.append(bytes[cursor])
            cursor += 1
        }
        var isWhole = true
        if cursor < bytes.count, bytes[cursor] == UInt8(ascii: ".") {
            isWhole = false
            cursor += 1
            while cursor < bytes.count, bytes[cursor].isDigit {
                digits.append(bytes[cursor])
                digits.exponent -= 1
                cursor += 1
            }
        }
        guard digits.count > 0 else { return nil }
        var lacksExponent = false
        if cursor < bytes.count, bytes[cursor] | 0x20 == UInt8(ascii: "e") {
            isWhole = false
            cursor += 1
            let minus = cursor < bytes.count && bytes[cursor] == UInt8(ascii: "-")
            if minus || cursor < bytes.count && bytes[cursor] == UInt8(ascii: "+") { cursor += 1 }
            let first = cursor
            var exponent = 0
            while cursor < bytes.count, bytes[cursor].isDigit {
                exponent = min(exponent * 10 + Int(bytes[cursor] &- UInt8(ascii: "0")), 100_000)
                cursor += 1
            }
            lacksExponent = cursor == first
            digits.exponent += minus ? -exponent : exponent
        }
        self.isWhole = isWhole
        self.lacksExponent = lacksExponent
        self.start = start
        end = cursor
    }

    /// The number when `bytes` are one and nothing else; nil otherwise.
    init?(whole bytes: UnsafeRawBufferPointer) {
        guard let number = DecimalText(bytes, at: 0), number.end == bytes.count, !number.lacksExponent else {
            return nil
        }
        self = number
    }

    /// The nearest double; infinite beyond its range.
    ///
    /// - Parameter bytes: the bytes that it was read from.
    /// - Returns: the number.
    func double(in bytes: UnsafeRawBufferPointer) -> Double {
        if let exact = digits.exactDouble { return isNegative ? -exact : exact }
        // The standard library knows no locales.
        let text = String(decoding: UnsafeRawBufferPointer(rebasing: bytes[start..<end]), as: UTF8.self)
        return Double(text) ?? (isNegative ? -.infinity : .infinity)
    }

    /// The whole number; nil when it is none, or does not fit into 64 bits with a sign.
    var integer: Int64? { isWhole ? digits.integer(isNegative: isNegative) : nil }

    /// The number times `scale`, which must be a power of ten of at most 10⁹; digits that are too small to count are cut
    /// off. Nil when it does not fit, or has an exponent or too many digits.
    func fixed(_ scale: Int64) -> Int64? { digits.fixed(scale).map { isNegative ? -$0 : $0 } }
}

/// The digits of a decimal number, gathered from the left.
private struct DecimalDigits {
    /// The digits as a number; meaningless after `hasOverflown`.
    private var significand: UInt64 = 0
    private var hasOverflown = false
    private(set) var count = 0
    /// The power of ten to multiply with.
    var exponent = 0

    mutating func append(_ digit: UInt8) {
        count += 1
        let (tens, overflow) = significand.multipliedReportingOverflow(by: 10)
        let (sum, carry) = tens.addingReportingOverflow(UInt64(digit &- UInt8(ascii: "0")))
        hasOverflown = hasOverflown || overflow || carry
        significand = sum
    }

    /// The number as a double when one multiplication or division of two exact doubles gives it, and so rounds only
    /// once (W. D. Clinger, "How to read floating point numbers accurately", PLDI 1990).
    var exactDouble: Double? {
        guard !hasOverflown, significand <= 1 << 53, (-22...22).contains(exponent) else { return nil }
        let power = Self.powersOfTen[abs(exponent)]
        return exponent < 0 ? Double(significand) / power : Double(significand) * power
    }

    func integer(isNegative: Bool) -> Int64? {
        let limit = isNegative ? UInt64(Int64.max) + 1 : UInt64(Int64.max)
        guard !hasOverflown, significand <= limit else { return nil }
        return isNegative ? Int64(truncatingIfNeeded: 0 &- significand) : Int64(significand)
    }

    func fixed(_ scale: Int64) -> Int64? {
        guard !hasOverflown, (-18...9).contains(exponent) else { return nil }
        var value = UInt128(significand) * UInt128(scale)
        for _ in 0..<abs(exponent) { value = exponent < 0 ? value / 10 : value * 10 }
        return Int64(exactly: value)
    }

    private static let powersOfTen: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]
}
