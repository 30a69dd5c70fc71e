import Logging

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Runs a program, again and again, and takes what it writes.
struct ExecProgram {
    /// The longest output that is one record.
    private static let longestOutput = 1 << 20
    /// How long a program has to end after SIGTERM; short enough that whoever ends the input can wait for it.
    private static let grace: Int64 = 1_000_000_000
    /// A program that ran so long has started well, and the next restart comes soon again.
    private static let wellStarted: Int64 = 10_000_000_000

    /// How a run ended.
    enum Outcome: Hashable {
        case ended(ChildProcess.End)
        case timedOut
        /// The input is to end.
        case stopped
    }

    private let settings: ExecSettings
    private let name: String
    private let logger: Logger
    private let sink: any SampleSink
    private let variables: [String]
    private var stream: RecordStream
    private var state: SourceState
    private var throttle = LogThrottle(now: monotonicNanoseconds())
    private var complaints = RecordSplitter(longest: 1024)

    init(_ settings: ExecSettings, environment: InputEnvironment, sink: any SampleSink) {
        self.settings = settings
        self.sink = sink
        name = environment.name
        logger = environment.logger
        variables = Self.variables(settings.variables)
        let program = settings.command.first ?? ""
        let intake = RecordIntake(settings.records, from: program, environment: environment, sink: sink)
        stream =
            settings.isOutputOneRecord
            ? RecordStream(intake, .end, longest: Self.longestOutput, now: environment.now)
            : RecordStream(intake, .byte(UInt8(ascii: "\n")), now: environment.now)
        if case .stream(let restart) = settings.mode {
            state = SourceState(program, of: environment, first: restart.first, longest: restart.longest)
        } else {
            state = SourceState(program, of: environment)
        }
    }

    /// What the agent's environment has that any program may know, and what the settings give. The agent's may hold secrets.
    private static func variables(_ given: [(name: String, value: String)]) -> [String] {
        let inherited = ["PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR"]
        let kept = inherited.compactMap { name -> String? in
            guard !given.contains(where: { $0.name == name }), let value = getenv(name) else { return nil }
            return "\(name)=\(String(cString: value))"
        }
        return kept + given.map { "\($0.name)=\($0.value)" }
    }

    /// Runs the program once.
    mutating func poll(timeout: Int64, until stop: Waker) -> Outcome? {
        stream.restart()
        let outcome: Outcome
        do throws(ChildProcess.Failure) {
            var child = try ChildProcess(settings.command, environment: variables, directory: settings.directory)
            outcome = try run(&child, deadline: monotonicNanoseconds() + timeout, until: stop)
        } catch {
            sink.reject(1, from: name, reason: "failed run")
            _ = state.failed(error.message)
            return nil
        }
        switch outcome {
        case .ended(.exit(0)):
            stream.finish(isWhole: true)
            state.answered()
        case .ended(let end):
            stream.finish(isWhole: false)
            sink.reject(1, from: name, reason: "failed run")
            _ = state.failed("the program \(end.words)")
        case .timedOut:
            stream.finish(isWhole: false)
            sink.reject(1, from: name, reason: "run timed out")
            _ = state.failed("the program did not end within \(Duration.nanoseconds(timeout))")
        case .stopped: stream.finish(isWhole: false)
        }
        return outcome
    }

    /// Keeps the program running until the waker is woken.
    mutating func stream(_ restart: ExecSettings.Restart, until stop: Waker) {
        while true {
            stream.restart()
            let reason: String
            var isFailure = true
            do throws(ChildProcess.Failure) {
                var child = try ChildProcess(settings.command, environment: variables, directory: settings.directory)
                let outcome = try run(&child, deadline: nil, until: stop)
                stream.finish(isWhole: outcome == .ended(.exit(0)))
                guard case .ended(let end) = outcome else { return }
                isFailure = end != .exit(0)
                if isFailure { sink.reject(1, from: name, reason: "failed run") }
                reason = "the program \(end.words)"
            } catch {
                sink.reject(1, from: name, reason: "failed run")
                reason = error.message
            }
            guard restart.when == .always || restart.when == .onFailure && isFailure else {
                logger.info("\(reason); it is not to be started again", metadata: ["source": "\(settings.command[0])"])
                while !stop.wait(nanoseconds: .max) {}
                return
            }
            let due = monotonicNanoseconds() + state.failed(reason)
            while monotonicNanoseconds() < due {
                if stop.wait(nanoseconds: due - monotonicNanoseconds()) { return }
            }
        }
    }

    /// Reads what a program writes until it ends, or has to.
    private mutating func run(
        _ child: inout ChildProcess, deadline: Int64?, until stop: Waker
    ) throws(ChildProcess.Failure) -> Outcome {
        let began = monotonicNanoseconds()
        defer {
            // Also of a program that ended: what it left behind in its group would hold the pipe for ever.
            child.terminate(grace: Self.grace)
        }
        while true {
            var wait: Int32 = deadline.map { Readiness.milliseconds(until: $0) } ?? -1
            // Without a descriptor that tells of its end, it is asked.
            if child.death < 0 { wait = wait < 0 ? 250 : min(wait, 250) }
            do throws(InputError) {
                let descriptors = [child.output, child.complaints, child.death]
                guard try Readiness.wait(for: descriptors, until: stop, milliseconds: wait, input: name) else {
                    return .stopped
                }
            } catch {
                throw ChildProcess.Failure(message: error.description)
            }
            let end = child.poll()
            // What it wrote before its end is in the pipes, and no more than they hold is awaited.
            var turns = end == nil ? 1 : 64
            while turns > 0, child.output >= 0 {
                turns -= 1
                let outcome = stream.read(child.output)
                guard case .bytes = outcome else {
                    if outcome != .nothing { child.closeOutput() }
                    break
                }
                if state.failures == 0 || monotonicNanoseconds() - began > Self.wellStarted { markAnswered() }
            }
            hear(&child, turns: end == nil ? 1 : 64)
            if let end { return .ended(end) }
            if let deadline, monotonicNanoseconds() >= deadline { return .timedOut }
        }
    }

    /// In a stream the first record says that the program works; of a polled one its end does.
    private mutating func markAnswered() {
        if case .stream = settings.mode { state.answered() }
    }

    /// Takes what the program writes to its standard error: the log gets some of it.
    private mutating func hear(_ child: inout ChildProcess, turns: Int) {
        for _ in 0..<turns where child.complaints >= 0 {
            let room = 4096
            let descriptor = child.complaints
            var lines: [String] = []
            let count = withUnsafeTemporaryAllocation(byteCount: room, alignment: 1) { buffer in
                let outcome = retryingInterrupts { read(descriptor, buffer.baseAddress, room) }
                guard outcome.error == 0 else { return outcome.error == EAGAIN ? -1 : 0 }
                complaints.take(UnsafeRawBufferPointer(rebasing: buffer[..<outcome.result])) { line in
                    lines.append(line.prefix(512).shownText)
                }
                return outcome.result
            }
            for line in lines {
                guard let held = throttle.admit(at: monotonicNanoseconds()) else { continue }
                let more = held > 0 ? " (\(held) more lines since the last one shown)" : ""
                logger.warning("a program complains: \(line)\(more)", metadata: ["source": "\(settings.command[0])"])
            }
            if count == 0 { child.closeComplaints() }
            if count <= 0 { return }
        }
    }
}
