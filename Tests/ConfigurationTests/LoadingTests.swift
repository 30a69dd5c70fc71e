import Configuration
import Foundation
import Testing

@Suite("Loading")
struct LoadingTests {
    private func inFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "configuration-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private func failure(_ path: String, limit: Int = ConfigurationFile.defaultLimit) -> ConfigurationError? {
        do throws(ConfigurationError) {
            _ = try ConfigurationFile.load(path, limit: limit)
            return nil
        } catch {
            return error
        }
    }

    @Test("a file is read whole and keeps its name")
    func whole() throws {
        try inFolder { folder in
            let path = folder + "/a.yaml"
            let text = "a: " + String(repeating: "x", count: 200_000)
            try Data(text.utf8).write(to: URL(filePath: path))
            let file = try ConfigurationFile.load(path)
            #expect(file.name == path)
            #expect(file.bytes == Array(text.utf8))
        }
    }

    @Test("a missing file, a folder, and a file in place of a folder are told apart")
    func missing() throws {
        try inFolder { folder in
            #expect(failure(folder + "/a.yaml")?.code == .notFound)
            #expect(failure(folder + "/a.yaml")?.description == "\(folder)/a.yaml: no such file; check the path")
            #expect(failure(folder + "/a.yaml")?.cause == ENOENT)
            #expect(failure(folder)?.code == .notAFile)
            #expect(failure(folder)?.description == "\(folder): is a directory; name the file in it")
            try Data().write(to: URL(filePath: folder + "/b.yaml"))
            #expect(failure(folder + "/b.yaml/c.yaml")?.code == .notFound)
            #expect(failure("a\0b")?.code == .notFound)
        }
    }

    @Test("a link that leads to itself is unreadable, with its cause")
    func loop() throws {
        try inFolder { folder in
            let path = folder + "/loop.yaml"
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: path)
            #expect(failure(path)?.code == .unreadable)
            #expect(failure(path)?.cause == ELOOP)
        }
    }

    @Test("the limit holds for files that tell their size and for those that do not")
    func limit() throws {
        try inFolder { folder in
            let path = folder + "/a.yaml"
            try Data("a: 1\n".utf8).write(to: URL(filePath: path))
            #expect(failure(path, limit: 5) == nil)
            #expect(failure(path, limit: 4)?.code == .tooLarge)
            #expect(failure("/dev/zero")?.description == "/dev/zero: larger than 1MiB; is this the right file?")
        }
    }

    @Test("a pipe is read to its end")
    func pipe() throws {
        let pipe = Pipe()
        try pipe.fileHandleForWriting.write(contentsOf: Data("a: 1\n".utf8))
        try pipe.fileHandleForWriting.close()
        let file = try ConfigurationFile.load("/proc/self/fd/\(pipe.fileHandleForReading.fileDescriptor)")
        #expect(file.bytes == Array("a: 1\n".utf8))
    }
}
