import CLinux
import Reports

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// A directory that a person asked for by `--output`: never seen half written, and nothing of theirs is ever replaced by it.
enum OutputDirectory {
    /// Makes the directory at `path`, in place of an empty one or of a package that was there.
    ///
    /// - Throws: `ExitCode` 73 after saying why, when it cannot be made.
    static func write(_ package: DataPackage, to path: String) throws {
        let path = trimmed(path)
        try refuseForeign(path)
        let draft = "\(path).part"
        try remove(draft)
        guard mkdir(draft, 0o777) == 0 else { throw refusal(path, errno) }
        do {
            for file in package.files { try OutputFile.write(file.bytes, to: "\(draft)/\(file.name)") }
            try move(draft, to: path)
        } catch {
            try? remove(draft)
            throw error
        }
    }

    /// `rename` goes over an empty directory; over a package both change places, so that there is one at any moment.
    private static func move(_ draft: String, to path: String) throws {
        if rename(draft, path) == 0 { return }
        guard errno == ENOTEMPTY || errno == EEXIST else { throw refusal(path, errno) }
        if linux_exchange(draft, path) == 0 { return try remove(draft) }
        // Not every file system can exchange: then there is none for a moment.
        guard errno == EINVAL || errno == ENOSYS else { throw refusal(path, errno) }
        try remove(path)
        guard rename(draft, path) == 0 else { throw refusal(path, errno) }
    }

    /// Refuses whatever holds anything that is not of a package.
    private static func refuseForeign(_ path: String) throws {
        guard let names = try names(in: path) else { return }
        let isPackage = names.contains(DataPackage.descriptor) && DataPackage.fileNames.isSuperset(of: names)
        guard names.isEmpty || isPackage else {
            let foreign = names.subtracting(DataPackage.fileNames).sorted().first ?? names.sorted()[0]
            complain("\(path): is not empty and no package ('\(foreign)' is in it); name another directory")
            throw ExitStatus.cannotCreate
        }
    }

    /// Nil where there is nothing; a file is refused.
    private static func names(in path: String) throws -> Set<String>? {
        guard let directory = opendir(path) else {
            if errno == ENOENT { return nil }
            throw refusal(path, errno)
        }
        defer { closedir(directory) }
        var names: Set<String> = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.insert(name) }
        }
        return names
    }

    /// Removes a package, or a part of one that was left behind; refuses anything else before it touches it.
    private static func remove(_ path: String) throws {
        guard let names = try names(in: path) else { return }
        let ours = DataPackage.fileNames.union(DataPackage.fileNames.map { $0 + ".part" })
        guard ours.isSuperset(of: names) else { throw refusal(path, ENOTEMPTY) }
        for name in names { unlink("\(path)/\(name)") }
        guard rmdir(path) == 0 else { throw refusal(path, errno) }
    }

    private static func trimmed(_ path: String) -> String {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }

    private static func refusal(_ path: String, _ error: Int32) -> any Error {
        complain("\(path): cannot be written: \(String(cString: strerror(error)))")
        return ExitStatus.cannotCreate
    }
}
