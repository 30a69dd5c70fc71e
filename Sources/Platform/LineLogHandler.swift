package import Logging
import Synchronization
import Telemetry

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Writes each log entry as one line to standard error: `time level message key=value …`.
///
/// Where standard error is systemd's journal, the line starts with the syslog priority in angle brackets instead of the time
/// (sd-daemon(3)), so that the journal knows levels. Line breaks inside a message or a value are written as `\n` and other control
/// characters as spaces, so that no input can forge a line or give a terminal orders.
package struct LineLogHandler: LogHandler {
    package var logLevel: Logger.Level = .info
    package var metadata: Logger.Metadata = [:]
    private let toJournal: Bool

    /// - Parameter toJournal: whether lines are for systemd's journal; by default, whether it is at the other end.
    package init(
        toJournal: Bool = Self.isJournal(
            STDERR_FILENO, stream: getenv("JOURNAL_STREAM").map { String(cString: $0) })
    ) {
        self.toJournal = toJournal
    }

    /// Whether a descriptor leads to the journal.
    ///
    /// `stream`: `JOURNAL_STREAM`, device and inode of what systemd has given a service as its output, in decimal (systemd.exec(5)). A program
    /// inherits it with its environment, also one whose output goes elsewhere by `2>file`.
    package static func isJournal(_ descriptor: Int32, stream: String?) -> Bool {
        guard let parts = stream?.split(separator: ":", omittingEmptySubsequences: false), parts.count == 2,
            let device = UInt64(parts[0]), let inode = UInt64(parts[1])
        else { return false }
        var status = stat()
        return fstat(descriptor, &status) == 0 && UInt64(status.st_dev) == device && UInt64(status.st_ino) == inode
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        Self.put(line(event, at: SystemClock.now) + "\n")
    }

    /// Says on standard error why a program ends, or what it leaves out: lines as they are, for the journal errors each.
    package func complain(_ message: String) {
        Self.put(complaint(message) + "\n")
    }

    /// The lines of a complaint, without the last newline.
    func complaint(_ message: String) -> String {
        guard toJournal else { return message }
        let mark = "<\(Self.priority(.error))>"
        return mark + message.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n\(mark)")
    }

    /// In one call, so that lines of several threads do not mix.
    private static func put(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            _ = write(STDERR_FILENO, bytes.baseAddress, bytes.count)
        }
    }

    /// The entry without its newline.
    func line(_ event: LogEvent, at time: Timestamp) -> String {
        var line = toJournal ? "<\(Self.priority(event.level))>" : "\(time) \(event.level) "
        line += Self.oneLine(event.message.description)
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        for (key, value) in all.sorted(by: { $0.key < $1.key }) {
            let text = Self.oneLine(value.description)
            line += text.contains(" ") || text.isEmpty ? " \(key)=\"\(text)\"" : " \(key)=\(text)"
        }
        return line
    }

    /// syslog(3) severities.
    private static func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }

    private static func oneLine(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { isControl($0) || $0 == "\"" }) else { return text }
        return text.unicodeScalars.reduce(into: "") { line, scalar in
            switch scalar {
            case "\n": line += "\\n"
            case "\"": line += "'"
            case _ where isControl(scalar): line += " "
            default: line.unicodeScalars.append(scalar)
            }
        }
    }

    /// What a terminal obeys or a viewer breaks a line at: C0, DEL, C1, and Unicode's line and paragraph separators.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029: true
        default: false
        }
    }
}
