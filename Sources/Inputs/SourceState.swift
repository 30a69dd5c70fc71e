package import Logging

/// Whether what an input reads from answers: says so once per change, and how long to wait before the next try.
///
/// A device that is away for a night is two log lines, not thirty thousand; and one that comes back is heard within a minute.
package struct SourceState {
    private enum State: Hashable {
        case unknown
        case up
        case down(reason: String)
    }

    /// The pause after the first failure, nanoseconds; each further one doubles it.
    private let first: Int64
    /// The longest pause, nanoseconds.
    private let longest: Int64
    private let source: String
    private let logger: Logger
    private var state = State.unknown
    /// Failures since it last answered.
    package private(set) var failures = 0

    /// - Parameters:
    ///   - source: what is read, as a person knows it, such as `tcp://10.0.0.9:502 unit 1`.
    ///   - logger: gets one line per change.
    ///   - first: the pause after the first failure, nanoseconds.
    ///   - longest: the longest pause, nanoseconds.
    package init(
        _ source: String, logger: Logger, first: Int64 = 1_000_000_000, longest: Int64 = 60_000_000_000
    ) {
        self.source = source
        self.logger = logger
        self.first = max(1, first)
        self.longest = max(self.first, longest)
    }

    package var isUp: Bool { state == .up }

    /// It answered.
    package mutating func answered() {
        if state != .up {
            let metadata: Logger.Metadata =
                failures > 0 ? ["source": "\(source)", "failures": "\(failures)"] : ["source": "\(source)"]
            logger.info("a source answers", metadata: metadata)
        }
        state = .up
        failures = 0
    }

    /// It did not, for a reason that a person can act on.
    ///
    /// Another reason than the last is a change too, and gets its line: a cable put back may show a wrong address.
    ///
    /// - Returns: how long to wait before the next try, nanoseconds.
    package mutating func failed(_ reason: String) -> Int64 {
        // Shifted to the right, the longest cannot overflow.
        let pause = failures < 62 && first <= longest >> failures ? first << failures : longest
        failures += 1
        if state != .down(reason: reason) {
            logger.warning(
                "a source does not answer; trying again", metadata: ["source": "\(source)", "reason": "\(reason)"])
        }
        state = .down(reason: reason)
        return pause
    }
}
