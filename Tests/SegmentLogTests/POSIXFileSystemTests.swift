import Foundation
import SegmentLog
import Testing

@Suite("On the machine's own file system")
struct POSIXFileSystemTests {
    /// A directory of its own for a test.
    private func withDirectory(_ body: (String) throws -> Void) throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "segment-log-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: url) }
        try body(url.path)
    }

    private let options = LogOptions(
        laneCount: 2, segmentSize: 64 << 10, capacity: .budget(bytes: 20 * 65536 + 8192, reserve: 2))

    @Test("a log lives through starts, recycling and being dropped")
    func life() throws {
        try withDirectory { path in
            var expected: UInt64 = 0
            for _ in 0..<4 {
                var log = try SegmentedLog(directory: path + "/log", options: options, files: POSIXFileSystem())
                #expect(log.durable(Lane(1)).number == expected)
                for tag in 0..<100 {
                    let record = payload(tag, count: 5000)
                    expected = try log.append(record.span.bytes, to: Lane(1)).position.number
                    if tag % 10 == 9 {
                        try log.synchronize()
                        log.release(through: Position(expected - 5), in: Lane(1))
                    }
                }
                let records = try drain(&log, Lane(1)).records
                #expect(records.map(\.payload) == (95..<100).map { payload($0, count: 5000) })
            }
            let names = try FileManager.default.contentsOfDirectory(atPath: path + "/log")
            #expect(names.count == 22)
        }
    }

    @Test("a second log in the directory is refused by name, and let in when the first has gone")
    func lock() throws {
        try withDirectory { path in
            let first = try SegmentedLog(directory: path, options: options, files: POSIXFileSystem())
            do throws(LogError) {
                _ = try SegmentedLog(directory: path, options: options, files: POSIXFileSystem())
                Issue.record("two logs in one directory")
            } catch {
                #expect(error.code == .locked)
                #expect(error.path == path)
                #expect(error.description.contains("another process uses this directory"))
            }
            try first.close()
            try SegmentedLog(directory: path, options: options, files: POSIXFileSystem()).close()
        }
    }

    @Test("a lock that another process holds counts")
    func otherProcess() throws {
        try withDirectory { path in
            try SegmentedLog(directory: path, options: options, files: POSIXFileSystem()).close()
            let other = Process()
            other.executableURL = URL(fileURLWithPath: "/usr/bin/flock")
            other.arguments = [path + "/lock", "sh", "-c", "echo locked; read line"]
            let (input, output) = (Pipe(), Pipe())
            other.standardInput = input
            other.standardOutput = output
            try other.run()
            _ = output.fileHandleForReading.availableData
            let refused = code { _ = try SegmentedLog(directory: path, options: options, files: POSIXFileSystem()) }
            #expect(refused == .locked)
            try input.fileHandleForWriting.close()
            other.waitUntilExit()
            try SegmentedLog(directory: path, options: options, files: POSIXFileSystem()).close()
        }
    }

    @Test("what is not the log's is left alone and reported")
    func foreign() throws {
        try withDirectory { path in
            for name in ["notes.txt", "1.segment", "00000000000000ZZ.segment"] {
                try Data("keep".utf8).write(to: URL(fileURLWithPath: path + "/" + name))
            }
            let log = try SegmentedLog(directory: path, options: options, files: POSIXFileSystem())
            #expect(log.recovery.foreign == ["00000000000000ZZ.segment", "1.segment", "notes.txt"])
            #expect(try Data(contentsOf: URL(fileURLWithPath: path + "/notes.txt")) == Data("keep".utf8))
        }
    }

    @Test("a segment that is there twice is an error that names it")
    func twice() throws {
        try withDirectory { path in
            var log = try SegmentedLog(directory: path, options: options, files: POSIXFileSystem())
            let entry = try log.append(payload(1, count: 10).span.bytes, to: Lane(0))
            try log.close()
            let name = String(repeating: "0", count: 14) + String(entry.location.segment, radix: 16) + ".segment"
            try FileManager.default.copyItem(atPath: path + "/" + name, toPath: path + "/00000000000000ff.segment")
            let refused = code { _ = try SegmentedLog(directory: path, options: options, files: POSIXFileSystem()) }
            #expect(refused == .foreign)
        }
    }

    @Test("a small file is replaced whole")
    func replaceFile() throws {
        try withDirectory { path in
            let files = POSIXFileSystem()
            #expect(try files.readFile(path + "/identity") == nil)
            for content in [[1, 2, 3], [], Array(repeating: 7, count: 10_000)] as [[UInt8]] {
                try files.replaceFile(path + "/identity", with: content)
                #expect(try files.readFile(path + "/identity") == content)
            }
            #expect(try files.entries(of: path) == ["identity"])
        }
    }

    @Test("options that contradict the files are refused")
    func contradiction() throws {
        try withDirectory { path in
            var log = try SegmentedLog(directory: path, options: options, files: POSIXFileSystem())
            try log.append(payload(1, count: 10).span.bytes, to: Lane(1))
            try log.close()
            var fewer = options
            fewer.laneCount = 1
            #expect(
                code { _ = try SegmentedLog(directory: path, options: fewer, files: POSIXFileSystem()) } == .options)
            var smaller = options
            smaller.segmentSize = 32 << 10
            let refused = code { _ = try SegmentedLog(directory: path, options: smaller, files: POSIXFileSystem()) }
            #expect(refused == .options)
        }
    }
}
