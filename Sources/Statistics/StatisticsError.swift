/// What a statistical function could not do, and what to change so that it can.
package struct StatisticsError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The families of failure; stable, for programs.
    package enum Code: String, Hashable, Sendable {
        /// A parameter lies outside the domain of the function.
        case invalidParameter
        /// A value that has no order (NaN) was given where order matters.
        case unorderedValue
        /// Two sketches with different settings cannot be merged.
        case incompatibleSketches
        /// A merged count would pass the largest count a sketch may hold.
        case countOverflow
        /// Bytes that are no serialised sketch.
        case malformedSketch
    }

    package let code: Code
    /// A sentence for a person: what is wrong and what is allowed.
    package let message: String
    /// The parameter's name, or the byte offset for ``Code/malformedSketch``.
    package let place: String

    package init(_ code: Code, _ message: String, at place: String) {
        self.code = code
        self.message = message
        self.place = place
    }

    package var description: String { "\(place): \(message)" }

    static func invalid(_ place: String, _ value: some CustomStringConvertible, must rule: String) -> StatisticsError {
        StatisticsError(.invalidParameter, "\(value) is not allowed; it must be \(rule)", at: place)
    }
}

/// Refuses a value that is not a finite number above zero.
func requirePositive(_ value: Double, _ name: String) throws(StatisticsError) {
    guard value > 0, value.isFinite else { throw .invalid(name, value, must: "a finite number above 0") }
}

/// Refuses a value outside the closed unit interval.
func requireProbability(_ value: Double, _ name: String) throws(StatisticsError) {
    guard value >= 0, value <= 1 else { throw .invalid(name, value, must: "between 0 and 1") }
}
