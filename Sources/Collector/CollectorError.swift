/// Why the collector, or a command of it, could not do what it was asked.
package struct CollectorError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        /// The archive cannot be opened, read or written.
        case archive
        /// A later version of the collector wrote the archive.
        case newerFormat
        /// There is no such scenario, or its directory cannot be read.
        case scenario
        /// The store has not caught up with what is asked.
        case notReady
        /// The broker does not answer, or nobody listens.
        case unavailable
        /// The broker refused.
        case refused
    }

    package let code: Code
    /// What is wrong and what to do.
    package let message: String
    package let path: String?

    package init(_ code: Code, _ message: String, path: String? = nil) {
        self.code = code
        self.message = message
        self.path = path
    }

    package var description: String {
        guard let path else { return message }
        return message.contains(path) ? message : "\(path): \(message)"
    }
}
