import Telemetry

/// Why an identity could not be read or written.
package struct InstallationError: Error, Hashable, Sendable, CustomStringConvertible {
    package let path: String
    /// What is wrong and what to do.
    package let message: String

    init(_ path: String, _ message: String) {
        self.path = path
        self.message = message
    }

    package var description: String { message.says(path) ? message : "\(path): \(message)" }
}
