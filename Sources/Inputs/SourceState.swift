package import Logging

/// Whether what an input reads from answers: says so once per change, and how long to wait before the next try.
///
/// A device that is away for a night is two log lines, not thirty thousand; and one that comes back is heard within a minute. One that comes and
/// goes all the time is a few lines and then one in a minute, which says how many changes went untold; a state that lasts is told with a later word of it.
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
    private let watch: InputWatch?
    private var state = State.unknown
    /// What the log says.
    private var told = State.unknown
    /// Changes since then that the log does not have.
    private var untold = 0
    private var throttle: LogThrottle
    /// Failures since it last answered.
    package private(set) var failures = 0

    /// - Parameters:
    ///   - source: what is read, as a person knows it, such as `tcp://10.0.0.9:502 unit 1`.
    ///   - logger: gets one line per change.
    ///   - first: the pause after the first failure, nanoseconds.
    ///   - longest: the longest pause, nanoseconds.
    ///   - watch: the input's, which is told of each change.
    package init(
        _ source: String, logger: Logger, first: Int64 = 1_000_000_000, longest: Int64 = 60_000_000_000,
        watch: InputWatch? = nil
    ) {
        self.init(source, logger: logger, first: first, longest: longest, watch: watch, now: monotonicNanoseconds())
    }

    /// One of an input's sources: its log and its watch are told.
    package init(
        _ source: String, of environment: InputEnvironment, first: Int64 = 1_000_000_000,
        longest: Int64 = 60_000_000_000
    ) {
        self.init(source, logger: environment.logger, first: first, longest: longest, watch: environment.watch)
    }

    /// As the other, at a time on the monotonic clock, nanoseconds.
    init(
        _ source: String, logger: Logger, first: Int64 = 1_000_000_000, longest: Int64 = 60_000_000_000,
        watch: InputWatch? = nil, now: Int64
    ) {
        self.watch = watch
        self.source = source
        self.logger = logger
        self.first = max(1, first)
        self.longest = max(self.first, longest)
        throttle = LogThrottle(burst: 10, interval: 60_000_000_000, now: now)
    }

    package var isUp: Bool { state == .up }

    /// It answered.
    package mutating func answered() {
        // Also in the steady state, which is nearly always, without a look at the clock.
        guard state != .up || told != .up else { return }
        answered(at: monotonicNanoseconds())
    }

    /// - Parameter now: nanoseconds on the monotonic clock.
    mutating func answered(at now: Int64) {
        let failures = failures
        self.failures = 0
        change(to: .up, at: now) { logger, metadata in
            if failures > 0 { metadata["failures"] = "\(failures)" }
            logger.info("a source answers", metadata: metadata)
        }
    }

    /// It did not, for a reason that a person can act on.
    ///
    /// Another reason than the last is a change too, and gets its line: a cable put back may show a wrong address.
    ///
    /// - Returns: how long to wait before the next try, nanoseconds.
    package mutating func failed(_ reason: String) -> Int64 { failed(reason, at: monotonicNanoseconds()) }

    /// - Parameters:
    ///   - reason: what a person can act on.
    ///   - now: nanoseconds on the monotonic clock.
    /// - Returns: how long to wait before the next try, nanoseconds.
    mutating func failed(_ reason: String, at now: Int64) -> Int64 {
        // Shifted to the right, the longest cannot overflow.
        let pause = failures < 62 && first <= longest >> failures ? first << failures : longest
        failures += 1
        change(to: .down(reason: reason), at: now) { logger, metadata in
            metadata["reason"] = "\(reason)"
            logger.warning("a source does not answer; trying again", metadata: metadata)
        }
        return pause
    }

    private mutating func change(to new: State, at now: Int64, _ tell: (Logger, inout Logger.Metadata) -> Void) {
        if new != state { untold += 1 }
        switch new {
        case .up: watch?.note(.init(name: source, isUp: true, reason: ""), isNews: new != state)
        case .down(let reason): watch?.note(.init(name: source, isUp: false, reason: reason), isNews: new != state)
        case .unknown: break
        }
        state = new
        // A change held back is told later, unless it was taken back meanwhile.
        guard told != new, throttle.admit(at: now) != nil else { return }
        var metadata: Logger.Metadata = ["source": "\(source)"]
        if untold > 1 { metadata["changes-untold"] = "\(untold - 1)" }
        tell(logger, &metadata)
        (told, untold) = (new, 0)
    }
}
