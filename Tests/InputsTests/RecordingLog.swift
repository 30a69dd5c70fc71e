import Inputs
import Logging
import Synchronization
import Telemetry

/// A log that tests can read.
final class RecordingLog: Sendable {
    private let lines = Mutex<[String]>([])
    private let given = Mutex<[Logger.Metadata]>([])

    var text: [String] { lines.withLock { $0 } }

    /// The metadata `reason` of every line that has it.
    var reasons: [String] { metadata("reason") }

    /// The metadata of a key, of every line that has it.
    func metadata(_ key: String) -> [String] { given.withLock { $0.compactMap { $0[key].map { "\($0)" } } } }

    var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

    private struct Handler: LogHandler {
        let log: RecordingLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            log.lines.withLock { $0.append("\(event.level): \(event.message)") }
            if let metadata = event.metadata { log.given.withLock { $0.append(metadata) } }
        }
    }
}

extension InputEnvironment {
    /// An environment whose clock stands still.
    static func test(
        name: String = "test", root: String = "", state: String? = nil,
        at nanoseconds: Int64 = 1_795_300_000_000_000_000, log: RecordingLog = RecordingLog()
    ) -> InputEnvironment {
        InputEnvironment(
            name: name, device: "box-1", root: root, state: state, now: { Timestamp(nanoseconds: nanoseconds) },
            logger: log.logger)
    }
}

/// Something that has happened or not.
final class Flag: Sendable {
    private let state = Mutex(false)

    var isRaised: Bool { state.withLock { $0 } }
    func raise() { state.withLock { $0 = true } }
}

/// Waits until a condition holds.
///
/// - Returns: whether it came to hold within a minute: tests run beside each other, and a source that was away is tried ever more rarely.
func eventually(_ condition: () -> Bool) async -> Bool {
    let deadline = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < deadline {
        if condition() { return true }
        await Task.yield()
        try? await Task.sleep(for: .milliseconds(2))
    }
    return condition()
}
