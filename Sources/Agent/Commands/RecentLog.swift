package import Logging
import Platform
import Synchronization
import Telemetry

/// The last warnings of a program, and what its log says of its inputs: for whoever asks from afar and has no shell.
///
/// Bounded in lines and in bytes, and in memory only. What a log may say it may say too: never a secret.
package final class RecentLog: Sendable {
    struct Line: Hashable {
        let time: Timestamp
        let level: String
        let text: String
    }

    /// What is known of one input.
    struct InputRemarks: Hashable {
        /// Sources that do not answer, and why.
        var silent: [String: Line] = [:]
        /// The last warning that is about no source.
        var last: Line?
    }

    private struct State {
        var lines: [Line] = []
        var inputs: [String: InputRemarks] = [:]
    }

    static let most = 50
    static let mostInputs = 64
    static let mostSources = 16
    /// Bytes of one line.
    static let longest = 300

    private let state = Mutex(State())
    let clock = SystemClock()

    package init() {}

    /// From the oldest on.
    var lines: [Line] { state.withLock { $0.lines } }

    func remarks(of input: String) -> InputRemarks { state.withLock { $0.inputs[input] ?? InputRemarks() } }

    /// `metadata`: of the logger and the line together. A line of an input has `input`, and one of what it reads from `source`.
    func note(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata, at time: Timestamp) {
        let facts = metadata.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let text = String(([message] + facts).joined(separator: " ").utf8Prefix(Self.longest))
        let line = Line(time: time, level: "\(level)", text: text)
        state.withLock { state in
            if level >= .warning {
                state.lines.append(line)
                if state.lines.count > Self.most { state.lines.removeFirst() }
            }
            guard let input = metadata["input"]?.description else { return }
            guard var remarks = state.inputs[input] ?? (state.inputs.count < Self.mostInputs ? InputRemarks() : nil)
            else {
                return
            }
            switch (metadata["source"]?.description, level >= .warning) {
            case (let source?, true):
                guard remarks.silent[source] != nil || remarks.silent.count < Self.mostSources else { return }
                remarks.silent[source] = line
            case (let source?, false): remarks.silent[source] = nil
            case (nil, true): remarks.last = line
            case (nil, false): return
            }
            state.inputs[input] = remarks
        }
    }
}

/// Hands what is logged on, and lets a ``RecentLog`` know of it.
package struct RecentLogHandler<Inner: LogHandler>: LogHandler {
    private var inner: Inner
    private let recent: RecentLog

    package init(_ inner: Inner, _ recent: RecentLog) {
        self.inner = inner
        self.recent = recent
    }

    /// A source that answers again is told at `info`, and must be known whatever the log shows.
    package var logLevel: Logger.Level {
        get { min(inner.logLevel, .info) }
        set { inner.logLevel = newValue }
    }

    package var metadata: Logger.Metadata {
        get { inner.metadata }
        set { inner.metadata = newValue }
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { inner[metadataKey: key] }
        set { inner[metadataKey: key] = newValue }
    }

    package func log(event: LogEvent) {
        if event.level >= inner.logLevel { inner.log(event: event) }
        guard event.level >= .info else { return }
        recent.note(
            event.level, event.message.description, inner.metadata.merging(event.metadata ?? [:]) { _, new in new },
            at: recent.clock.now)
    }
}

extension String {
    /// As many whole characters as fit into so many bytes.
    func utf8Prefix(_ bytes: Int) -> Substring {
        var end = startIndex
        var room = bytes
        while end < endIndex {
            let next = index(after: end)
            room -= self[end..<next].utf8.count
            guard room >= 0 else { break }
            end = next
        }
        return self[..<end]
    }
}
