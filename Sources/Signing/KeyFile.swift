#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Private keys in files.
package enum KeyFile {
    /// The key in the file at `path`.
    ///
    /// - Throws: ``SigningError`` when it cannot be read, everybody can use it, or it holds no Ed25519 key.
    package static func load(_ path: String) throws(SigningError) -> SigningKey {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SigningError(.unreadable, path, "cannot be read", errno: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw SigningError(.unreadable, path, "cannot be read", errno: errno)
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw SigningError(.unreadable, path, "is no file") }
        guard status.st_mode & 0o007 == 0 else {
            throw SigningError(.exposed, path, "can be used by everybody; run 'chmod o= \(path)'")
        }
        // A key is some 120 bytes long; people write remarks beside it.
        var bytes = [UInt8](repeating: 0, count: 64 * 1024)
        let count = read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw SigningError(.unreadable, path, "cannot be read", errno: errno) }
        return try SigningKey(pem: String(decoding: bytes.prefix(count), as: UTF8.self), path: path)
    }

    /// Writes a key into a new file that its owner alone can read, and syncs it.
    ///
    /// - Throws: ``SigningError`` when the file is there already, or cannot be made.
    package static func create(_ key: SigningKey, at path: String) throws(SigningError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            if errno == EEXIST {
                throw SigningError(.cannotCreate, path, "is there already; a key is never replaced, name another file")
            }
            throw SigningError(.cannotCreate, path, "cannot be made", errno: errno)
        }
        let text = Array(key.pem.utf8)
        let isWritten = write(descriptor, text, text.count) == text.count && fsync(descriptor) == 0
        let error = errno
        close(descriptor)
        guard isWritten else {
            unlink(path)
            throw SigningError(.cannotCreate, path, "cannot be written", errno: error)
        }
    }
}
