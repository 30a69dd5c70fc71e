import CTLS

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// What a server says last, on a connection that another library has given up.
///
/// A server that refuses a certificate says why in an alert and closes. It closes with the rest of the client's words unread, so the connection
/// is reset, and a client that is about to write meets the reset before it has read the alert, which lies in its socket all the same. libmosquitto
/// closes the socket then. This keeps the TLS session and the socket a little longer.
package struct LastWord: ~Copyable {
    private let session: OpaquePointer
    private let descriptor: Int32

    /// Of a session (`SSL *`) on a socket, both of which stay their owner's; but after ``read()`` the session reads and writes nothing more.
    ///
    /// - Returns: nil when there is no session yet, or no descriptor to be had.
    package init?(session: UnsafeMutableRawPointer?, socket: Int32) {
        guard let session, socket >= 0 else { return nil }
        let duplicate = fcntl(socket, F_DUPFD_CLOEXEC, 0)
        guard duplicate >= 0 else { return nil }
        self.session = OpaquePointer(session)
        descriptor = duplicate
        SSL_up_ref(self.session)
    }

    deinit {
        SSL_free(session)
        close(descriptor)
    }

    /// Reads what has come and was not read.
    ///
    /// - Returns: OpenSSL's words for an alert, such as `error:0A000414:SSL routines::sslv3 alert certificate revoked`; nil when there is none.
    package consuming func read() -> String? {
        ERR_clear_error()
        defer { ERR_clear_error() }
        // What this side still has to say goes nowhere, and so cannot fail before the alert is read.
        guard let source = BIO_new_socket(descriptor, BIO_NOCLOSE) else { return nil }
        guard let sink = BIO_new(BIO_s_null()) else {
            BIO_free(source)
            return nil
        }
        SSL_set_bio(session, source, sink)
        // The descriptor is closed after this, and its number soon another's.
        defer { SSL_set_bio(session, nil, nil) }
        var bytes = [UInt8](repeating: 0, count: 256)
        // The socket does not block. Something else may come first.
        for _ in 0..<8 where SSL_read(session, &bytes, Int32(bytes.count)) > 0 {}
        var text = [CChar](repeating: 0, count: 256)
        ERR_error_string_n(ERR_peek_error(), &text, text.count)
        return text.withUnsafeBufferPointer { words in
            guard let first = words.baseAddress, strstr(first, " alert ") != nil else { return nil }
            return String(cString: first)
        }
    }
}
