#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Files of the credentials: read whole, small, and secret ones only where nobody else can read or change them.
package enum CredentialFile {
    private static let limit = 256 * 1024

    /// A file that anybody may read.
    package static func load(_ path: String) throws(CertificateError) -> [UInt8] { try read(path, isSecret: false) }

    /// A private key or a password.
    ///
    /// Its group may read it, since systemd hands credentials over in files of mode 0440; others may not, and nobody but its owner may
    /// write it.
    ///
    /// - Throws: `CertificateError/Code/exposed` with the command that mends it.
    package static func loadSecret(_ path: String) throws(CertificateError) -> [UInt8] {
        try read(path, isSecret: true)
    }

    private static func read(_ path: String, isSecret: Bool) throws(CertificateError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .system("cannot be read", path, errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system("cannot be read", path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw CertificateError(.unreadable, path, "is no file") }
        if isSecret {
            guard status.st_mode & 0o007 == 0 else {
                throw CertificateError(.exposed, path, "can be read by everybody; run 'chmod o= \(path)'")
            }
            guard status.st_mode & 0o020 == 0 else {
                throw CertificateError(.exposed, path, "can be changed by its group; run 'chmod g-w \(path)'")
            }
        }
        guard status.st_size <= limit else { throw CertificateError(.unreadable, path, "is too large") }
        var bytes = [UInt8](repeating: 0, count: limit)
        var count = 0
        while count < limit {
            let more = bytes.withUnsafeMutableBytes { buffer in
                readBytes(descriptor, buffer.baseAddress.map { $0 + count }, limit - count)
            }
            guard more >= 0 else { throw .system("cannot be read", path, errno) }
            if more == 0 { break }
            count += more
        }
        return Array(bytes.prefix(count))
    }

    /// Writes a new file, and syncs it.
    ///
    /// - Throws: `CertificateError` when it is there already, or cannot be made.
    package static func create(_ bytes: [UInt8], at path: String, isSecret: Bool) throws(CertificateError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, isSecret ? 0o600 : 0o644)
        guard descriptor >= 0 else {
            if errno == EEXIST { throw CertificateError(.cannotCreate, path, "is there already; name another place") }
            throw .system("cannot be made", path, errno, .cannotCreate)
        }
        var written = 0
        var status: Int32 = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                write(descriptor, buffer.baseAddress.map { $0 + written }, bytes.count - written)
            }
            guard count > 0 else {
                status = -1
                break
            }
            written += count
        }
        if status == 0 { status = fsync(descriptor) }
        let number = errno
        close(descriptor)
        guard status == 0 else {
            unlink(path)
            throw .system("cannot be written", path, number, .cannotCreate)
        }
    }

    /// Puts other bytes into a file's place, in one step.
    package static func replace(_ bytes: [UInt8], at path: String, isSecret: Bool) throws(CertificateError) {
        let next = path + ".next"
        unlink(next)
        try create(bytes, at: next, isSecret: isSecret)
        try move(next, to: path)
    }

    /// Puts a file into another's place, in one step.
    package static func move(_ path: String, to place: String) throws(CertificateError) {
        guard rename(path, place) == 0 else { throw .system("cannot be replaced", place, errno, .cannotCreate) }
        // The new name is on the disk as well, where the file system does that; it is in its place already.
        let folder = place.lastIndex(of: "/").map { String(place[...$0]) } ?? "."
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}

extension CertificateError {
    static func system(_ what: String, _ path: String, _ number: Int32, _ code: Code = .unreadable) -> Self {
        CertificateError(code, path, "\(what): \(String(cString: strerror(number)))")
    }
}

/// read(2), which a member of the enumeration would hide.
private func readBytes(_ descriptor: Int32, _ start: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(descriptor, start, count)
}
