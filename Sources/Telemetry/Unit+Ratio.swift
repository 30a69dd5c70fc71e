/// A positive factor as numerator and denominator, so that conversions between decimal units round once.
struct Ratio: Hashable, Sendable {
    let numerator: Double
    let denominator: Double

    init(_ numerator: Double, _ denominator: Double = 1) {
        guard let a = UInt64(exactly: numerator), let b = UInt64(exactly: denominator), a > 0, b > 0 else {
            self.numerator = numerator
            self.denominator = denominator
            return
        }
        // Both are exact integers here, and so is each divided by their common divisor.
        let divisor = Self.greatestCommonDivisor(a, b)
        self.numerator = Double(a / divisor)
        self.denominator = Double(b / divisor)
    }

    static let one = Ratio(1)

    var inverted: Ratio { Ratio(denominator, numerator) }

    func multiplied(by other: Ratio) -> Ratio {
        // Crosswise reduction first keeps the products small and thereby exact.
        let left = Ratio(numerator, other.denominator)
        let right = Ratio(other.numerator, denominator)
        return Ratio(left.numerator * right.numerator, right.denominator * left.denominator)
    }

    func divided(by other: Ratio) -> Ratio { multiplied(by: other.inverted) }

    func raised(to power: Int) -> Ratio {
        let base = power < 0 ? inverted : self
        return (0..<power.magnitude).reduce(.one) { product, _ in product.multiplied(by: base) }
    }

    func applied(to value: Double) -> Double { value * numerator / denominator }

    private static func greatestCommonDivisor(_ a: UInt64, _ b: UInt64) -> UInt64 {
        var (a, b) = (a, b)
        while b != 0 { (a, b) = (b, a % b) }
        return a
    }
}
