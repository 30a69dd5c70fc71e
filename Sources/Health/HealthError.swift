/// Why nobody can ask how the program is.
package struct HealthError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong and what to do.
    package let message: String
    /// The address in question.
    package let address: String

    init(_ message: String, _ address: HealthAddress) {
        self.message = message
        self.address = address.description
    }

    package var description: String { "\(address): \(message)" }
}
