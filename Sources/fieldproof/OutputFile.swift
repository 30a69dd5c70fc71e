#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// A file that a person asked for by `--output`: readable as their umask says, and never seen half written.
final class OutputFile {
    private let path: String
    private let draft: String
    private let descriptor: Int32
    private var isWhole = false

    /// Begins a file that will be at `path` when it is whole.
    ///
    /// - Throws: `ExitCode` 73 after saying why, when it cannot be made; so does all else here.
    init(at path: String) throws {
        self.path = path
        draft = path + ".part"
        descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw Self.refusal(path) }
    }

    deinit {
        close(descriptor)
        if !isWhole { unlink(draft) }
    }

    func append(_ bytes: [UInt8]) throws {
        try Self.append(bytes, to: descriptor, path)
    }

    /// Puts the file in the place of what was at its path.
    func finish() throws {
        guard rename(draft, path) == 0 else { throw Self.refusal(path) }
        isWhole = true
    }

    /// Replaces the file at `path` whole.
    static func write(_ text: String, to path: String) throws { try write(Array(text.utf8), to: path) }

    /// As `write(_:to:)` with a text.
    static func write(_ bytes: [UInt8], to path: String) throws {
        let file = try OutputFile(at: path)
        try file.append(bytes)
        try file.finish()
    }

    /// Writes to what is open, such as standard output; `name` is for errors.
    static func append(_ bytes: [UInt8], to descriptor: Int32, _ name: String) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { put($0, descriptor) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw refusal(name) }
            rest = rest.dropFirst(count)
        }
    }

    private static func put(_ bytes: UnsafeRawBufferPointer, _ descriptor: Int32) -> Int {
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
