import Telemetry

/// Why an identity could not be read or written.
package struct InstallationError: Error, Hashable, Sendable, CustomStringConvertible {
    package let path: String
    /// What is wrong and what to do.
    package let message: String
    /// A later version of the program wrote it, in a format that this one does not know.
    package let isNewer: Bool

    init(_ path: String, _ message: String, isNewer: Bool = false) {
        self.path = path
        self.message = message
        self.isNewer = isNewer
    }

    package var description: String { message.says(path) ? message : "\(path): \(message)" }
}
