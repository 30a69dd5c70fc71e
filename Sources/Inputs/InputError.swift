/// Why an input cannot run.
package struct InputError: Error, Hashable, CustomStringConvertible {
    /// The kind of trouble, for the caller to act on.
    package enum Code: String, Hashable, Sendable {
        /// The settings contradict each other; a restart does not help.
        case settings
        /// Another program holds the address or the device.
        case occupied
        /// The address, the directory or the device is not there.
        case absent
        /// The agent lacks a permission.
        case notPermitted
        /// The system refused for another reason.
        case system
    }

    package let code: Code
    /// The name of the input, as in the configuration.
    package let input: String
    /// What is wrong and what to do.
    package let message: String
    /// The system's own number for it (`errno`), if the system said it.
    package let cause: Int32?

    package init(_ code: Code, input: String, _ message: String, cause: Int32? = nil) {
        self.code = code
        self.input = input
        self.message = message
        self.cause = cause
    }

    /// `input 'line': message (system's words)`.
    package var description: String {
        let reason = cause.map { " (\(systemMessage($0)))" } ?? ""
        return "input '\(input)': \(message)\(reason)"
    }
}
