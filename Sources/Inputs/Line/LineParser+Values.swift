extension UnsafeRawBufferPointer {
    /// Reads a field's value.
    ///
    /// - Returns: nil when the bytes end inside a quoted text.
    func value(at index: inout Int) throws(LineProblem) -> LineValue? {
        guard index < count else { throw LineProblem("the field has no value", at: index) }
        switch self[index] {
        case UInt8(ascii: "\""): return try quotedText(at: &index)
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."):
            return try number(at: &index)
        case UInt8(ascii: "t"), UInt8(ascii: "T"), UInt8(ascii: "f"), UInt8(ascii: "F"):
            return .boolean(try boolean(at: &index))
        case UInt8(ascii: ","), UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"):
            throw LineProblem("the field has no value; leave the field out when there is none", at: index)
        default:
            throw LineProblem(Self.notAValue, at: index)
        }
    }

    private static let notAValue =
        "not a value; write a number, 1i, 1u, true, false or \"text\" in double quotes "
        + "(NaN and infinity have no form: leave the field out)"

    /// Reads text in double quotes; in it `\"` and `\\` stand for `"` and `\`, and a newline for itself.
    private func quotedText(at index: inout Int) throws(LineProblem) -> LineValue? {
        let start = index + 1
        var hasEscapes = false
        var cursor = start
        while cursor < count {
            switch self[cursor] {
            case UInt8(ascii: "\""):
                index = cursor + 1
                return .text(start..<cursor, hasEscapes: hasEscapes)
            case UInt8(ascii: "\\"):
                hasEscapes = true
                cursor += 2
            default:
                cursor += 1
            }
        }
        return nil
    }

    private func boolean(at index: inout Int) throws(LineProblem) -> Bool {
        var end = index
        while end < count, self[end] != UInt8(ascii: ","), !self[end].isBlank, !isLineEnd(end) { end += 1 }
        let word = UnsafeRawBufferPointer(rebasing: self[index..<end])
        for (spelling, value) in Self.booleans where word.isEqual(spelling) {
            index = end
            return value
        }
        throw LineProblem(Self.notAValue, at: index)
    }

    private static let booleans: [(StaticString, Bool)] = [
        ("true", true), ("false", false), ("t", true), ("f", false), ("T", true), ("F", false), ("True", true),
        ("False", false), ("TRUE", true), ("FALSE", false),
    ]

    /// Reads a float, or with `i` or `u` behind it a whole number.
    private func number(at index: inout Int) throws(LineProblem) -> LineValue {
        let start = index
        var cursor = index
        let isNegative = self[cursor] == UInt8(ascii: "-")
        if isNegative || self[cursor] == UInt8(ascii: "+") { cursor += 1 }
        var digits = DecimalDigits()
        while cursor < count, self[cursor].isDigit {
            digits.append(self[cursor])
            cursor += 1
        }
        if cursor < count, digits.count > 0 {
            let suffix = self[cursor]
            if suffix == UInt8(ascii: "i") || suffix == UInt8(ascii: "u") {
                index = cursor + 1
                return .integer(
                    try digits.integer(isNegative: isNegative, isUnsigned: suffix == UInt8(ascii: "u"), at: start))
            }
        }
        if cursor < count, self[cursor] == UInt8(ascii: ".") {
            cursor += 1
            while cursor < count, self[cursor].isDigit {
                digits.append(self[cursor])
                digits.exponent -= 1
                cursor += 1
            }
        }
        guard digits.count > 0 else { throw LineProblem(Self.notAValue, at: start) }
        if cursor < count, self[cursor] | 0x20 == UInt8(ascii: "e") {
            cursor += 1
            let minus = cursor < count && self[cursor] == UInt8(ascii: "-")
            if cursor < count, minus || self[cursor] == UInt8(ascii: "+") { cursor += 1 }
            let first = cursor
            var exponent = 0
            while cursor < count, self[cursor].isDigit {
                exponent = Swift.min(exponent * 10 + Int(self[cursor] &- UInt8(ascii: "0")), 100_000)
                cursor += 1
            }
            guard cursor > first else { throw LineProblem("the exponent has no digits", at: start) }
            digits.exponent += minus ? -exponent : exponent
        }
        index = cursor
        var value = digits.exactDouble ?? Self.nearestDouble(UnsafeRawBufferPointer(rebasing: self[start..<cursor]))
        if digits.exactDouble != nil, isNegative { value = -value }
        guard value.isFinite else {
            throw LineProblem("the number is beyond what a 64-bit float holds (about 1.8e308)", at: start)
        }
        return .double(value)
    }

    /// The double nearest to a number that is already known to be well formed. The standard library knows no locales.
    private static func nearestDouble(_ text: UnsafeRawBufferPointer) -> Double {
        Double(String(decoding: text, as: UTF8.self)) ?? .infinity
    }
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

    func integer(isNegative: Bool, isUnsigned: Bool, at start: Int) throws(LineProblem) -> Int64 {
        if isUnsigned, isNegative {
            throw LineProblem("an unsigned number cannot be negative; write 'i' behind it instead of 'u'", at: start)
        }
        let limit = isNegative ? UInt64(Int64.max) + 1 : UInt64(Int64.max)
        guard !hasOverflown, significand <= limit else {
            throw LineProblem(
                "the whole number does not fit into 64 bits with a sign; send it as a float, without the suffix",
                at: start)
        }
        return isNegative ? Int64(truncatingIfNeeded: 0 &- significand) : Int64(significand)
    }

    private static let powersOfTen: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20,
        1e21, 1e22,
    ]
}
