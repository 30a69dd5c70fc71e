package import Logging
import Synchronization

/// Whether a daemon does what it is there for, for all who watch it: systemd, its watchdog, and `/healthz`.
///
/// There is one definition of that. A daemon is alive while
///
/// 1. the thread that owns its state comes round: no turn of it, with everything it waits for in it (a sync of the disk, a commit of the
///    store), takes longer than ``patience``; and
/// 2. nothing that the daemon itself looks at says otherwise (``attend(to:)``): the agent's inputs deliver, or are known to be away.
///
/// What a restart does not cure is none of that: a broker, a network, a sensor that is away, a full disk.
package final class ServiceWatch: Sendable {
    package enum Phase: Int, Sendable {
        case starting
        case running
        case stopping
    }

    /// Of the thread that owns the daemon's state.
    package let pulse = LoopPulse()
    /// How long a turn of that thread may take, nanoseconds: half a minute, or half of the watchdog's time where that is less.
    package let patience: Int64

    private let notifier: ServiceNotifier?
    private let clock = SystemClock()
    private let tell: @Sendable (_ faults: [String]) -> Void
    private let state: Mutex<State>

    private struct State {
        var phase = Phase.starting
        /// What must be there before the daemon really runs.
        var awaited: Set<String>
        /// What is under way while it starts.
        var activity = ""
        var inspections: [@Sendable (_ now: Int64) -> String?] = []
        /// When the watchdog is fed next (`CLOCK_MONOTONIC`, ns).
        var nextFeed: Int64
        var nextExtension: Int64 = 0
        var faults: [String] = []
        var wake: (@Sendable () -> Void)?
    }

    /// What a watchdog that is not there would be, nanoseconds.
    private static let longestTurn: Int64 = 30_000_000_000
    /// How much more time is asked for at once while something long gets on, nanoseconds, and how often.
    private static let extensionTime: Int64 = 60_000_000_000
    private static let extensionInterval: Int64 = 5_000_000_000

    /// - Parameters:
    ///   - awaited: the parts that must be there before the daemon really runs.
    ///   - notifier: who wants to hear of it.
    ///   - tell: called when the watchdog is no more fed, with the reasons, and with none when it is again.
    package init(
        awaiting awaited: Set<String>, notifier: ServiceNotifier? = ServiceNotifier(),
        tell: @escaping @Sendable (_ faults: [String]) -> Void = { _ in }
    ) {
        self.notifier = notifier
        self.tell = tell
        patience = min(Self.longestTurn, (notifier?.watchdog ?? .max) / 2)
        state = Mutex(State(awaited: awaited, nextFeed: clock.monotonic))
    }

    /// One whose log says why the watchdog is no more fed, before the manager ends the process.
    package convenience init(awaiting awaited: Set<String>, logger: Logger) {
        self.init(awaiting: awaited) { faults in
            if faults.isEmpty {
                logger.notice("data flow again; the watchdog is fed")
            } else {
                logger.critical(
                    "data do not flow; the watchdog is not fed",
                    metadata: ["reason": "\(faults.joined(separator: "; "))"])
            }
        }
    }

    package var phase: Phase { state.withLock { $0.phase } }

    /// What is under way while it starts; empty when nothing was said.
    package var activity: String { state.withLock { $0.activity } }

    /// Adds something that the daemon's life depends on: why it is not well, or nil. Called from any thread, and must not wait.
    package func attend(to inspection: @escaping @Sendable (_ now: Int64) -> String?) {
        state.withLock { $0.inspections.append(inspection) }
    }

    /// A part is there. With the last one the daemon is ready, and says so.
    package func arrived(_ part: String) {
        let (isReady, wake) = state.withLock { state in
            guard state.awaited.remove(part) != nil, state.awaited.isEmpty, state.phase == .starting else {
                return (false, state.wake)
            }
            state.phase = .running
            state.activity = ""
            return (true, state.wake)
        }
        guard isReady else { return }
        notifier?.send("READY=1", ServiceNotifier.status("running"))
        wake?()
    }

    /// Something long gets on while the daemon starts: the manager waits for it. May be called as often as there is progress.
    package func getsOn(with activity: String) {
        let now = clock.monotonic
        pulse.works(at: now)
        let isDue = state.withLock { state in
            state.activity = activity
            guard state.phase == .starting, now >= state.nextExtension else { return false }
            state.nextExtension = now + Self.extensionInterval
            return true
        }
        if isDue {
            notifier?.send("EXTEND_TIMEOUT_USEC=\(Self.extensionTime / 1000)", ServiceNotifier.status(activity))
        }
    }

    /// Why the daemon does not do what it is there for, at `now` (`CLOCK_MONOTONIC`, ns); empty while it does.
    package func faults(at now: Int64) -> [String] {
        let (phase, inspections) = state.withLock { ($0.phase, $0.inspections) }
        guard phase == .running else { return [] }
        var faults = inspections.compactMap { $0(now) }
        let delay = pulse.delay(at: now)
        if delay > patience {
            faults.insert("the thread that stores and sends has not come round for \(delay / 1_000_000_000) s", at: 0)
        }
        return faults
    }
}

// MARK: - What the daemon's own thread does

extension ServiceWatch {
    /// Has the thread that feeds the watchdog woken when the daemon is ready.
    func whenReady(_ wake: @escaping @Sendable () -> Void) { state.withLock { $0.wake = wake } }

    /// When the watchdog wants to be looked at again (`CLOCK_MONOTONIC`, ns); nil where there is none.
    var nextLook: Int64? {
        guard notifier?.watchdog != nil else { return nil }
        return state.withLock { $0.phase == .starting ? nil : $0.nextFeed }
    }

    /// Feeds the watchdog if it is time and the daemon is alive. One that is stopping is bounded by the manager's time for that.
    func look(at now: Int64) {
        guard let watchdog = notifier?.watchdog else { return }
        let isDue = state.withLock { state in
            guard state.phase != .starting, now >= state.nextFeed else { return false }
            state.nextFeed = now + watchdog / 2
            return true
        }
        guard isDue else { return }
        let found = faults(at: now)
        let isNews = state.withLock { state in
            defer { state.faults = found }
            return state.faults.isEmpty != found.isEmpty
        }
        if found.isEmpty {
            if isNews {
                notifier?.send("WATCHDOG=1", ServiceNotifier.status("running"))
            } else {
                notifier?.send("WATCHDOG=1")
            }
        } else if isNews {
            notifier?.send(ServiceNotifier.status("not alive: " + found.joined(separator: "; ")))
        }
        if isNews { tell(found) }
    }

    /// SIGHUP has come, and is acted on (sd_notify(3), `Type=notify-reload`).
    func reloading() {
        guard phase == .running else { return }
        notifier?.send("RELOADING=1", "MONOTONIC_USEC=\(clock.monotonic / 1000)")
    }

    func reloaded() {
        guard phase == .running else { return }
        notifier?.send("READY=1")
    }

    func stopping() {
        let isNews = state.withLock { state in
            defer { state.phase = .stopping }
            return state.phase != .stopping
        }
        if isNews { notifier?.send("STOPPING=1", ServiceNotifier.status("stopping")) }
    }
}
