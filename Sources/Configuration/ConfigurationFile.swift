#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The bytes of a configuration file and the name that its errors print.
package struct ConfigurationFile: Sendable, Hashable {
    /// The largest file that is read: 1 MiB.
    package static let defaultLimit = 1 << 20

    /// The file as the user named it.
    package let name: String
    /// What it holds.
    package let bytes: [UInt8]

    /// A file from its bytes.
    package init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    /// A file from its text.
    package init(name: String, text: String) {
        self.init(name: name, bytes: Array(text.utf8))
    }

    /// Decodes the whole file.
    ///
    /// - Throws: ``ConfigurationError`` with every error of the file.
    package func decode<T: ConfigurationDecodable>(_ type: T.Type) throws(ConfigurationError) -> T {
        try decode(as: .mapping(type))
    }

    /// Decodes the whole file by a format.
    ///
    /// - Throws: ``ConfigurationError`` with every error of the file.
    package func decode<Value>(as format: ValueFormat<Value>) throws(ConfigurationError) -> Value {
        let diagnostics = Diagnostics(file: name)
        guard let root = compose(limits: YAMLLimits(), into: diagnostics) else { throw diagnostics.error() }
        let reader = NodeReader(node: root, place: Place(position: root.position, path: ""), diagnostics: diagnostics)
        guard let value = reader.read(as: format), diagnostics.isEmpty else { throw diagnostics.error() }
        return value
    }
}

extension ConfigurationFile {
    /// Reads a file, which may also be a pipe such as `/dev/stdin`.
    ///
    /// - Parameters:
    ///   - path: the path, which is also the name that errors print.
    ///   - limit: the largest number of bytes to accept.
    /// - Returns: the file, not yet looked into.
    /// - Throws: ``ConfigurationError`` when there is no such file, it is a directory, it cannot be read or it is too
    /// large.
    package static func load(
        _ path: String, limit: Int = defaultLimit
    ) throws(ConfigurationError) -> ConfigurationFile {
        guard !path.utf8.contains(0) else {
            throw ConfigurationError(code: .notFound, file: quoted(path), message: "a path cannot hold a NUL character")
        }
        let descriptor = retrying { open(path, O_RDONLY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw failure(path, errno) }
        defer { _ = close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(path, errno) }
        if status.st_mode & S_IFMT == S_IFDIR { throw failure(path, EISDIR) }
        let tooLarge = ConfigurationError(
            code: .tooLarge, file: path,
            message: "larger than \(ByteCount.text(Int64(limit))); is this the right file?")
        if status.st_mode & S_IFMT == S_IFREG, status.st_size > limit { throw tooLarge }

        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = retrying { read(descriptor, &chunk, chunk.count) }
            guard count >= 0 else { throw failure(path, errno) }
            if count == 0 { return ConfigurationFile(name: path, bytes: bytes) }
            bytes += chunk[..<count]
            if bytes.count > limit { throw tooLarge }
        }
    }

    private static func retrying<Result: SignedInteger>(_ call: () -> Result) -> Result {
        while true {
            let result = call()
            if result >= 0 || errno != EINTR { return result }
        }
    }

    private static func failure(_ path: String, _ number: Int32) -> ConfigurationError {
        let (code, message): (ConfigurationError.Code, String) =
            switch number {
            case ENOENT, ENOTDIR: (.notFound, "no such file; check the path")
            case EISDIR: (.notAFile, "is a directory; name the file in it")
            case EACCES, EPERM: (.unreadable, "no permission to read it; check its owner and mode, and its folder's")
            default: (.unreadable, "cannot be read: \(String(cString: strerror(number)))")
            }
        return ConfigurationError(code: code, file: path, message: message, cause: number)
    }
}
