#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Runs the parts of a daemon, each on a thread of its own, until the system or a fault ends them.
///
/// Parts come in stages. Stages start in order and stop in reverse: a stage that uses another stands behind it, and has ended before
/// that one is told to. The calling thread does nothing but wait for signals. It needs no file descriptor and no thread pool for that,
/// so a daemon of this kind lives through a time without any descriptor.
package struct Daemon: Sendable {
    /// One thing a daemon does.
    package struct Part: Sendable {
        package let name: String
        fileprivate let stackSize: Int
        fileprivate let patience: Int64
        fileprivate let run: @Sendable () throws -> Void
        fileprivate let stop: @Sendable () -> Void

        /// - Parameters:
        ///   - name: what its thread is called; at most 15 bytes are shown by `ps -T`.
        ///   - stackSize: of its thread, bytes.
        ///   - patience: how long its end is awaited once it was told to end, seconds.
        ///   - run: does the work; returns soon after `stop` was called, also when that was before, and never without it.
        ///   - stop: tells it to end, and does not wait for it.
        package init(
            _ name: String, stackSize: Int = OwnThread.usualStackSize, patience: Int64,
            run: @escaping @Sendable () throws -> Void, stop: @escaping @Sendable () -> Void
        ) {
            self.name = name
            self.stackSize = stackSize
            self.patience = patience * 1_000_000_000
            self.run = run
            self.stop = stop
        }
    }

    /// How a part has ended.
    fileprivate struct End: Sendable {
        let stage: Int
        let index: Int
        /// Nil when it returned.
        let error: (any Error)?
    }

    private let stages: [[Part]]
    private let watch: ServiceWatch?
    private let hangUp: @Sendable () -> Void

    /// - Parameters:
    ///   - stages: the parts, those first that others rely on.
    ///   - watch: has the manager told of reloads and of the stop, and its watchdog fed.
    ///   - hangUp: what SIGHUP means, called on the thread that runs the daemon; by default nothing, so that a terminal that goes away
    ///     ends no daemon.
    package init(_ stages: [[Part]], watch: ServiceWatch? = nil, hangUp: @escaping @Sendable () -> Void = {}) {
        self.stages = stages
        self.watch = watch
        self.hangUp = hangUp
    }

    /// Starts everything, and returns when SIGTERM or SIGINT came and all parts have ended.
    ///
    /// A part that fails takes the others down in the same good order. The signals stay blocked in the calling thread: another SIGTERM
    /// changes nothing about a stop that is under way, and the caller is expected to end the process next, by `endProcess`.
    ///
    /// - Throws: what the first part to fail has thrown; `ThreadError` when one could not be started; `DaemonError` when one returned
    ///   without being told to, or has not ended in time: its thread is then left behind.
    package func run() throws {
        var signals = SignalSet([SIGTERM, SIGINT, SIGHUP, Self.wakeSignal])
        signals.block()
        var course = DaemonCourse(stages, watch)
        let caller = pthread_self()
        // From then on the watchdog wants to be fed.
        watch?.whenReady { pthread_kill(caller, Self.wakeSignal) }
        starting: for (stage, parts) in stages.enumerated() {
            for (index, part) in parts.enumerated() {
                let ends = course.ends
                do throws(ThreadError) {
                    course.threads[stage][index] = try OwnThread(part.name, stackSize: part.stackSize) {
                        ends.insist(End(stage: stage, index: index, error: Self.outcome(of: part)))
                        pthread_kill(caller, Self.wakeSignal)
                    }
                } catch {
                    course.failure = error
                    break starting
                }
            }
        }
        var isAsked = false
        while !isAsked, course.failure == nil {
            switch signals.wait(nanoseconds: course.timeToWatch) {
            case SIGTERM, SIGINT: isAsked = true
            case SIGHUP:
                watch?.reloading()
                hangUp()
                watch?.reloaded()
            default: break
            }
            course.lookAfter()
            course.noteEnds(until: 0, areExpected: isAsked)
        }
        watch?.stopping()
        for stage in stages.indices.reversed() { course.stop(stage) }
        if let failure = course.failure { throw failure }
    }

    /// Tells the calling thread to look at what has ended. Ignored by whoever does not wait for it.
    private static var wakeSignal: Int32 { SIGURG }

    private static func outcome(of part: Part) -> (any Error)? {
        do {
            try part.run()
            return nil
        } catch {
            return error
        }
    }
}

/// What is known of the parts while they run.
private struct DaemonCourse {
    let stages: [[Daemon.Part]]
    let ends = Mailbox<Daemon.End>(capacity: 1)
    /// Of the parts that were started and have not been seen to end.
    var threads: [[OwnThread?]]
    var failure: (any Error)?
    private let watch: ServiceWatch?
    private let clock = SystemClock()

    init(_ stages: [[Daemon.Part]], _ watch: ServiceWatch?) {
        self.stages = stages
        self.watch = watch
        threads = stages.map { Array(repeating: nil, count: $0.count) }
    }

    /// How long the watchdog can be left alone, nanoseconds; nil where there is none.
    var timeToWatch: Int64? { watch?.nextLook.map { max(0, $0 - clock.monotonic) } }

    func lookAfter() { watch?.look(at: clock.monotonic) }

    /// Takes in what has ended; waits for something at the longest until `deadline` (`CLOCK_MONOTONIC`, ns).
    mutating func noteEnds(until deadline: Int64, areExpected: Bool) {
        var noted: [Daemon.End] = []
        ends.take(into: &noted, until: deadline)
        for end in noted {
            threads[end.stage][end.index]?.join()
            threads[end.stage][end.index] = nil
            guard failure == nil else { continue }
            failure = end.error ?? (areExpected ? nil : DaemonError(.endedUntold, stages[end.stage][end.index].name))
        }
    }

    /// Tells a stage to end and waits for it, as long as its most patient part may take.
    mutating func stop(_ stage: Int) {
        for (part, thread) in zip(stages[stage], threads[stage]) where thread != nil { part.stop() }
        let deadline = clock.monotonic + (stages[stage].map(\.patience).max() ?? 0)
        while threads[stage].contains(where: { $0 != nil }), clock.monotonic < deadline {
            lookAfter()
            noteEnds(until: min(deadline, watch?.nextLook ?? deadline), areExpected: true)
        }
        guard failure == nil else { return }
        if let late = threads[stage].firstIndex(where: { $0 != nil }) {
            failure = DaemonError(.stuck, stages[stage][late].name)
        }
    }
}

/// A part of a daemon did not end when it should have.
package struct DaemonError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        /// It returned without being told to.
        case endedUntold
        /// It went on after it was told to end.
        case stuck
    }

    package let code: Code
    /// The part's name.
    package let part: String

    init(_ code: Code, _ part: String) {
        self.code = code
        self.part = part
    }

    package var description: String {
        switch code {
        case .endedUntold: "'\(part)' has ended by itself; this is a fault of the program, please report it"
        case .stuck:
            "'\(part)' did not end in time and was left behind; look for a disk or a device that does not answer"
        }
    }
}
