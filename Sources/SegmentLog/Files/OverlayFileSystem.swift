#if canImport(Glibc)
import Glibc
#else
import Musl
#endif
import Synchronization

/// A file system in which nothing changes on the medium: what is written stays in memory, over what is there.
///
/// A log can so be opened and recovered for a look, beside a program that writes to it. A file is held in memory from the first write
/// to it on, whole; of a log that is read only, that is its youngest segment and a few small files. No lock is taken.
package final class OverlayFileSystem<Base: FileSystem>: FileSystem {
    private let base: Base
    private let state = Mutex(State())

    private final class Node: @unchecked Sendable {
        // Reached only through the mutex of the file system.
        /// What stands in memory; nil while the medium has it.
        var bytes: [UInt8]?
        /// On the medium, open until nobody needs it; closed once, for its descriptor is then anybody's.
        var file: OpenFile?
        var openCount = 0

        init(bytes: [UInt8]?, file: OpenFile?) {
            self.bytes = bytes
            self.file = file
        }
    }

    private struct State {
        /// Names that are not as the medium has them; nil for one that was taken away.
        var names: [String: Node?] = [:]
        var open: [Int32: Node] = [:]
        var next: Int32 = 0
    }

    package init(over base: Base) { self.base = base }

    deinit {
        state.withLock { state in
            for node in state.open.values { release(node) }
        }
    }

    package func open(_ path: String, _ mode: OpenMode) throws(LogError) -> OpenFile {
        try state.withLock { (state) throws(LogError) -> OpenFile in
            let node = try find(path, mode, &state)
            node.openCount += 1
            state.next += 1
            state.open[state.next] = node
            return OpenFile(descriptor: state.next, path: path)
        }
    }

    private func find(_ path: String, _ mode: OpenMode, _ state: inout State) throws(LogError) -> Node {
        switch state.names[path] {
        case .some(let node?): return node
        case .some(nil):
            guard mode == .create else { throw LogError(.notFound, "there is no such file", path: path) }
            let node = Node(bytes: [], file: nil)
            state.names[path] = node
            return node
        case nil: break
        }
        do throws(LogError) {
            return Node(bytes: nil, file: try base.open(path, .read))
        } catch  where error.code == .notFound && mode == .create {
            let node = Node(bytes: [], file: nil)
            state.names[path] = node
            return node
        }
    }

    package func close(_ file: OpenFile) {
        state.withLock { state in
            guard let node = state.open.removeValue(forKey: file.descriptor) else { return }
            node.openCount -= 1
            if node.openCount == 0 { release(node) }
        }
    }

    /// What was written to the file stays in memory, so whoever opens it again finds it there.
    private func release(_ node: Node) {
        if let file = node.file { base.close(file) }
        node.file = nil
    }

    private func node(_ file: OpenFile, _ state: State) throws(LogError) -> Node {
        guard let node = state.open[file.descriptor] else {
            throw LogError(.io, "the file is not open", path: file.path)
        }
        return node
    }

    package func size(of file: OpenFile) throws(LogError) -> Int {
        let node = try state.withLock { (state) throws(LogError) -> Node in try self.node(file, state) }
        if let bytes = node.bytes { return bytes.count }
        guard let file = node.file else { return 0 }
        return try base.size(of: file)
    }

    package func read(
        _ file: OpenFile, at offset: Int, into bytes: inout [UInt8], range: Range<Int>
    ) throws(LogError) -> Int {
        let node = try state.withLock { (state) throws(LogError) -> Node in try self.node(file, state) }
        if let source = node.file, node.bytes == nil {
            return try base.read(source, at: offset, into: &bytes, range: range)
        }
        let content = node.bytes ?? []
        let count = max(0, min(range.count, content.count - offset))
        if count > 0 {
            bytes.replaceSubrange(range.lowerBound..<range.lowerBound + count, with: content[offset..<offset + count])
        }
        return count
    }

    package func write(_ file: OpenFile, at offset: Int, _ bytes: RawSpan) throws(LogError) -> Int {
        try change(file, atLeast: offset + bytes.byteCount) { content in
            bytes.withUnsafeBytes { source in
                content.replaceSubrange(offset..<offset + source.count, with: source)
            }
        }
        return bytes.byteCount
    }

    package func allocate(_ file: OpenFile, size: Int) throws(LogError) {
        try change(file, atLeast: size) { _ in }
    }

    private func change(_ file: OpenFile, atLeast size: Int, _ body: (inout [UInt8]) -> Void) throws(LogError) {
        try state.withLock { (state) throws(LogError) in
            let node = try node(file, state)
            var content = try contents(of: node)
            node.bytes = []
            if content.count < size { content.append(contentsOf: repeatElement(0, count: size - content.count)) }
            body(&content)
            node.bytes = content
            if state.names[file.path] == nil { state.names[file.path] = node }
        }
    }

    private func contents(of node: Node) throws(LogError) -> [UInt8] {
        if let bytes = node.bytes { return bytes }
        guard let file = node.file else { return [] }
        var bytes = [UInt8](repeating: 0, count: try base.size(of: file))
        let count = try base.readAll(file, at: 0, into: &bytes, range: bytes.indices)
        bytes.removeSubrange(count...)
        return bytes
    }

    package func synchronize(_ file: OpenFile) throws(LogError) {}

    package func lock(_ file: OpenFile) throws(LogError) -> Bool { true }

    package func rename(_ from: String, to: String) throws(LogError) {
        try state.withLock { (state) throws(LogError) in
            let node = try find(from, .read, &state)
            node.bytes = try contents(of: node)
            if node.openCount == 0 { release(node) }
            state.names[from] = .some(nil)
            state.names[to] = node
        }
    }

    package func remove(_ path: String) throws(LogError) {
        try state.withLock { (state) throws(LogError) in
            let node = try find(path, .read, &state)
            if node.openCount == 0 { release(node) }
            state.names[path] = .some(nil)
        }
    }

    package func createDirectory(_ path: String) throws(LogError) {}

    package func synchronizeDirectory(_ path: String) throws(LogError) {}

    package func entries(of directory: String) throws(LogError) -> [String] {
        let present = try base.entries(of: directory)
        let prefix = directory.hasSuffix("/") ? directory : directory + "/"
        return state.withLock { state in
            var names = Set(present)
            for (path, node) in state.names where path.hasPrefix(prefix) {
                let name = String(path.dropFirst(prefix.count))
                guard !name.contains("/") else { continue }
                if node == nil { names.remove(name) } else { names.insert(name) }
            }
            return Array(names)
        }
    }

    package func randomSalt() -> UInt64 { base.randomSalt() }
}
