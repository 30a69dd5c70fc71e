#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Why a key could not be made, read or used.
package struct SigningError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        /// The file cannot be read.
        case unreadable
        /// Everybody on the machine can use the key.
        case exposed
        /// The file holds no key, or one of another kind.
        case unusable
        /// The file cannot be made, or is there already.
        case cannotCreate
        /// The cryptographic library failed.
        case failed
        /// What was signed, or the signature, is not what it was.
        case invalidSignature
    }

    package let code: Code
    package let path: String?
    /// What is wrong and what to do.
    package let message: String

    init(_ code: Code, _ path: String? = nil, _ message: String, errno: Int32 = 0) {
        self.code = code
        self.path = path
        self.message = errno == 0 ? message : "\(message): \(String(cString: strerror(errno)))"
    }

    package var description: String { path.map { "\($0): \(message)" } ?? message }
}
