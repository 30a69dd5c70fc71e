/// Why evidence could not be folded, judged, written or read.
package struct AggregationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The families of failure; stable, for programs.
    package enum Code: String, Hashable, Sendable {
        /// A frame was given that belongs to another site, or to a stream that has not begun.
        case foreignFrame
        /// More values than a sketch may hold.
        case tooManyValues
        /// The definition asks for a statistic outside its domain.
        case invalidStatistic
        /// Bytes that are no run aggregate.
        case malformedAggregate
        /// JSON that is no summary.
        case malformedSummary
        /// Two summaries that are not about the same.
        case incomparable
    }

    package let code: Code
    /// A sentence for a person: what is wrong and what to do.
    package let message: String
    /// Where: a stream, a metric, a byte offset, or the path of a JSON member such as `criteria[2].lower`.
    package let place: String

    package init(_ code: Code, _ message: String, at place: String) {
        self.code = code
        self.message = message
        self.place = place
    }

    package var description: String { place.isEmpty ? message : "\(place): \(message)" }
}
