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

    /// Writes mantissas of one exponent for all of `values` to `mantissas`, and returns the least such exponent; nil
    /// when there is none.
    static func split(
        _ values: UnsafeBufferPointer<UInt64>, into mantissas: UnsafeMutableBufferPointer<Int64>
    ) -> Int? {
        var exponent = 0
        var power = powers[0]
        for index in values.indices {
            let value = Double(bitPattern: values[index])
            if let mantissa = mantissa(of: value, power: power) {
                mantissas[index] = mantissa
                continue
            }
            guard let raised = firstExponent(for: value, after: exponent) else { return nil }
            guard rescale(mantissas, count: index, by: raised.exponent - exponent) else { return nil }
            exponent = raised.exponent
            power = powers[exponent]
            mantissas[index] = raised.mantissa
        }
        return exponent
    }

    private static func firstExponent(for value: Double, after exponent: Int) -> (exponent: Int, mantissa: Int64)? {
        var candidate = exponent + 1
        while candidate <= greatestExponent {
            if let mantissa = mantissa(of: value, power: powers[candidate]) { return (candidate, mantissa) }
            candidate += 1
        }
        return nil
    }

    /// Multiplies by a power of ten; false when a product is beyond the greatest mantissa.
    static func rescale(_ mantissas: UnsafeMutableBufferPointer<Int64>, count: Int, by exponent: Int) -> Bool {
        let factor = integerPowers[exponent]
        let bound = greatestMantissa / factor
        for index in 0..<count {
            guard mantissas[index].magnitude <= bound else { return false }
            mantissas[index] *= factor
        }
        return true
    }
}
