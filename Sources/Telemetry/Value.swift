/// What was measured or seen.
package enum Value: Hashable, Sendable {
    /// A number as a sensor gives it; NaN and the infinities are values too and are kept to the bit.
    case double(Double)
    /// A count, or a number that is an integer by nature.
    case integer(Int64)
    /// A state of two.
    case boolean(Bool)
    /// A state with a name, an error text.
    case text(String)

    /// The value as a number for statistics: booleans are 0 and 1, text has none.
    package var number: Double? {
        switch self {
        case .double(let value): value
        case .integer(let value): Double(value)
        case .boolean(let value): value ? 1 : 0
        case .text: nil
        }
    }

    /// Equality to the bit: unlike `==`, a NaN is identical to the same NaN, and 0.0 is not identical to -0.0.
    package func isIdentical(to other: Value) -> Bool {
        if case .double(let a) = self, case .double(let b) = other { return a.bitPattern == b.bitPattern }
        return self == other
    }
}

/// What is wrong with a sample, if anything; the empty set is a good sample.
package struct Quality: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Taken while the box did not know the time.
    package static let clockUnsynchronised = Quality(rawValue: 1)
    /// Outside the range that the sensor's provenance states.
    package static let outOfRange = Quality(rawValue: 2)
    /// The sensor's calibration has expired.
    package static let calibrationExpired = Quality(rawValue: 4)
    /// The device did not answer, or answered nonsense; the value is the last known or a substitute.
    package static let unreliable = Quality(rawValue: 8)

    /// Names of the set flags, in a fixed order, as they appear in SenML's `q`.
    package var names: [String] {
        let known: [(Quality, String)] = [
            (.clockUnsynchronised, "clock-unsynchronised"), (.outOfRange, "out-of-range"),
            (.calibrationExpired, "calibration-expired"), (.unreliable, "unreliable"),
        ]
        return known.compactMap { contains($0.0) ? $0.1 : nil }
    }
}
