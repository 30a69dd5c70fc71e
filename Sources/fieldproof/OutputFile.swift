#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// A file that a person asked for by `--output`: readable as their umask says, and never seen half written.
enum OutputFile {
    /// Replaces the file at `path` whole.
    ///
    /// - Throws: `ExitCode` 73 after saying why, when it cannot be made.
    static func write(_ text: String, to path: String) throws { try write(Array(text.utf8), to: path) }

    /// As `write(_:to:)` with a text.
    static func write(_ bytes: [UInt8], to path: String) throws {
        let draft = path + ".part"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw refusal(path) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { append($0, to: descriptor) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let error = refusal(path)
                close(descriptor)
                unlink(draft)
                throw error
            }
            rest = rest.dropFirst(count)
        }
        guard close(descriptor) == 0, rename(draft, path) == 0 else { throw refusal(path) }
    }

    private static func append(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int {
        #if canImport(Glibc)
        Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #else
        Musl.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }

    private static func refusal(_ path: String) -> any Error {
        complain("\(path): cannot be written: \(String(cString: strerror(errno)))")
        return ExitStatus.cannotCreate
    }
}
