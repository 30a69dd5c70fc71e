import Synchronization

/// A file system that closes what is still open when nobody holds it any more.
///
/// A class, because the end of a log must be certain: optimised builds of Swift 6.3 forget the `deinit` of a noncopyable struct that
/// is destroyed as a part of a value in another module, and with it the lock on the directory.
final class HeldFiles<Files: FileSystem>: FileSystem {
    /// What it closes files of.
    let files: Files
    private let held = Mutex<[OpenFile]>([])

    init(_ files: Files) { self.files = files }

    deinit {
        held.withLock { held in
            for file in held { files.close(file) }
        }
    }

    func open(_ path: String, _ mode: OpenMode) throws(LogError) -> OpenFile {
        let file = try files.open(path, mode)
        held.withLock { $0.append(file) }
        return file
    }

    func close(_ file: OpenFile) {
        held.withLock { held in
            if let index = held.lastIndex(of: file) { held.remove(at: index) }
        }
        files.close(file)
    }

    func size(of file: OpenFile) throws(LogError) -> Int { try files.size(of: file) }

    func read(_ file: OpenFile, at offset: Int, into bytes: inout [UInt8], range: Range<Int>) throws(LogError) -> Int {
        try files.read(file, at: offset, into: &bytes, range: range)
    }

    func write(_ file: OpenFile, at offset: Int, _ bytes: RawSpan) throws(LogError) -> Int {
        try files.write(file, at: offset, bytes)
    }

    func synchronize(_ file: OpenFile) throws(LogError) { try files.synchronize(file) }

    func allocate(_ file: OpenFile, size: Int) throws(LogError) { try files.allocate(file, size: size) }

    func lock(_ file: OpenFile) throws(LogError) -> Bool { try files.lock(file) }

    func rename(_ from: String, to: String) throws(LogError) { try files.rename(from, to: to) }

    func remove(_ path: String) throws(LogError) { try files.remove(path) }

    func createDirectory(_ path: String) throws(LogError) { try files.createDirectory(path) }

    func synchronizeDirectory(_ path: String) throws(LogError) { try files.synchronizeDirectory(path) }

    func entries(of directory: String) throws(LogError) -> [String] { try files.entries(of: directory) }

    func randomSalt() -> UInt64 { files.randomSalt() }
}
