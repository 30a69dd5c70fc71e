package import SegmentLog
import Synchronization

/// A file system in memory that keeps apart what was written and what is durable, and fails on demand.
///
/// Every call counts as one operation but `close`, `lock` and `randomSalt`. A fault planned for an operation hits
/// exactly that one; after a crash every call fails until ``reboot(_:)``.
package final class FaultyFileSystem: FileSystem {
    /// What happens to one operation.
    package enum Fault: Sendable {
        /// It fails and has no effect; a synchronization fails as Linux fails it.
        case error(errno: Int32)
        /// A write or read handles half of its bytes; other operations are not affected.
        case short
        /// The power goes before the operation; a write may still reach the disk in parts.
        case crash
    }

    /// What an operation was, for planning and for asserting what was done.
    package enum Operation: String, Sendable {
        case open, size, read, write, synchronize, allocate, rename, remove, createDirectory, synchronizeDirectory
        case entries
    }

    struct State: Sendable {
        var disk: SimulatedDisk
        var generator: SeededGenerator
        var files: [Int32: (inode: Int, path: String)] = [:]
        var nextDescriptor: Int32 = 3
        var locks: [String: Int32] = [:]
        var isCrashed = false
        var crashCount = 0
        var faults: [Int: Fault] = [:]
        var failing: Set<Operation> = []
        var history: [Operation] = []
        var capacity: Int?
    }

    let state: Mutex<State>

    /// A file system over `disk`, with all chance drawn from `seed`; `capacity` bounds the bytes of all files.
    package init(disk: SimulatedDisk = SimulatedDisk(), seed: UInt64 = 1, capacity: Int? = nil) {
        state = Mutex(State(disk: disk, generator: SeededGenerator(seed: seed), capacity: capacity))
    }

    // MARK: FileSystem

    package func open(_ path: String, _ mode: OpenMode) throws(LogError) -> OpenFile {
        try perform(.open, path) { state, _ throws(LogError) in
            let inode: Int
            if let known = state.disk.names[path] {
                inode = known
            } else if mode == .create {
                inode = state.disk.create(path)
            } else {
                throw LogError(.notFound, "no such file", path: path, errno: 2)
            }
            let descriptor = state.nextDescriptor
            state.nextDescriptor += 1
            state.files[descriptor] = (inode, path)
            return OpenFile(descriptor: descriptor, path: path)
        }
    }

    package func close(_ file: OpenFile) {
        state.withLock { state in
            state.files[file.descriptor] = nil
            state.locks = state.locks.filter { $0.value != file.descriptor }
        }
    }

    package func size(of file: OpenFile) throws(LogError) -> Int {
        try perform(.size, file) { state, inode, _ in state.disk.inodes[inode]?.current.count ?? 0 }
    }

    package func read(
        _ file: OpenFile, at offset: Int, into bytes: inout [UInt8], range: Range<Int>
    ) throws(LogError) -> Int {
        let found: [UInt8] = try perform(.read, file) { state, inode, isShort in
            let content = state.disk.inodes[inode]?.current ?? []
            guard offset < content.count else { return [] }
            let wanted = isShort ? max(range.count / 2, 1) : range.count
            return Array(content[offset..<min(content.count, offset + wanted)])
        }
        SimulatedDisk.copy(found[...], to: &bytes, at: range.lowerBound)
        return found.count
    }

    package func write(_ file: OpenFile, at offset: Int, _ bytes: RawSpan) throws(LogError) -> Int {
        let content = bytes.withUnsafeBytes { Array($0) }
        return try perform(
            .write, file,
            crashing: { state, inode in state.disk.write(inode, offset, content) },
            { state, inode, isShort in
                let count = isShort ? max(content.count / 2, 1) : content.count
                state.disk.write(inode, offset, Array(content.prefix(count)))
                return count
            })
    }

    package func synchronize(_ file: OpenFile) throws(LogError) {
        try perform(
            .synchronize, file,
            failing: { state, inode in state.disk.failSynchronization(inode, using: &state.generator) },
            { state, inode, _ in state.disk.synchronize(inode) })
    }

    package func allocate(_ file: OpenFile, size: Int) throws(LogError) {
        try perform(.allocate, file) { state, inode, _ throws(LogError) in
            let present = state.disk.inodes[inode]?.current.count ?? 0
            guard present < size else { return }
            let used = state.disk.names.values.reduce(0) { $0 + (state.disk.inodes[$1]?.current.count ?? 0) }
            if let capacity = state.capacity, used + size - present > capacity {
                throw LogError(.outOfSpace, "no space left", path: file.path, errno: 28)
            }
            state.disk.write(inode, present, [UInt8](repeating: 0, count: size - present))
        }
    }

    package func lock(_ file: OpenFile) throws(LogError) -> Bool {
        state.withLock { state in
            guard state.locks[file.path] == nil else { return false }
            state.locks[file.path] = file.descriptor
            return true
        }
    }

    package func rename(_ from: String, to: String) throws(LogError) {
        try perform(.rename, from) { state, _ throws(LogError) in
            guard state.disk.names[from] != nil else {
                throw LogError(.notFound, "no such file", path: from, errno: 2)
            }
            state.disk.change(.rename(from, to))
        }
    }

    package func remove(_ path: String) throws(LogError) {
        try perform(.remove, path) { state, _ throws(LogError) in
            guard state.disk.names[path] != nil else {
                throw LogError(.notFound, "no such file", path: path, errno: 2)
            }
            state.disk.change(.remove(path))
        }
    }

    package func createDirectory(_ path: String) throws(LogError) {
        try perform(.createDirectory, path) { _, _ in }
    }

    package func synchronizeDirectory(_ path: String) throws(LogError) {
        try perform(.synchronizeDirectory, path) { state, _ in state.disk.synchronizeNames() }
    }

    package func entries(of directory: String) throws(LogError) -> [String] {
        try perform(.entries, directory) { state, _ in
            state.disk.names.keys.filter { $0.hasPrefix(directory + "/") }.map {
                String($0.dropFirst(directory.count + 1))
            }
        }
    }

    package func randomSalt() -> UInt64 { state.withLock { $0.generator.next() } }
}
