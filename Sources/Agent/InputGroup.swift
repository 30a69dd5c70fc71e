import Inputs
import Logging
import Platform
import Synchronization

/// The inputs of a box, each on a thread of its own, and their change while the agent runs.
final class InputGroup: Sendable {
    /// An input that can be started.
    struct Item: Sendable {
        let definition: InputDefinition
        let input: any RunnableInput
        let watch: InputWatch
    }

    /// One that runs, for whoever watches it.
    struct Watched: Sendable {
        let name: String
        let kind: String
        let watch: InputWatch
    }

    private enum Message: Sendable {
        case replace([Item])
        case ended(Int)
        case end
    }

    private struct Running {
        let definition: InputDefinition
        /// Tells its end from that of one that had its name before.
        let number: Int
        let stop: Waker
        let thread: OwnThread
        let watch: InputWatch
    }

    private let first: [Item]
    private let sink: SampleIntake
    private let logger: Logger
    private let mailbox = Mailbox<Message>(capacity: 16)
    private let shown = Mutex<[Watched]>([])

    /// How long after inputs have started what that took is given back, nanoseconds: when each has read once or more.
    private static let settlingTime: Int64 = 15_000_000_000
    /// How long an input may take to end, nanoseconds.
    private static let patience: Int64 = 5_000_000_000

    init(_ items: [Item], sink: SampleIntake, logger: Logger) {
        first = items
        self.sink = sink
        self.logger = logger
    }

    /// Those that run.
    var watched: [Watched] { shown.withLock { $0 } }

    /// Asks for other inputs. Those that are written as they were go on untouched.
    func replace(by items: [Item]) { mailbox.insist(.replace(items)) }

    /// Tells ``run()`` to end, and does not wait for it.
    func stop() { mailbox.insist(.end) }

    /// Starts the inputs and sees to them until ``stop()`` was called; they have then ended, or were left behind after a warning.
    ///
    /// `started`: called when all have been started.
    /// - Throws: `ThreadError` or `AgentError` when the system has no thread or descriptor for one at the start.
    func run(started: () -> Void = {}) throws {
        var running: [Running] = []
        var left: [Running] = []
        var number = 0
        defer { end(&running, &left, those: { _ in true }) }
        for item in first { try start(item, &running, &number) }
        show(running)
        started()
        var messages: [Message] = []
        var settles: Int64? = SystemClock().monotonic + Self.settlingTime
        while true {
            messages.removeAll(keepingCapacity: true)
            mailbox.take(into: &messages, until: settles)
            if let time = settles, SystemClock().monotonic >= time {
                ProcessMemory.releaseStart()
                settles = nil
            }
            for message in messages {
                switch message {
                case .end: return
                case .ended(let number): Self.join(number, &left)
                case .replace(let items):
                    replace(&running, &left, by: items, &number)
                    show(running)
                    settles = SystemClock().monotonic + Self.settlingTime
                }
            }
        }
    }

    private func show(_ running: [Running]) {
        shown.withLock { shown in
            shown = running.map {
                Watched(name: $0.definition.name, kind: $0.definition.kind, watch: $0.watch)
            }
        }
    }

    /// Takes in the end of one that was left behind, so that nothing is left of its thread.
    private static func join(_ number: Int, _ left: inout [Running]) {
        for input in left where input.number == number { input.thread.join() }
        left.removeAll { $0.number == number }
    }

    private func start(_ item: Item, _ running: inout [Running], _ number: inout Int) throws {
        guard let stop = Waker() else {
            throw AgentError(
                .input, "no file descriptor is left for the input '\(item.definition.name)'; raise LimitNOFILE")
        }
        number += 1
        let mine = number
        let service = InputService(
            name: item.definition.name, input: item.input, sink: sink, watch: item.watch, logger: logger)
        let mailbox = mailbox
        let thread = try OwnThread(item.definition.name) {
            service.run(until: stop)
            mailbox.insist(.ended(mine))
        }
        running.append(
            Running(definition: item.definition, number: mine, stop: stop, thread: thread, watch: item.watch))
    }

    /// Ends those that are gone or written otherwise, then starts those that are new: a socket must be free before it is taken again.
    private func replace(_ running: inout [Running], _ left: inout [Running], by items: [Item], _ number: inout Int) {
        let isKept = { (old: Running) in items.contains { $0.definition.isWritten(as: old.definition) } }
        let ended = running.filter { !isKept($0) }.map(\.definition.name)
        end(&running, &left) { !isKept($0) }
        var started: [String] = []
        for item in items where !running.contains(where: { $0.definition.isWritten(as: item.definition) }) {
            do {
                try start(item, &running, &number)
                started.append(item.definition.name)
            } catch {
                logger.error(
                    "an input could not be started",
                    metadata: ["input": "\(item.definition.name)", "reason": "\(error)"])
            }
        }
        logger.notice(
            "inputs are as the configuration says now",
            metadata: [
                "started": "\(started.joined(separator: " "))", "ended": "\(ended.joined(separator: " "))",
                "untouched": "\(running.count - started.count)",
            ])
    }

    /// Tells inputs to end, and waits for all of them together. One that does not end is left behind: a device must not hold up a stop.
    private func end(
        _ running: inout [Running], _ left: inout [Running], those isMeant: (Running) -> Bool
    ) {
        var waiting = running.filter(isMeant)
        running.removeAll(where: isMeant)
        for input in waiting { input.stop.wake() }
        let deadline = SystemClock().monotonic + Self.patience
        var others: [Message] = []
        while !waiting.isEmpty, SystemClock().monotonic < deadline {
            var messages: [Message] = []
            mailbox.take(into: &messages, until: deadline)
            for message in messages {
                guard case .ended(let number) = message else {
                    others.append(message)
                    continue
                }
                Self.join(number, &waiting)
                Self.join(number, &left)
            }
        }
        for message in others { mailbox.insist(message) }
        for input in waiting {
            logger.warning(
                "an input did not end in time and was left behind; look for a device that does not answer",
                metadata: ["input": "\(input.definition.name)"])
        }
        left += waiting
    }
}

extension InputDefinition {
    fileprivate func isWritten(as other: InputDefinition) -> Bool { name == other.name && written == other.written }
}
