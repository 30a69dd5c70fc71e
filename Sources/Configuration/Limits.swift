/// The least and the greatest value that a format accepts, written as a range: `1...247`, `1...` or `...247`.
package protocol Limits<Bound> {
    /// What is bounded.
    associatedtype Bound: Comparable
    /// The least value, where there is one.
    var lowest: Bound? { get }
    /// The greatest value, where there is one.
    var highest: Bound? { get }
}

extension ClosedRange: Limits {
    package var lowest: Bound? { lowerBound }
    package var highest: Bound? { upperBound }
}

extension PartialRangeFrom: Limits {
    package var lowest: Bound? { lowerBound }
    package var highest: Bound? { nil }
}

extension PartialRangeThrough: Limits {
    package var lowest: Bound? { nil }
    package var highest: Bound? { upperBound }
}

extension Limits {
    func contains(_ value: Bound) -> Bool {
        lowest.map { value >= $0 } ?? true && highest.map { value <= $0 } ?? true
    }

    /// What the limits demand, each printed by `text`: `at least 1`.
    func demand(_ text: (Bound) -> String) -> String {
        switch (lowest.map(text), highest.map(text)) {
        case (let lowest?, let highest?) where lowest == highest: lowest
        case (let lowest?, let highest?): "between \(lowest) and \(highest)"
        case (let lowest?, nil): "at least \(lowest)"
        case (nil, let highest?): "at most \(highest)"
        case (nil, nil): "anything"
        }
    }
}

extension ValueFormat where Value: Comparable {
    /// The same format within limits; `text` prints a limit as a user would write it.
    func within(_ limits: some Limits<Value>, text: (Value) -> String) -> ValueFormat {
        check("must be " + limits.demand(text), placeholder: limits.lowest ?? limits.highest) { limits.contains($0) }
    }
}
