import Foundation
import Synchronization
import Telemetry
import Testing

@testable import Inputs

/// A sink whose samples are on disk when the test says so.
private final class DiskSink: SampleSink {
    let recorded = RecordingSink()
    private let state = Mutex<(stored: UInt64, isAsked: Bool, wasKept: Bool?)>((0, false, nil))
    private let isPrompt: Bool
    private let watched: String?

    /// - Parameters:
    ///   - isPrompt: whether what is accepted is stored at once.
    ///   - watched: a file; who asks for all to be stored is answered at once, and it is remembered whether there was this file by then.
    init(isPrompt: Bool = true, watching watched: String? = nil) {
        self.isPrompt = isPrompt
        self.watched = watched
    }

    func register(_ series: Series) -> SeriesID? { recorded.register(series) }
    func accept(_ samples: [Sample], priority: PriorityClass) { recorded.accept(samples, priority: priority) }
    func accept(_ event: Event) { recorded.accept(event) }
    func reject(_ count: Int, from input: String, reason: String) {
        recorded.reject(count, from: input, reason: reason)
    }

    var mark: UInt64 { UInt64(recorded.samples.count) }
    func isStored(_ mark: UInt64) -> Bool { isPrompt || state.withLock { $0.stored >= mark } }
    func storeSoon() {
        let (wasKept, mark) = (watched.map { FileManager.default.fileExists(atPath: $0) }, mark)
        state.withLock { state in
            state.isAsked = true
            guard let wasKept else { return }
            state.wasKept = state.wasKept ?? wasKept
            state.stored = mark
        }
    }

    var isAsked: Bool { state.withLock { $0.isAsked } }
    /// Whether the watched file was there when all was asked to be stored; nil where nobody asked.
    var wasKept: Bool? { state.withLock { $0.wasKept } }
    var values: [Double] { recorded.samples.compactMap { $0.sample.value.number } }
}

@Suite("Input tail: what is read once is not read again")
final class TailPositionTests {
    private let directory: String
    private var state: String { directory + "/state" }

    init() throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("tail-\(UUID())").path
        try FileManager.default.createDirectory(atPath: directory + "/state", withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    private func append(_ text: String, to name: String = "log") throws {
        let path = "\(directory)/\(name)"
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
        }
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
    }

    private func move(_ from: String, _ to: String) throws {
        try FileManager.default.moveItem(atPath: "\(directory)/\(from)", toPath: "\(directory)/\(to)")
    }

    private func start(
        _ sink: DiskSink, _ name: String = "log", from: TailSettings.Start = .end, _ format: String = "key-value",
        log: RecordingLog = RecordingLog()
    ) async throws -> RunningInput {
        let settings = TailSettings("\(directory)/\(name)", from: from, try FormatBench.settings(format))
        let input = try TailInput(settings, environment: .test(state: state, log: log))
        let began = Flag()
        let running = try RunningInput { stop throws(InputError) in
            try input.run(into: sink, until: stop) { began.raise() }
        }
        #expect(await eventually { began.isRaised })
        return running
    }

    /// What a start reads, up to its end in good order.
    private func values(
        _ name: String = "log", count: Int, from: TailSettings.Start = .end, _ format: String = "key-value",
        log: RecordingLog = RecordingLog()
    ) async throws -> [Double] {
        let sink = DiskSink()
        let running = try await start(sink, name, from: from, format, log: log)
        #expect(await eventually { sink.values.count >= count })
        #expect(await running.stop() == nil)
        #expect(sink.recorded.rejected.isEmpty)
        return sink.values
    }

    @Test("over a restart each record is read once, also one that was half there")
    func restart() async throws {
        try append("a=1\n")
        #expect(try await values(count: 0) == [])
        try append("a=2\na=3\na=")
        #expect(try await values(count: 2) == [2, 3])
        try append("4\na=5\n")
        #expect(try await values(count: 2) == [4, 5])
        #expect(try await values(count: 0) == [])
        #expect(try await values(count: 0, from: .start) == [], "the position that is kept goes before 'from'")
    }

    @Test("a file that was rotated away meanwhile is read to its end first, then the one that has its name")
    func rotated() async throws {
        try append("a=1\n")
        #expect(try await values(count: 1, from: .start) == [1])
        try append("a=2\n")
        try move("log", "log.1")
        try append("a=3\n")
        #expect(try await values(count: 2) == [2, 3])
        #expect(try await values(count: 0) == [])
    }

    @Test("what was rotated away and is gone is told as missed; the file that has its name is new")
    func removed() async throws {
        try append("a=1\n")
        #expect(try await values(count: 1, from: .start) == [1])
        // Another file keeps the number of the inode from being given again.
        try move("log", "kept")
        try append("a=2\n")
        let log = RecordingLog()
        #expect(try await values(count: 1, log: log) == [2])
        #expect(log.text.contains { $0.contains("rotated away while nobody read it") })
    }

    @Test("a file that was emptied meanwhile, or is another with the same number, is read from its start")
    func truncated() async throws {
        try append("a=1\na=2\n")
        #expect(try await values(count: 2, from: .start) == [1, 2])
        try #require(truncate("\(directory)/log", 0) == 0)
        try append("a=3\n")
        #expect(try await values(count: 1) == [3])
        try #require(truncate("\(directory)/log", 0) == 0)
        try append("b=4\nb=5\nb=6\n")
        #expect(try await values(count: 3) == [4, 5, 6], "it is longer than the other was, and begins otherwise")
    }

    @Test("of a pattern, a file that came meanwhile is read from its start, and one that was renamed goes on")
    func pattern() async throws {
        try append("a=1\n", to: "scale-1.log")
        #expect(try await values("scale-*.log", count: 0) == [])
        try append("a=2\n", to: "scale-1.log")
        try move("scale-1.log", "scale-old.log")
        try append("a=3\n", to: "scale-1.log")
        try append("a=4\n", to: "scale-2.log")
        #expect(try await values("scale-*.log", count: 3).sorted() == [2, 3, 4])
    }

    @Test("a file is known again although its device has another number, as after a start of the system")
    func device() async throws {
        try append("a=1\n")
        #expect(try await values(count: 1, from: .start) == [1])
        let text = try String(contentsOfFile: state + "/tail-test", encoding: .utf8)
        let other = text.replacingOccurrences(
            of: "\"device\": *\"[0-9]+\"", with: "\"device\": \"1\"", options: .regularExpression)
        #expect(other != text)
        try other.write(toFile: state + "/tail-test", atomically: true, encoding: .utf8)
        try append("a=2\n")
        #expect(try await values(count: 1) == [2])
    }

    @Test("a position is kept while the file is away, as when its disk is mounted later")
    func away() async throws {
        try append("a=1\n")
        #expect(try await values(count: 1, from: .start) == [1])
        try move("log", "away")
        #expect(try await values(count: 0) == [])
        try move("away", "log")
        try append("a=2\n")
        #expect(try await values(count: 1) == [2])
    }

    @Test("of a pattern, a file that has no name that fits any more is read to its end beside it, or told as missed")
    func patternLeft() async throws {
        try append("a=1\n", to: "scale-1.log")
        try append("a=2\n", to: "scale-2.log")
        #expect(try await values("scale-*.log", count: 2, from: .start).sorted() == [1, 2])
        try append("a=3\n", to: "scale-1.log")
        try move("scale-1.log", "scale-1.log.1")
        try move("scale-2.log", "kept")
        try append("a=4\n", to: "scale-3.log")
        let log = RecordingLog()
        #expect(try await values("scale-*.log", count: 2, log: log).sorted() == [3, 4])
        #expect(log.text.filter { $0.contains("rotated away while nobody read it") }.count == 1)
    }

    @Test("the names of columns are known after a restart")
    func header() async throws {
        try append("t,h\n1,2\n")
        #expect(try await values(count: 2, from: .start, "csv") == [1, 2])
        try append("3,4\n")
        #expect(try await values(count: 2, "csv") == [3, 4])
    }

    @Test("a position is kept when what came before it is on disk, and at the end without waiting for the next sync")
    func stored() async throws {
        try append("a=1\n")
        let sink = DiskSink(isPrompt: false, watching: state + "/tail-test")
        let running = try await start(sink, from: .start)
        #expect(await eventually { sink.values == [1] })
        running.wake()
        #expect(await running.end() == nil)
        #expect(sink.wasKept == false, "it is asked for, and nothing is kept that may be lost")
        #expect(FileManager.default.fileExists(atPath: state + "/tail-test"))
        #expect(try await values(count: 0) == [])
    }

    @Test("what a crash took from memory is read again")
    func crash() async throws {
        try append("a=1\n")
        #expect(try await values(count: 1, from: .start) == [1])
        try append("a=2\n")
        // Never on disk; the end gives up waiting, as it would for a disk that hangs.
        let (sink, log) = (DiskSink(isPrompt: false), RecordingLog())
        let running = try await start(sink, log: log)
        #expect(await eventually { sink.values == [2] })
        #expect(await running.stop() == nil)
        #expect(log.text.contains { $0.contains("the next start reads it again") })
        #expect(try await values(count: 1) == [2])
    }

    @Test(
        "positions that cannot be used are told, and reading begins as at the first start",
        arguments: [
            ("", "is damaged"), ("{}", "is damaged"), ("{\"form\":1,\"path\":\"LOG\",\"files\":[{}]}", "is damaged"),
            ("{\"form\":2,\"path\":\"LOG\",\"files\":[]}", "has form 2, and 1 is known: a newer version wrote it"),
        ])
    func unusable(text: String, reason: String) async throws {
        try append("a=1\n")
        let text = text.replacingOccurrences(of: "LOG", with: directory + "/log")
        try text.write(toFile: state + "/tail-test", atomically: true, encoding: .utf8)
        let log = RecordingLog()
        #expect(try await values(count: 1, from: .start, log: log) == [1])
        #expect(log.reasons.contains { $0.contains(reason) }, "\(log.reasons)")
    }

    @Test("positions of another path are none")
    func otherPath() async throws {
        try append("a=1\n", to: "other")
        #expect(try await values("other", count: 1, from: .start) == [1])
        try append("a=2\n")
        #expect(try await values(count: 1, from: .start) == [2])
    }
}

@Suite("What wakes an input that follows files")
final class FileWatchTests {
    private let directory = FileManager.default.temporaryDirectory.appendingPathComponent("watch-\(UUID())").path

    init() throws { try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    private func write(_ name: String) throws {
        let file = open("\(directory)/\(name)", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        try #require(file >= 0)
        try #require(Foundation.write(file, "x", 1) == 1)
        close(file)
    }

    @Test("what is written to the file does, and what is written to others beside it does not")
    func writes() throws {
        try write("log")
        try write("other")
        var watch = FileWatch(directory) { $0 == "log" }
        let watches = watch.isWatching
        #expect(watches)
        let file = open("\(directory)/log", O_RDONLY)
        defer { close(file) }
        let number = watch.add(file)
        #expect(number >= 0)
        for _ in 0..<100 { try write("other") }
        #expect(!Readiness.isReadable(watch.descriptor))
        try write("log")
        #expect(Readiness.isReadable(watch.descriptor))
        #expect(watch.take() == FileWatch.News(files: [number]))
        #expect(!Readiness.isReadable(watch.descriptor))
        watch.remove(number)
        _ = watch.take()
        try write("log")
        #expect(!Readiness.isReadable(watch.descriptor))
    }

    @Test("names that are followed are news, others are not; a file is watched on under another name")
    func names() throws {
        var watch = FileWatch(directory) { $0 == "log" }
        try write("other")
        #expect(watch.take() == FileWatch.News())
        try write("log")
        #expect(watch.take() == FileWatch.News(names: true))
        let file = open("\(directory)/log", O_RDONLY)
        defer { close(file) }
        let number = watch.add(file)
        try FileManager.default.moveItem(atPath: "\(directory)/log", toPath: "\(directory)/log.1")
        #expect(watch.take() == FileWatch.News(names: true))
        try write("log.1")
        #expect(watch.take() == FileWatch.News(files: [number]))
    }

    @Test("a directory that goes is not watched any more, and is when it is there again")
    func directoryGoes() throws {
        var watch = FileWatch(directory) { _ in true }
        try FileManager.default.removeItem(atPath: directory)
        #expect(watch.take().names)
        let isLeft = watch.isWatching
        #expect(!isLeft)
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        watch.renew()
        let isBack = watch.isWatching
        #expect(isBack)
        try write("log")
        #expect(watch.take().names)
    }
}
