/// An open file. Plain data; whoever opened it closes it.
package struct OpenFile: Hashable, Sendable {
    package let descriptor: Int32
    package let path: String

    /// What an implementation of ``FileSystem`` returns.
    package init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }
}

/// How a file is opened.
package enum OpenMode: Hashable, Sendable {
    case read
    case readWrite
    /// For reading and writing; created if it is not there, never truncated.
    case create
}

/// The part of a file system that durable storage needs, small enough to be imitated with all its faults.
///
/// An implementation returns from interrupted calls only when they are done; reads and writes may be short, which the
/// extension below continues.
package protocol FileSystem: Sendable {
    /// Opens a file. A file that is not there is ``LogError/Code/notFound``.
    func open(_ path: String, _ mode: OpenMode) throws(LogError) -> OpenFile
    func close(_ file: OpenFile)
    /// The file's length in bytes.
    func size(of file: OpenFile) throws(LogError) -> Int
    /// Reads into `range` of `bytes` what stands at `offset`, and tells how many bytes; 0 at the end of the file.
    func read(_ file: OpenFile, at offset: Int, into bytes: inout [UInt8], range: Range<Int>) throws(LogError) -> Int
    /// Writes a beginning of `bytes` at `offset` and tells how many, at least one unless `bytes` is empty.
    func write(_ file: OpenFile, at offset: Int, _ bytes: RawSpan) throws(LogError) -> Int
    /// Returns once the file's bytes, and what is needed to find them, are on the medium (fdatasync).
    func synchronize(_ file: OpenFile) throws(LogError)
    /// Makes the file at least `size` bytes long, with room on the medium for all of them. New bytes read as zero.
    func allocate(_ file: OpenFile, size: Int) throws(LogError)
    /// Takes the exclusive lock that goes with the open file; false if someone else has it.
    func lock(_ file: OpenFile) throws(LogError) -> Bool
    /// Gives a file another name, replacing what had it.
    func rename(_ from: String, to: String) throws(LogError)
    func remove(_ path: String) throws(LogError)
    /// Creates a directory in an existing one. It may be there already.
    func createDirectory(_ path: String) throws(LogError)
    /// Returns once the names in the directory are on the medium.
    func synchronizeDirectory(_ path: String) throws(LogError)
    /// The names in the directory but `.` and `..`, in no order.
    func entries(of directory: String) throws(LogError) -> [String]
    /// A number that no earlier generation of a segment had, as far as chance can promise.
    func randomSalt() -> UInt64
}

extension FileSystem {
    /// Writes all of `bytes` at `offset`, continuing short writes.
    package func writeAll(_ file: OpenFile, at offset: Int, _ bytes: RawSpan) throws(LogError) {
        var written = 0
        while written < bytes.byteCount {
            let count = try write(file, at: offset + written, bytes.extracting(written..<bytes.byteCount))
            guard count > 0 else {
                throw LogError(.io, "nothing more could be written; check the device", path: file.path)
            }
            written += count
        }
    }

    /// Reads into `range` of `bytes` until it is full or the file ends, and tells how many bytes.
    package func readAll(
        _ file: OpenFile, at offset: Int, into bytes: inout [UInt8], range: Range<Int>
    ) throws(LogError) -> Int {
        var done = 0
        while done < range.count {
            let rest = range.lowerBound + done..<range.upperBound
            let count = try read(file, at: offset + done, into: &bytes, range: rest)
            guard count > 0 else { break }
            done += count
        }
        return done
    }

    /// All of a small file; nil if there is no such file.
    package func readFile(_ path: String) throws(LogError) -> [UInt8]? {
        let file: OpenFile
        do throws(LogError) {
            file = try open(path, .read)
        } catch  where error.code == .notFound {
            return nil
        }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: try size(of: file))
        let count = try readAll(file, at: 0, into: &bytes, range: bytes.indices)
        bytes.removeSubrange(count...)
        return bytes
    }

    /// Puts `bytes` in the place of a small file, whole or not at all, and returns once that is durable.
    ///
    /// After a crash the file holds the old bytes or the new ones. A file `path` + `.new` may be left behind; the next
    /// call overwrites it.
    package func replaceFile(_ path: String, with bytes: [UInt8]) throws(LogError) {
        let temporary = path + ".new"
        do throws(LogError) {
            try remove(temporary)
        } catch  where error.code == .notFound {}
        let file = try open(temporary, .create)
        do {
            defer { close(file) }
            try writeAll(file, at: 0, bytes.span.bytes)
            try synchronize(file)
        }
        try rename(temporary, to: path)
        try synchronizeDirectory(parent(of: path))
    }

    private func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
