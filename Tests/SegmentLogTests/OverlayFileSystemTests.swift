import SegmentLog
import Synchronization
import Testing
import TestSupport

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

@Suite("An overlay over a file system")
struct OverlayFileSystemTests {
    private let base = POSIXFileSystem()
    private let directory: String

    init() throws {
        var template = Array("/tmp/fieldproof-overlay-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func path(_ name: String) -> String { "\(directory)/\(name)" }

    @Test("what is written is read back, and the medium keeps what it had")
    func writes() throws {
        try base.replaceFile(path("a"), with: Array("before".utf8))
        let overlay = OverlayFileSystem(over: base)
        let file = try overlay.open(path("a"), .readWrite)
        try overlay.writeAll(file, at: 3, Array("XYZ!".utf8).span.bytes)
        #expect(try overlay.size(of: file) == 7)
        overlay.close(file)
        #expect(try overlay.readFile(path("a")) == Array("befXYZ!".utf8))
        #expect(try base.readFile(path("a")) == Array("before".utf8))
    }

    @Test("a descriptor of the medium is closed once, however often its file is opened again and by however many")
    func closing() throws {
        try base.replaceFile(path("a"), with: Array("before".utf8))
        let medium = CountingFiles()
        do {
            let overlay = OverlayFileSystem(over: medium)
            let file = try overlay.open(path("a"), .readWrite)
            try overlay.writeAll(file, at: 0, Array("B".utf8).span.bytes)
            overlay.close(file)
            #expect(medium.closed.withLock { $0 } == 1)
            #expect(try overlay.readFile(path("a")) == Array("Before".utf8))
            #expect(medium.closed.withLock { $0 } == 1)
            // Two that nobody closes.
            try base.replaceFile(path("b"), with: [1])
            let first = try overlay.open(path("b"), .readWrite)
            try overlay.writeAll(first, at: 0, ([2] as [UInt8]).span.bytes)
            _ = try overlay.open(path("b"), .read)
        }
        #expect(medium.closed.withLock { $0 } == medium.opened.withLock { $0 })
    }

    @Test("new, renamed and removed files are so in the overlay only")
    func names() throws {
        try base.replaceFile(path("a"), with: [1])
        try base.replaceFile(path("b"), with: [2])
        let overlay = OverlayFileSystem(over: base)
        try overlay.remove(path("a"))
        try overlay.rename(path("b"), to: path("c"))
        let file = try overlay.open(path("d"), .create)
        try overlay.allocate(file, size: 3)
        overlay.close(file)
        #expect(try overlay.entries(of: directory).sorted() == ["c", "d"])
        #expect(try overlay.readFile(path("a")) == nil)
        #expect(try overlay.readFile(path("c")) == [2])
        #expect(try overlay.readFile(path("d")) == [0, 0, 0])
        #expect(throws: LogError.self) { try overlay.open(path("b"), .read) }
        #expect(try base.entries(of: directory).sorted() == ["a", "b"])
    }

    @Test("two open files of one name are one file, also after the first write")
    func twoHandles() throws {
        try base.replaceFile(path("a"), with: [1, 2, 3])
        let overlay = OverlayFileSystem(over: base)
        let writer = try overlay.open(path("a"), .readWrite)
        try overlay.writeAll(writer, at: 0, [UInt8]([9]).span.bytes)
        let reader = try overlay.open(path("a"), .read)
        var bytes: [UInt8] = [0, 0, 0]
        #expect(try overlay.readAll(reader, at: 0, into: &bytes, range: 0..<3) == 3)
        #expect(bytes == [9, 2, 3])
        try overlay.writeAll(writer, at: 2, [UInt8]([7]).span.bytes)
        _ = try overlay.readAll(reader, at: 0, into: &bytes, range: 0..<3)
        #expect(bytes == [9, 2, 7])
    }

    @Test("a log that ended badly is recovered for a look, beside whoever has it locked")
    func recovery() throws {
        let options = LogOptions(laneCount: 1, segmentSize: 64 << 10, capacity: .growing)
        var log = try SegmentedLog(directory: directory, options: options, files: base)
        _ = try log.append([UInt8]([1, 2, 3]).span.bytes, to: Lane(0))
        _ = try log.synchronize()
        let overlay = OverlayFileSystem(over: base)
        var look = try SegmentedLog(directory: directory, options: options, files: overlay)
        var reader = look.reader(of: Lane(0), after: Position(0))
        var payload: [UInt8] = []
        guard case .record = try look.next(&reader, into: &payload) else {
            Issue.record("the record is there")
            return
        }
        #expect(payload == [1, 2, 3])
        _ = try look.append([UInt8]([4]).span.bytes, to: Lane(0))
        try look.close()
        _ = try log.append([UInt8]([5]).span.bytes, to: Lane(0))
        try log.close()
    }
}

/// The machine's files, with a count of how many descriptors were opened and closed.
private final class CountingFiles: FileSystem {
    private let base = POSIXFileSystem()
    let opened = Mutex(0)
    let closed = Mutex(0)

    func open(_ path: String, _ mode: OpenMode) throws(LogError) -> OpenFile {
        let file = try base.open(path, mode)
        opened.withLock { $0 += 1 }
        return file
    }

    func close(_ file: OpenFile) {
        closed.withLock { $0 += 1 }
        base.close(file)
    }

    func size(of file: OpenFile) throws(LogError) -> Int { try base.size(of: file) }
    func read(_ file: OpenFile, at offset: Int, into bytes: inout [UInt8], range: Range<Int>) throws(LogError) -> Int {
        try base.read(file, at: offset, into: &bytes, range: range)
    }
    func write(_ file: OpenFile, at offset: Int, _ bytes: RawSpan) throws(LogError) -> Int {
        try base.write(file, at: offset, bytes)
    }
    func synchronize(_ file: OpenFile) throws(LogError) { try base.synchronize(file) }
    func allocate(_ file: OpenFile, size: Int) throws(LogError) { try base.allocate(file, size: size) }
    func lock(_ file: OpenFile) throws(LogError) -> Bool { try base.lock(file) }
    func rename(_ from: String, to: String) throws(LogError) { try base.rename(from, to: to) }
    func remove(_ path: String) throws(LogError) { try base.remove(path) }
    func createDirectory(_ path: String) throws(LogError) { try base.createDirectory(path) }
    func synchronizeDirectory(_ path: String) throws(LogError) { try base.synchronizeDirectory(path) }
    func entries(of directory: String) throws(LogError) -> [String] { try base.entries(of: directory) }
    func randomSalt() -> UInt64 { base.randomSalt() }
}
