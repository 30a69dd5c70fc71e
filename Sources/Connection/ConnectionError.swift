#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Why the credentials for the broker could not be used.
package struct ConnectionError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        case unreadable
        /// Others on the machine can read a secret.
        case exposed
    }

    package let code: Code
    package let path: String
    package let message: String
    /// 0 when the system reported none.
    package let errno: Int32

    init(_ code: Code, _ path: String, _ message: String, _ errno: Int32) {
        self.code = code
        self.path = path
        self.message = message
        self.errno = errno
    }

    package var description: String {
        errno == 0 ? "\(path): \(message)" : "\(path): \(message): \(String(cString: strerror(errno)))"
    }
}
