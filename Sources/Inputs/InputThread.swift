#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Ends a blocking wait from another thread: its descriptor becomes readable once ``wake()`` was called, and stays so.
package final class Waker: Sendable {
    /// To be polled beside whatever the thread waits for; -1 when the system had none to give.
    package let descriptor: Int32
    /// The other end of the pair.
    private let trigger: Int32

    package init() {
        // A pair of sockets, because eventfd(2) is not in the C modules that Swift comes with.
        var pair: (Int32, Int32) = (-1, -1)
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let status = withUnsafeMutableBytes(of: &pair) { bytes in
            bytes.withMemoryRebound(to: Int32.self) { socketpair(AF_UNIX, type, 0, $0.baseAddress) }
        }
        (descriptor, trigger) = status == 0 ? pair : (-1, -1)
    }

    deinit {
        guard descriptor >= 0 else { return }
        close(descriptor)
        close(trigger)
    }

    package func wake() {
        // A full pair is readable too, so the result does not matter.
        var signal: UInt8 = 1
        _ = send(trigger, &signal, 1, Int32(MSG_NOSIGNAL))
    }
}

/// Runs `body`, which blocks, on a thread of its own; when the task is cancelled, the waker that `body` got is woken.
///
/// Threads of Swift's concurrency are few and shared by all: one that waits in `poll` would take the others' turn.
///
/// - Parameters:
///   - name: the thread's name in `ps` and `top`, at most 15 characters.
///   - input: the input's name, for the error.
///   - body: what blocks; it must come back soon after the waker was woken.
/// - Throws: what `body` throws; `InputError` with the code `system` when no thread could be made.
package func runOnThread(
    named name: String, input: String, _ body: @escaping @Sendable (Waker) throws(InputError) -> Void
) async throws(InputError) {
    let waker = Waker()
    guard waker.descriptor >= 0 else {
        throw InputError(
            .system, input: input, "cannot make a pair of sockets; raise the limit on open files", cause: errno)
    }
    let result = await withTaskCancellationHandler {
        await withCheckedContinuation { (continuation: CheckedContinuation<Result<Void, InputError>, Never>) in
            let errand = Errand(named: name) { continuation.resume(returning: outcome(of: body, waker)) }
            let status = errand.start()
            if status != 0 {
                let error = InputError(
                    .system, input: input, "cannot start a thread; raise the limit on tasks", cause: status)
                continuation.resume(returning: .failure(error))
            }
        }
    } onCancel: {
        waker.wake()
    }
    try result.get()
}

private func outcome(
    of body: (Waker) throws(InputError) -> Void, _ waker: Waker
) -> Result<Void, InputError> {
    do throws(InputError) {
        return .success(try body(waker))
    } catch {
        return .failure(error)
    }
}

/// What a new thread is to do.
private final class Errand: Sendable {
    private let name: String
    private let work: @Sendable () -> Void

    init(named name: String, _ work: @escaping @Sendable () -> Void) {
        self.name = String(name.prefix(15))
        self.work = work
    }

    private func run() {
        // As pthread_setname_np(3) does it. Without a name the thread works as well.
        let comm = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        if comm >= 0 {
            var text = name
            text.withUTF8 { _ = write(comm, $0.baseAddress, $0.count) }
            close(comm)
        }
        work()
    }

    /// - Returns: 0, or the `errno` for which there is no thread; `work` is not done then.
    func start() -> Int32 {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        // Half a megabyte is ample for loops that keep their buffers on the heap.
        pthread_attr_setstacksize(&attributes, 512 * 1024)
        var thread = pthread_t()
        let retained = Unmanaged.passRetained(self)
        let status = pthread_create(
            &thread, &attributes,
            { context in
                if let context { Unmanaged<Errand>.fromOpaque(context).takeRetainedValue().run() }
                return nil
            }, retained.toOpaque())
        if status != 0 { retained.release() }
        return status
    }
}
