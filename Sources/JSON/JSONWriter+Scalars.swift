extension JSONWriter {
    /// Writes `true` or `false`.
    package mutating func bool(_ value: Bool) {
        prepareForValue()
        append(value ? "true" : "false")
    }

    /// Writes `null`.
    package mutating func null() {
        prepareForValue()
        append("null")
    }

    /// Writes an integer.
    package mutating func integer(_ value: Int) { integer(Int64(value)) }

    /// Writes an integer with all its digits.
    ///
    /// Many readers hold numbers as doubles: beyond ±2⁵³ give such readers a string instead (RFC 8259 section 6).
    package mutating func integer(_ value: Int64) {
        prepareForValue()
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        appendDigits(value.magnitude)
    }

    /// Writes an unsigned integer with all its digits.
    package mutating func integer(_ value: UInt64) {
        prepareForValue()
        appendDigits(value)
    }

    /// Writes bytes that already are one whole JSON value, unchecked and unchanged.
    package mutating func raw(_ value: [UInt8]) {
        assert(!value.isEmpty, "raw bytes must be one whole JSON value")
        prepareForValue()
        bytes.append(contentsOf: value)
    }

    mutating func appendDigits(_ value: UInt64) {
        // 20 digits hold UInt64.max.
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var first = digits.count
        var rest = value
        repeat {
            first -= 1
            digits[first] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        for index in first..<digits.count { bytes.append(digits[index]) }
    }

    mutating func append(_ ascii: StaticString) {
        ascii.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }
}
