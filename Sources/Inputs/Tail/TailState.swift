import JSON

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// How far an input has read its files, on disk, so that a restart goes on where it was. The file is specified in <doc:Tail>.
///
/// It is replaced whole, by rename, after it was synced, so that a power cut leaves the old one or the new one.
struct TailState: Sendable {
    /// Why positions could not be read or written.
    struct Failure: Error {
        let message: String
    }

    private static let form: Int64 = 1
    /// More than 256 files and those that have lost their names take, of the longest paths.
    private static let longest = 8 << 20

    private let directory: String
    private let path: String

    /// - Parameters:
    ///   - directory: where the agent keeps what is its own.
    ///   - input: the input's name.
    init(in directory: String, input: String) {
        self.directory = directory
        path = "\(directory)/tail-\(input)"
    }

    /// - Parameter followed: the path that the input follows.
    /// - Returns: what was written last; nil when nothing was, or it was about another path.
    /// - Throws: `Failure` when that cannot be read, is damaged, or a later version wrote it.
    func read(of followed: String) throws(Failure) -> [TailPosition]? {
        let opened = retryingInterrupts { open(path, O_RDONLY | O_CLOEXEC) }
        if opened.error == ENOENT { return nil }
        guard opened.error == 0 else { throw failure(opened.error) }
        defer { close(opened.result) }
        var status = stat()
        guard fstat(opened.result, &status) == 0, status.st_size <= Self.longest else {
            throw Failure(message: "\(path): is too long")
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        let outcome = bytes.withUnsafeMutableBytes { bytes in
            retryingInterrupts { pread(opened.result, bytes.baseAddress, bytes.count, 0) }
        }
        guard outcome.error == 0, outcome.result == bytes.count else { throw failure(outcome.error) }
        guard let document = try? JSONParser.parse(bytes), let form = document["form"]?.int64,
            let list = document["files"]?.array
        else { throw Failure(message: "\(path): is damaged") }
        guard form == Self.form else {
            throw Failure(message: "\(path): has form \(form), and \(Self.form) is known: a newer version wrote it")
        }
        guard document["path"]?.string == followed else { return nil }
        let positions = list.compactMap { TailPosition($0) }
        guard positions.count == list.count else { throw Failure(message: "\(path): is damaged") }
        return positions
    }

    /// Puts `positions` on disk, in the place of what was there.
    ///
    /// - Parameters:
    ///   - positions: how far files were read.
    ///   - followed: the path that the input follows.
    /// - Throws: `Failure`; what was there is then still there.
    func write(_ positions: [TailPosition], of followed: String) throws(Failure) {
        let document: JSONValue = [
            "form": .integer(Self.form), "path": .string(followed), "files": .array(positions.map(\.json)),
        ]
        let bytes = document.pretty()
        let temporary = path + ".new"
        let opened = retryingInterrupts { open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640) }
        guard opened.error == 0 else { throw failure(opened.error) }
        var error = Self.put(bytes, opened.result)
        if error == 0, fdatasync(opened.result) != 0 { error = errno }
        close(opened.result)
        if error == 0, rename(temporary, path) != 0 { error = errno }
        guard error == 0 else { throw failure(error) }
        let folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw failure(errno) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw failure(errno) }
    }

    /// - Returns: 0, or the system's number for what is wrong.
    private static func put(_ bytes: [UInt8], _ descriptor: Int32) -> Int32 {
        var rest = bytes[...]
        while !rest.isEmpty {
            let outcome = rest.withUnsafeBytes { bytes in
                retryingInterrupts { systemWrite(descriptor, bytes) }
            }
            guard outcome.error == 0, outcome.result > 0 else { return outcome.error == 0 ? EIO : outcome.error }
            rest = rest.dropFirst(outcome.result)
        }
        return 0
    }

    private func failure(_ error: Int32) -> Failure { Failure(message: "\(path): \(systemMessage(error))") }
}

// Inside the type the name means its method.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    #if canImport(Glibc)
    Glibc.write(descriptor, bytes.baseAddress, bytes.count)
    #else
    Musl.write(descriptor, bytes.baseAddress, bytes.count)
    #endif
}
