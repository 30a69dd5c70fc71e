package import Certificates

/// Why the credentials for the broker could not be used.
package struct ConnectionError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        case unreadable
        /// Others on the machine can read or change a secret.
        case exposed
        /// Certificate and key are not of one another, or not for a client.
        case unusable
    }

    package let code: Code
    package let path: String?
    package let message: String

    package init(_ error: CertificateError) {
        code =
            switch error.code {
            case .exposed: .exposed
            case .mismatched, .outdated: .unusable
            case .unreadable, .cannotCreate, .failed: .unreadable
            }
        path = error.path
        message = error.message
    }

    package var description: String { path.map { "\($0): \(message)" } ?? message }
}
