/// Doubles that are short decimals, which is what most sensors print.
///
/// A double v is the decimal m · 10^-e when dividing m by 10^e gives v to the bit. Both are exact doubles, as |m| ≤
/// 2^53 and e ≤ 15, and IEEE 754 division rounds correctly; so v is *the* double nearest to that decimal, and the same
/// division gives it back on every machine. -0.0, the infinities and NaNs are not decimals.
enum Decimal {
    static let greatestExponent = 15
    static let greatestMantissa: Int64 = 1 << 53

    static let powers: [Double] = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15]
    static let integerPowers: [Int64] = (0...15).map { exponent in (0..<exponent).reduce(1) { power, _ in power * 10 } }

    @inline(__always)
    static func value(mantissa: Int64, power: Double) -> Double { Double(mantissa) / power }

    /// The mantissa of `value` at an exponent whose power of ten is `power`; nil when there is none below 2^51.
    @inline(__always)
    static func mantissa(of value: Double, power: Double) -> Int64? {
        let scaled = value * power
        guard scaled.magnitude < 0x1p51 else { return nil }
        // Adding 1.5 · 2^52 leaves no bits for a fraction, so the sum is rounded to the nearest integer.
        let mantissa = Int64((scaled + 0x1.8p52) - 0x1.8p52)
        guard (Double(mantissa) / power).bitPattern == value.bitPattern else { return nil }
        return mantissa
    }

    /// The mantissa at the least exponent from `exponent` on, which that is set to; nil when there is none.
    static func shortest(_ value: Double, _ exponent: inout Int) -> Int64? {
        var candidate = exponent
        while candidate <= greatestExponent {
            if let mantissa = mantissa(of: value, power: powers[candidate]) {
                exponent = candidate
                return mantissa
            }
            candidate += 1
        }
        return nil
    }

    /// Writes mantissas of one exponent for `values` to `mantissas`, and returns the least such exponent; nil when there
    /// is none. The few values that are no decimals are appended to `patches`, and get the mantissa before theirs.
    static func split(
        _ values: UnsafeBufferPointer<UInt64>, into mantissas: UnsafeMutableBufferPointer<Int64>,
        _ patches: inout [Patch]
    ) -> Int? {
        var exponent = 0
        var index = 0
        var patchCount = 0
        while true {
            let power = powers[exponent]
            while index < values.count {
                guard let mantissa = mantissa(of: Double(bitPattern: values[index]), power: power) else { break }
                mantissas[index] = mantissa
                index += 1
            }
            if index == values.count { return exponent }
            var raised = exponent
            if let mantissa = shortest(Double(bitPattern: values[index]), &raised),
                rescale(mantissas, count: index, by: raised - exponent)
            {
                exponent = raised
                mantissas[index] = mantissa
            } else {
                patchCount += 1
                guard patchCount <= 2 + index / 8 else { return nil }
                patches.append(Patch(place: index, bits: values[index]))
                mantissas[index] = index == 0 ? 0 : mantissas[index - 1]
            }
            index += 1
        }
    }

    /// Multiplies by a power of ten; false when a product is beyond the greatest mantissa.
    static func rescale(_ mantissas: UnsafeMutableBufferPointer<Int64>, count: Int, by exponent: Int) -> Bool {
        let factor = integerPowers[exponent]
        let bound = greatestMantissa / factor
        for index in 0..<count where mantissas[index].magnitude > bound { return false }
        for index in 0..<count { mantissas[index] *= factor }
        return true
    }
}
