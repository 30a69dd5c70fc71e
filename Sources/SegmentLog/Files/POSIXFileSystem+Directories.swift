#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

extension POSIXFileSystem {
    package func rename(_ from: String, to: String) throws(LogError) {
        try retrying("rename", from) { renameFile(from, to) }
    }

    package func remove(_ path: String) throws(LogError) {
        try retrying("remove", path) { unlink(path) }
    }

    package func createDirectory(_ path: String) throws(LogError) {
        guard mkdir(path, 0o700) != 0 else { return }
        let code = errno
        guard code == EEXIST else { throw failure("create", path, code) }
    }

    package func synchronizeDirectory(_ path: String) throws(LogError) {
        let descriptor = try retrying("open", path) { openDirectory(path) }
        let result = fsync(descriptor)
        let code = errno
        close(OpenFile(descriptor: descriptor, path: path))
        guard result == 0 else { throw failure("synchronize", path, code) }
    }

    package func entries(of directory: String) throws(LogError) -> [String] {
        guard let stream = opendir(directory) else { throw failure("list", directory, errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        let code = errno
        guard code == 0 else { throw failure("list", directory, code) }
        return names
    }
}

// Inside the type these names mean its methods.
private func renameFile(_ from: String, _ to: String) -> Int32 { rename(from, to) }
private func openDirectory(_ path: String) -> Int32 { open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
