import Telemetry

/// Why the agent, or a command of it, could not do what it was asked.
package struct AgentError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        /// The spool cannot be opened, read or written.
        case spool
        /// The spool has no room and nothing in it may be let go.
        case full
        /// The control socket cannot be used.
        case control
        /// The connection to the broker cannot be set up.
        case broker
        /// An input cannot be made from its settings.
        case input
        /// A rule of the pipeline cannot be applied: its key cannot be used.
        case pipeline
        /// Whose consent stands cannot be read or put on disk.
        case consent
        /// A later version of the agent wrote the spool, or a file beside it.
        case newerFormat
        /// No agent answers.
        case unavailable
        /// The agent refused a request.
        case refused
    }

    package let code: Code
    /// What is wrong and what to do.
    package let message: String
    /// The file or socket in question.
    package let path: String?

    package init(_ code: Code, _ message: String, path: String? = nil) {
        self.code = code
        self.message = message
        self.path = path
    }

    package var description: String {
        guard let path else { return message }
        return message.says(path) ? message : "\(path): \(message)"
    }
}
