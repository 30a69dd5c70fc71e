import Logging
import Telemetry
import Testing

@testable import Platform

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

@Suite("A log entry is one line")
struct LineLogHandlerTests {
    /// 2026-11-26T07:00:00.250Z.
    private static let time = Timestamp(nanoseconds: 1_795_676_400_250_000_000)

    private func line(
        _ message: String, _ level: Logger.Level = .notice, _ metadata: Logger.Metadata = [:], toJournal: Bool = false,
        standing: Logger.Metadata = [:]
    ) -> String {
        var handler = LineLogHandler(toJournal: toJournal)
        handler.metadata = standing
        let event = LogEvent(
            level: level, message: "\(message)", metadata: metadata, source: nil, file: "file", function: "function",
            line: 1)
        return handler.line(event, at: Self.time)
    }

    @Test("time, level, message, then metadata by key; what has a space or nothing in it is quoted")
    func layout() {
        #expect(
            line("connected", .notice, ["window": "64", "broker": "mqtt://b:1883", "reason": "no route", "empty": ""])
                == "2026-11-26T07:00:00.250Z notice connected broker=mqtt://b:1883 empty=\"\" reason=\"no route\" window=64"
        )
    }

    @Test("an entry's own metadata win over the logger's")
    func precedence() {
        #expect(
            line("m", .info, ["a": "entry"], standing: ["a": "logger", "b": "logger"])
                == "2026-11-26T07:00:00.250Z info m a=entry b=logger")
    }

    @Test(
        "the journal gets the severity of syslog instead",
        arguments: [
            (Logger.Level.trace, 7), (.debug, 7), (.info, 6), (.notice, 5), (.warning, 4), (.error, 3), (.critical, 2),
        ])
    func journal(level: Logger.Level, severity: Int) {
        #expect(line("m", level, ["a": "b"], toJournal: true) == "<\(severity)>m a=b")
    }

    @Test("each line of a complaint is an error to the journal, and itself to everybody else")
    func complaint() {
        let complaint = "a.yaml:1:1: b\na.yaml:2:1: c"
        #expect(LineLogHandler(toJournal: true).complaint(complaint) == "<3>a.yaml:1:1: b\n<3>a.yaml:2:1: c")
        #expect(LineLogHandler(toJournal: false).complaint(complaint) == complaint)
    }

    @Test("only what has the device and the inode of the journal's stream is the journal")
    func journalStream() throws {
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        var status = stat()
        #expect(fstat(ends[1], &status) == 0)
        let stream = "\(status.st_dev):\(status.st_ino)"
        #expect(LineLogHandler.isJournal(ends[1], stream: stream))
        // Inherited by a program whose standard error goes elsewhere.
        let elsewhere = open("/proc/self/status", O_RDONLY | O_CLOEXEC)
        defer { close(elsewhere) }
        #expect(!LineLogHandler.isJournal(elsewhere, stream: stream))
        #expect(!LineLogHandler.isJournal(-1, stream: stream))
        for other in [
            nil, "", ":", "\(status.st_ino)", "\(status.st_dev):", "\(status.st_dev):\(status.st_ino):", "\(stream)0",
            "\(status.st_dev + 1):\(status.st_ino)", "-1:-1", "99999999999999999999999:1",
        ] {
            #expect(!LineLogHandler.isJournal(ends[1], stream: other), "\(other ?? "none")")
        }
    }

    @Test(
        "nothing in a message or value begins another line or gives a terminal orders",
        arguments: [
            ("a\nb", "a\\nb"), ("a\r\nb", "a \\nb"), ("a\rb", "a b"), ("a\u{0}b", "a b"), ("a\u{1B}[2Jb", "a [2Jb"),
            ("a\u{7F}b", "a b"), ("a\u{85}b", "a b"), ("a\u{9B}2Jb", "a 2Jb"), ("a\u{2028}b", "a b"),
            ("a\u{2029}b", "a b"), ("a\tb", "a b"), ("say \"b\"", "say 'b'"), ("抓取 ✓", "抓取 ✓"),
        ])
    func hostile(text: String, shown: String) {
        #expect(line(text) == "2026-11-26T07:00:00.250Z notice \(shown)")
        let value = shown.contains(" ") ? "\"\(shown)\"" : shown
        #expect(line("m", .notice, ["k": "\(text)"]) == "2026-11-26T07:00:00.250Z notice m k=\(value)")
    }

    @Test("a value cannot close its quotes and add a field of its own")
    func quotes() {
        #expect(
            line("m", .notice, ["reason": "x\" level=critical y=\"z"])
                == "2026-11-26T07:00:00.250Z notice m reason=\"x' level=critical y='z\"")
    }
}
