/// A number with a unit behind it, in exact arithmetic: `1.5s`, `512 MiB`.
struct Measure {
    /// The digits without the point; 123 for 1.23.
    let digits: UInt64
    /// How many of them stand behind the point.
    let decimals: Int
    /// The letters behind the number.
    let unit: Substring

    /// Takes one off the front of `text`; nil when `text` does not begin with one, or has more than 18 digits.
    ///
    /// One space may stand between the number and the unit. There is no sign and no exponent.
    init?(from text: inout Substring) {
        let number = text.prefix { $0 == "." || $0.isASCII && $0.isWholeNumber }
        let parts = number.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        let joined = parts.joined()
        guard joined.count <= 18, let digits = UInt64(joined) else { return nil }
        var rest = text[number.endIndex...]
        if rest.first == " " { rest = rest.dropFirst() }
        self.digits = digits
        decimals = parts.count == 2 ? parts[1].count : 0
        unit = rest.prefix { !($0.isASCII && $0.isWholeNumber) && $0 != "." && $0 != " " }
        text = rest[unit.endIndex...]
    }

    /// The measure in steps of which one unit has `scale`; nil when that is not a whole number or does not fit.
    func times(_ scale: Int64) -> Int64? {
        var divisor: UInt128 = 1
        for _ in 0..<decimals { divisor *= 10 }
        // At most 10^18 × 2^63, which is below 2^123.
        let (quotient, remainder) = (UInt128(digits) * UInt128(scale)).quotientAndRemainder(dividingBy: divisor)
        return remainder == 0 ? Int64(exactly: quotient) : nil
    }
}
