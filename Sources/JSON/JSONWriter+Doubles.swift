extension JSONWriter {
    /// Writes a number in the shortest form that reads back as the same double: ECMAScript `Number::toString`
    /// (ECMA-262 section 6.1.6.1.20), as RFC 8785 section 3.2.2.3 demands. Negative zero is written `0`.
    ///
    /// JSON has no form for NaN and infinity. A caller that may hold one must leave it out or encode it in its own way;
    /// to pass one here is a programmer's error: an assertion in debug builds, `null` in release builds.
    package mutating func number(_ value: Double) {
        assert(value.isFinite, "JSON has no form for NaN and infinity")
        guard value.isFinite else { return null() }
        prepareForValue()
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        if !appendFixed(value.magnitude) { appendShortest(value.magnitude) }
    }

    /// Writes what most measured values are, a decimal of at most 15 significant digits and at most six after the
    /// point, about five times as fast as the general way. Returns whether it could.
    ///
    /// Correctness: when `digits / 10^places == value` in double arithmetic, the decimal `digits · 10^-places` reads
    /// as `value`, since the division of two exactly held numbers is correctly rounded. No two decimals of up to 15
    /// digits read as the same double, so this one is the shortest; the smallest `places` leaves no zero at its end.
    private mutating func appendFixed(_ value: Double) -> Bool {
        var scale = 1.0
        for places in 0...6 {
            let scaled = value * scale
            guard scaled < 1e15 else { return false }
            let digits = UInt64(scaled + 0.5)
            if Double(digits) / scale == value {
                let divisor = UInt64(scale)
                appendDigits(digits / divisor)
                if places > 0 { appendFraction(digits % divisor, places: places) }
                return true
            }
            scale *= 10
        }
        return false
    }

    private mutating func appendFraction(_ fraction: UInt64, places: Int) {
        bytes.append(UInt8(ascii: "."))
        var divisor: UInt64 = 1
        for _ in 1..<places { divisor *= 10 }
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: fraction / divisor % 10))
            divisor /= 10
        }
    }

    /// Writes any positive finite double: `k` digits with the decimal point after the `n`-th, the names of ECMA-262.
    private mutating func appendShortest(_ value: Double) {
        let decimal = ShortestDecimal(value)
        let k = decimal.digitCount
        let n = decimal.pointPosition
        switch n {
        case 1...21:
            for index in 0..<max(k, n) {
                if index == n { bytes.append(UInt8(ascii: ".")) }
                bytes.append(index < k ? decimal[index] : UInt8(ascii: "0"))
            }
        case -5...0:
            append("0.")
            for _ in n..<0 { bytes.append(UInt8(ascii: "0")) }
            for index in 0..<k { bytes.append(decimal[index]) }
        default:
            bytes.append(decimal[0])
            if k > 1 { bytes.append(UInt8(ascii: ".")) }
            for index in 1..<max(k, 1) { bytes.append(decimal[index]) }
            append(n > 0 ? "e+" : "e-")
            appendDigits(UInt64((n - 1).magnitude))
        }
    }
}
