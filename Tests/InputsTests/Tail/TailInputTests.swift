import Foundation
import Telemetry
import Testing

@testable import Inputs

@Suite("Input tail")
final class TailInputTests {
    private let directory: String

    init() throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("tail-\(UUID())").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
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

    /// Starts the input, and returns once it has found what is there.
    private func follow(
        _ sink: RecordingSink, _ name: String = "log", from: TailSettings.Start = .end, _ format: String = "key-value",
        fileTag: String? = nil, terminator: UInt8 = UInt8(ascii: "\n"), log: RecordingLog = RecordingLog()
    ) async throws -> RunningInput {
        var settings = TailSettings("\(directory)/\(name)", from: from, try FormatBench.settings(format))
        settings.fileTag = fileTag
        settings.terminator = .byte(terminator)
        let input = try TailInput(settings, environment: .test(log: log))
        let began = Flag()
        let running = try RunningInput { stop throws(InputError) in
            try input.run(into: sink, until: stop) { began.raise() }
        }
        #expect(await eventually { began.isRaised })
        return running
    }

    private static func values(_ sink: RecordingSink) -> [Double] { sink.samples.compactMap { $0.sample.value.number } }

    @Test(
        "what is there is left out or read, as the settings say; what is added is read",
        arguments: [
            (TailSettings.Start.end, [3.0, 4]), (.start, [1.0, 2, 3, 4]),
        ])
    func start(from: TailSettings.Start, expected: [Double]) async throws {
        try append("a=1\na=2\n")
        let sink = RecordingSink()
        let running = try await follow(sink, from: from)
        try append("a=3\na")
        try append("=4\n")
        #expect(await eventually { Self.values(sink) == expected })
        #expect(await running.stop() == nil)
        #expect(sink.rejected.isEmpty)
    }

    @Test("a line that was under way at the start is not taken for a whole one")
    func underWay() async throws {
        try append("a=1")
        let sink = RecordingSink()
        let running = try await follow(sink)
        try append("5\na=2\n")
        #expect(await eventually { Self.values(sink) == [2] })
        #expect(await running.stop() == nil)
    }

    @Test(
        "a rename loses nothing, neither when the writer finds out before the new file is there nor when it does after")
    func renamed() async throws {
        try append("a=0\n")
        let sink = RecordingSink()
        let running = try await follow(sink)
        for round in 0..<5 {
            for index in 0..<100 { try append("a=\(round * 100 + index)\n") }
            try move("log", "log.\(round)")
            // The program that writes finds out late.
            try append("a=\(1000 + round)\n", to: "log.\(round)")
            try append("", to: "log")
            try append("a=\(2000 + round)\n", to: "log.\(round)")
            #expect(await eventually { Self.values(sink).count == (round + 1) * 102 })
        }
        #expect(await running.stop() == nil)
        #expect(Set(Self.values(sink)).count == 510)
        #expect(sink.rejected.isEmpty)
    }

    @Test("a file that is emptied in place is read anew")
    func truncated() async throws {
        try append("a=1\n")
        let sink = RecordingSink()
        let running = try await follow(sink, from: .start)
        try append("a=2\na=3\n")
        #expect(await eventually { Self.values(sink) == [1, 2, 3] })
        try #require(truncate("\(directory)/log", 0) == 0)
        try append("a=4\n")
        #expect(await eventually { Self.values(sink) == [1, 2, 3, 4] })
        #expect(await running.stop() == nil)
    }

    @Test("a file that is not there yet is told once, and read from its start when it comes")
    func later() async throws {
        let (sink, log) = (RecordingSink(), RecordingLog())
        let running = try await follow(sink, log: log)
        try append("a=1\n")
        #expect(await eventually { Self.values(sink) == [1] })
        #expect(await running.stop() == nil)
        #expect(log.text.filter { $0.contains("a source") }.count == 2, "\(log.text)")
    }

    @Test("several files are followed by a pattern, and can be told apart")
    func pattern() async throws {
        try append("a=1\n", to: "scale-1.log")
        try append("a=9\n", to: "other.log")
        let sink = RecordingSink()
        let running = try await follow(sink, "scale-*.log", from: .start, fileTag: "file")
        try append("a=2\n", to: "scale-2.log")
        #expect(await eventually { sink.samples.count == 2 })
        #expect(await running.stop() == nil)
        #expect(sink.series.map(\.key) == ["a,file=scale-1.log", "a,file=scale-2.log"])
    }

    @Test("the names of columns are known although reading begins at the end")
    func header() async throws {
        try append("t,h\n1,2\n")
        let sink = RecordingSink()
        let running = try await follow(sink, "log", from: .end, "csv")
        try append("3,4\n")
        #expect(await eventually { sink.samples.count == 2 })
        #expect(await running.stop() == nil)
        #expect(sink.series.map(\.name) == ["t", "h"])
        #expect(Self.values(sink) == [3, 4])
    }

    @Test("the settings say what ends a record, also where reading begins")
    func terminator() async throws {
        try append("t,h;1,2;")
        let sink = RecordingSink()
        let running = try await follow(sink, "log", from: .end, "csv", terminator: UInt8(ascii: ";"))
        try append("3,4;")
        #expect(await eventually { sink.samples.count == 2 }, "\(sink.rejected)")
        #expect(await running.stop() == nil)
        #expect(sink.series.map(\.name) == ["t", "h"])
        #expect(Self.values(sink) == [3, 4])
    }

    @Test("what is no regular file is not read")
    func irregular() async throws {
        try #require(mkfifo("\(directory)/log", 0o600) == 0)
        let (sink, log) = (RecordingSink(), RecordingLog())
        let running = try await follow(sink, log: log)
        #expect(await eventually { log.reasons.contains("it is no regular file") })
        #expect(await running.stop() == nil)
    }
}
