import JSON
import Scenarios
import Telemetry

/// Members of a summary or a plan; null for what cannot be told.
extension JSONValue {
    /// The word that stands for the verdict of a criterion which takes no part in one.
    static let descriptive = "descriptive"

    static func verdict(_ verdict: Verdict?) -> JSONValue { .string(verdict?.rawValue ?? descriptive) }

    static func time(_ time: Timestamp) -> JSONValue { .string(time.description) }

    /// A whole number, at most 2^63 − 1.
    static func count(_ count: some BinaryInteger) -> JSONValue { .integer(Int64(clamping: count)) }

    static func orNull(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }

    static func orNull(_ count: Int?) -> JSONValue { count.map { .integer(Int64($0)) } ?? .null }

    /// Null too for what is no finite number.
    static func orNull(_ number: Double?) -> JSONValue {
        guard let number, number.isFinite else { return .null }
        return .double(number)
    }
}
