/// A finite number in decimal digits, rounded from the shortest text that reads back as the same double.
///
/// Rounding that text, instead of the binary value, gives what a person expects: 0.285 to two digits is 0.29, although
/// the double next to 0.285 lies a little below it.
struct Decimal: Equatable {
    var isNegative: Bool
    /// From the first that is not zero to the last that is not zero; empty for zero.
    var digits: [UInt8]
    /// The place of the first digit: 0 for ones, 1 for tens, -1 for tenths.
    var exponent: Int

    /// Nil for NaN and the infinities.
    init?(_ value: Double) {
        guard value.isFinite else { return nil }
        isNegative = value < 0
        digits = []
        exponent = 0
        let text = value.magnitude.description.utf8
        let mantissa = text.prefix { $0 != UInt8(ascii: "e") }
        let power = Int(String(decoding: text.dropFirst(mantissa.count + 1), as: UTF8.self)) ?? 0
        let whole = mantissa.prefix { $0 != UInt8(ascii: ".") }
        digits = (Array(whole) + Array(mantissa.dropFirst(whole.count + 1))).map { $0 - UInt8(ascii: "0") }
        exponent = whole.count - 1 + power
        normalize()
    }

    /// Rounded half away from zero so that nothing is left below the place `last` (0 for ones, -2 for hundredths).
    func rounded(toPlace last: Int) -> Decimal {
        let kept = exponent - last + 1
        guard kept < digits.count else { return self }
        var result = self
        result.digits = kept > 0 ? Array(digits[..<kept]) : []
        let roundsUp = kept >= 0 && digits[kept] >= 5
        if kept <= 0 { result.exponent = last }
        if roundsUp { result.increment(atPlace: last) }
        result.normalize()
        return result
    }

    /// Rounded to so many significant digits.
    func rounded(toDigits count: Int) -> Decimal {
        rounded(toPlace: exponent - count + 1)
    }

    /// Ten to the power of `places` times the number.
    func movingPoint(by places: Int) -> Decimal {
        var result = self
        if !digits.isEmpty { result.exponent += places }
        return result
    }

    /// The number without an exponent, with at least `places` digits after the point; digits before the point are
    /// parted in threes by `separator` where there are five or more of them (ISO 80000-1, 7.3.1).
    func plain(places: Int = 0, separator: String = "\u{202F}") -> String {
        func digit(_ place: Int) -> Character {
            let index = exponent - place
            let value = digits.indices.contains(index) ? digits[index] : 0
            return Character(Unicode.Scalar(value + UInt8(ascii: "0")))
        }
        let top = max(0, digits.isEmpty ? 0 : exponent)
        var text = isNegative && !digits.isEmpty ? "\u{2212}" : ""
        for place in stride(from: top, through: 0, by: -1) {
            text.append(digit(place))
            if place > 0, place.isMultiple(of: 3), top >= 4 { text += separator }
        }
        let decimals = max(places, digits.isEmpty ? 0 : digits.count - 1 - exponent)
        if decimals > 0 {
            text += "."
            for place in 1...decimals { text.append(digit(-place)) }
        }
        return text
    }

    /// The number as `1.25 × 10⁻⁹`, for magnitudes that would be a row of zeros.
    var scientific: String {
        var mantissa = self
        mantissa.exponent = 0
        let powers: [Character] = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"]
        let power = String(exponent).map { $0.wholeNumberValue.map { powers[$0] } ?? "⁻" }
        return mantissa.plain() + "\u{202F}×\u{202F}10" + String(power)
    }

    private mutating func increment(atPlace last: Int) {
        let width = exponent - last + 1
        while digits.count < width { digits.append(0) }
        if digits.isEmpty {
            digits = [1]
            exponent = last
            return
        }
        var index = width - 1
        while index >= 0 {
            if digits[index] < 9 {
                digits[index] += 1
                return
            }
            digits[index] = 0
            index -= 1
        }
        digits.insert(1, at: 0)
        exponent += 1
    }

    private mutating func normalize() {
        while digits.last == 0 { digits.removeLast() }
        let zeros = digits.prefix { $0 == 0 }.count
        digits.removeFirst(zeros)
        exponent -= zeros
        if digits.isEmpty {
            exponent = 0
            isNegative = false
        }
    }
}
