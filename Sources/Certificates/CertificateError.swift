import CTLS

/// What is wrong with a certificate, a key or a request.
package struct CertificateError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        /// The file cannot be read, or holds nothing of the kind.
        case unreadable
        /// Others on the machine can read, or change, a secret.
        case exposed
        /// Certificate, key and CA are not of one another.
        case mismatched
        /// Its time is over, or has not come.
        case outdated
        /// A file is in the way, or cannot be made.
        case cannotCreate
        /// The cryptographic library failed.
        case failed
    }

    package let code: Code
    /// The file; nil where it is none's fault.
    package let path: String?
    /// What is wrong and what to do.
    package let message: String

    package init(_ code: Code, _ path: String?, _ message: String) {
        self.code = code
        self.path = path
        self.message = message
    }

    package var description: String { path.map { "\($0): \(message)" } ?? message }

    /// With the library's own words for its last failure, which are then forgotten: what stays in its queue would be taken for the fault
    /// of a later call.
    package static func library(_ doing: String, code: Code = .failed, path: String? = nil) -> CertificateError {
        let reason = ctls_reason(ERR_peek_last_error()).map { ": " + String(cString: $0) } ?? ""
        ERR_clear_error()
        return CertificateError(code, path, doing + reason)
    }
}
