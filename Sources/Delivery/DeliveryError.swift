/// Why a message of the delivery protocol was refused. Nothing was changed by it.
package struct DeliveryError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        /// The payload is not JSON, or larger than any message of the protocol.
        case notJSON
        /// A field is missing or has a value that it cannot have.
        case invalidField
        /// The message asks for something that this version does not know.
        case unknown
    }

    package let code: Code
    /// What is wrong and, where it is known, which field.
    package let message: String

    package init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }

    static func invalid(_ field: String, _ expectation: String) -> DeliveryError {
        DeliveryError(code: .invalidField, message: "field '\(field)' must be \(expectation)")
    }
}
