import CLinux

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// A program that runs in a process group of its own, with pipes to its output and its complaints.
///
/// ``terminate(grace:)`` is to be called before the value goes. Then it leaves neither orphans nor zombies, unless a process
/// hangs in the kernel, where nothing can be done about it.
struct ChildProcess: ~Copyable {
    /// Why a program could not be started.
    struct Failure: Error {
        let message: String
    }

    /// How a program ended.
    enum End: Hashable {
        case exit(Int32)
        case signal(Int32)

        /// In words, as they go behind "the program".
        var words: String {
            switch self {
            case .exit(let status): "ended with the status \(status)"
            case .signal(let number): "was ended by the signal \(number)"
            }
        }
    }

    let identity: pid_t
    /// Read ends, never blocking; -1 once closed.
    private(set) var output: Int32
    private(set) var complaints: Int32
    /// Becomes readable when the process ends; -1 where the kernel has no such thing (before Linux 5.3).
    let death: Int32
    private var end: Optional<End>

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - command: the program, looked for in PATH when it has no `/`, and its arguments.
    ///   - environment: all of its environment, as `NAME=value`.
    ///   - directory: where it runs.
    /// - Throws: `Failure` with the system's reason.
    init(_ command: [String], environment: [String], directory: String?) throws(Failure) {
        let out = try Self.pipe()
        let complaints: (read: Int32, write: Int32)
        do throws(Failure) {
            complaints = try Self.pipe()
        } catch {
            close(out.read)
            close(out.write)
            throw error
        }
        let started = Self.spawn(
            command, environment: environment, directory: directory, output: out.write, complaints: complaints.write)
        close(out.write)
        close(complaints.write)
        guard started.error == 0 else {
            close(out.read)
            close(complaints.read)
            let place = started.error == ENOENT ? "; is the path right, and is the directory there?" : ""
            throw Failure(message: "'\(command[0])' cannot be started: \(systemMessage(started.error))\(place)")
        }
        identity = started.identity
        output = out.read
        self.complaints = complaints.read
        death = linux_process_descriptor(started.identity)
        end = nil
    }

    deinit {
        if output >= 0 { close(output) }
        if complaints >= 0 { close(complaints) }
        if death >= 0 { close(death) }
    }

    mutating func closeOutput() {
        if output >= 0 { close(output) }
        output = -1
    }

    mutating func closeComplaints() {
        if complaints >= 0 { close(complaints) }
        complaints = -1
    }

    /// How it ended, with what it left behind in its group killed; nil while it runs.
    mutating func poll() -> End? {
        if let end { return end }
        if death >= 0 {
            guard Readiness.isReadable(death) else { return nil }
            // Before it is reaped, so that its number is still its own.
            kill(-identity, SIGKILL)
        }
        var status: Int32 = 0
        let reaped = retryingInterrupts { waitpid(identity, &status, WNOHANG) }
        // Reaped by the kernel, where whoever started the agent has it ignore the ends of its children.
        guard reaped.result == identity || reaped.error == ECHILD else { return nil }
        if death < 0 { kill(-identity, SIGKILL) }
        let signal = status & 0x7F
        end = signal == 0 ? .exit(status >> 8 & 0xFF) : .signal(signal)
        return end
    }

    /// Ends the group, if the process still runs: SIGTERM, and after a grace SIGKILL. Reaps the process.
    ///
    /// - Parameter grace: nanoseconds.
    /// - Returns: how it ended; nil when it hangs in the kernel.
    @discardableResult
    mutating func terminate(grace: Int64) -> End? {
        guard poll() == nil else { return end }
        // Without its group, a program's own children would go on.
        kill(-identity, SIGTERM)
        wait(for: grace)
        guard poll() == nil else { return end }
        kill(-identity, SIGKILL)
        wait(for: 1_000_000_000)
        return poll()
    }

    private mutating func wait(for nanoseconds: Int64) {
        let deadline = monotonicNanoseconds() + nanoseconds
        while poll() == nil, monotonicNanoseconds() < deadline {
            if death >= 0 {
                Readiness.wait(for: death, milliseconds: Readiness.milliseconds(until: deadline))
            } else {
                usleep(10_000)
            }
        }
    }

    private static func pipe() throws(Failure) -> (read: Int32, write: Int32) {
        var ends: (Int32, Int32) = (-1, -1)
        let status = withUnsafeMutableBytes(of: &ends) { bytes in
            bytes.withMemoryRebound(to: Int32.self) { linux_pipe($0.baseAddress) }
        }
        guard status == 0 else { throw Failure(message: "no pipe can be had: \(systemMessage(errno))") }
        // Only our end: a program does not expect its own output to refuse to wait.
        _ = fcntl(ends.0, F_SETFL, O_NONBLOCK)
        return ends
    }

    private static func spawn(
        _ command: [String], environment: [String], directory: String?, output: Int32, complaints: Int32
    ) -> (identity: pid_t, error: Int32) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, complaints, STDERR_FILENO)
        if let directory { linux_spawn_in(&actions, directory) }
        #if canImport(Glibc)
        // Some libraries open descriptors without the flag that closes them.
        linux_spawn_without(&actions, STDERR_FILENO + 1)
        #endif
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The agent's threads block all signals and ignore some; a program expects neither.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
        var identity: pid_t = 0
        let error = withStrings(command) { arguments in
            withStrings(environment) { environment in
                posix_spawnp(&identity, command[0], &actions, &attributes, arguments, environment)
            }
        }
        return (identity, error)
    }

    /// Lends texts as a list of C strings that ends with a null pointer.
    private static func withStrings<Result>(
        _ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var pointers: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        return pointers.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure("the list has its null pointer at least") }
            return body(base)
        }
    }
}
