import Frames
import Logging
import Synchronization
import StorageSupport
import Telemetry
import Testing

@testable import Collector

/// Keeps what is logged.
final class RecordingLog: LogHandler, Sendable {
    struct Line: Hashable, Sendable {
        let level: Logger.Level
        let message: String
        let metadata: [String: String]
    }

    private let kept = Mutex<[Line]>([])

    var lines: [Line] { kept.withLock { $0 } }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        let metadata = (event.metadata ?? [:]).mapValues(\.description)
        let line = Line(level: event.level, message: event.message.description, metadata: metadata)
        kept.withLock { $0.append(line) }
    }

    var logger: Logger { Logger(label: "test") { _ in self } }
}

@Suite("A sender of rubbish cannot fill the log")
struct RefusalLogTests {
    private let recording = RecordingLog()

    private func note(_ log: inout RefusalLog, _ refusal: FrameRefusal, at time: Int64) {
        log.note(refusal, site: .named("here"), agent: .named("box"), bytes: 42, at: time, recording.logger)
    }

    @Test("one line a second at the most, which tells of those in between")
    func throttling() {
        var log = RefusalLog()
        for millisecond in 0..<2500 {
            note(&log, .gate(.implausible("epoch 9")), at: 7_000_000_000 + Int64(millisecond) * 1_000_000)
        }
        #expect(recording.lines.map { $0.metadata["unlogged"] } == ["0", "999", "999"])
        note(&log, .gate(.implausible("epoch 9")), at: 100_000_000_000)
        #expect(recording.lines.last?.metadata["unlogged"] == "499")
    }

    @Test("a line says who, how much and why")
    func content() {
        var log = RefusalLog()
        note(&log, .gate(.malformed(FrameError(.checksumMismatch, "the checksum is wrong"))), at: 0)
        note(&log, .gate(.foreignIdentity(claimed: "there/other/bulk")), at: 1_000_000_000)
        note(&log, .gate(.implausible("epoch 9")), at: 2_000_000_000)
        #expect(Set(recording.lines.map(\.level)) == [.warning])
        #expect(Set(recording.lines.map(\.message)) == ["a payload was refused; nothing of it was kept"])
        #expect(
            recording.lines.map { $0.metadata["reason"] } == [
                "the checksum is wrong", "it says it is from there/other/bulk", "implausible: epoch 9",
            ])
        #expect(recording.lines.allSatisfy { $0.metadata["site"] == "here" && $0.metadata["agent"] == "box" })
        #expect(recording.lines.allSatisfy { $0.metadata["bytes"] == "42" })
    }

    @Test("two boxes that pass for one are an error, with what to do")
    func twoBoxes() {
        var log = RefusalLog()
        let (one, other) = (UUIDBytes(high: 1, low: 1), UUIDBytes(high: 2, low: 2))
        let refusals: [FrameRefusal] = [
            .contested(one), .contradiction(.ordinals), .contradiction(.twoBoots(one, other)),
        ]
        for (second, refusal) in refusals.enumerated() { note(&log, refusal, at: Int64(second) * 1_000_000_000) }
        #expect(recording.lines.map(\.level) == [.error, .error, .error])
        #expect(recording.lines.allSatisfy { $0.metadata["reason"]?.contains("give one of them") == true })
    }
}
