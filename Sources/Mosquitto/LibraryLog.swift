internal import CMosquitto
internal import Synchronization

/// Keeps what the library logs until the owner thread has time for it. Publishers' threads log too, inside the
/// library's log mutex, which is why nothing but this small lock is taken here.
final class LibraryLog: Sendable {
    private struct State {
        var lines: [(LogLevel, String)] = []
        var lastError: String?
    }

    static let capacity = 256
    let isWanted: Bool
    private let state = Mutex(State())

    init(isWanted: Bool) { self.isWanted = isWanted }

    func append(level: Int32, _ line: UnsafePointer<CChar>) {
        let level: LogLevel =
            switch level {
            case MOSQ_LOG_ERR: .error
            case MOSQ_LOG_WARNING: .warning
            case MOSQ_LOG_NOTICE: .notice
            case MOSQ_LOG_INFO: .info
            default: .debug
            }
        guard isWanted || level == .error else { return }
        let text = String(cString: line)
        state.withLock { state in
            // The first error of an attempt is the cause: what follows are OpenSSL's consequences.
            if level == .error, state.lastError == nil { state.lastError = text }
            if isWanted, state.lines.count < Self.capacity { state.lines.append((level, text)) }
        }
    }

    func takeLines() -> [(LogLevel, String)] {
        state.withLock { state in
            defer { state.lines.removeAll() }
            return state.lines
        }
    }

    func takeError() -> String? { state.withLock { $0.lastError.take() } }
}
