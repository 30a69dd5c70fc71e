/// Numbers as people read them: few digits, a unit, and never a rounding that hides on which side of a limit they lie.
enum Figure {
    /// What stands where there is no number.
    static let missing = "–"

    /// A measured value: four significant digits, or as many more as it takes to look different from each of `limits`.
    ///
    /// So a bound of 0.949996 against a limit of 0.95 is not "0.95". A value equal to a limit is written as it is.
    static func text(_ value: Double, limits: [Double] = []) -> String {
        guard let exact = Decimal(value) else { return missing }
        return spelled(exact.rounded(from: 4, unlike: limits.compactMap { Decimal($0) }) { $0.rounded(toDigits: $1) })
    }

    /// A share in percent with one decimal, or as many more as it takes to look different from none, from all, and from
    /// each of `limits`.
    static func percent(_ share: Double, limits: [Double] = []) -> String {
        guard let exact = Decimal(share)?.movingPoint(by: 2) else { return missing }
        let percentages = ([0, 1] + limits).compactMap { Decimal($0)?.movingPoint(by: 2) }
        return exact.rounded(from: 1, unlike: percentages) { $0.rounded(toPlace: -$1) }.plain() + "\u{202F}%"
    }

    /// A value that someone chose, such as a threshold: every digit of it.
    static func exact(_ value: Double) -> String {
        Decimal(value).map(spelled) ?? missing
    }

    /// A count, its digits parted in threes where there are five or more.
    static func count(_ value: some BinaryInteger) -> String {
        let digits = String(value.magnitude)
        var text = value < 0 ? "\u{2212}" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3), digits.count >= 5 { text += "\u{202F}" }
            text.append(digit)
        }
        return text
    }

    /// A count that may not be shared.
    static func count(_ value: Int?) -> String { value.map { count($0) } ?? missing }

    private static func spelled(_ decimal: Decimal) -> String {
        decimal.digits.isEmpty || (-5..<12).contains(decimal.exponent) ? decimal.plain() : decimal.scientific
    }
}

extension Decimal {
    /// Rounded to the coarsest `precision`, from `first` on, at which it does not look like one of `others`.
    fileprivate func rounded(
        from first: Int, unlike others: [Decimal], by rounding: (Decimal, _ precision: Int) -> Decimal
    ) -> Decimal {
        var precision = first
        var shown = rounding(self, precision)
        // A double has at most 17 significant digits, so this ends; small shares need more places than digits.
        while shown != self, others.contains(shown) {
            precision += 1
            shown = rounding(self, precision)
        }
        return shown
    }
}
