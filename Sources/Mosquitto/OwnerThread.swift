#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif
internal import Synchronization

/// One POSIX thread that runs one closure; never a worker of Swift's concurrency, which must not block.
final class OwnerThread: Sendable {
    private let finished: WakeUp
    private let thread: Mutex<pthread_t?>

    /// - Throws: ``MosquittoError/Code/library`` when the system has no thread or descriptor left.
    init(_ body: @escaping @Sendable () -> Void) throws(MosquittoError) {
        let finished = try WakeUp()
        self.finished = finished
        let start = Unmanaged.passRetained(
            Start {
                body()
                finished.signal()
            })
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { argument in
                // Signals are for the thread that handles them, not for a loop inside a library.
                var all = sigset_t()
                sigfillset(&all)
                pthread_sigmask(SIG_BLOCK, &all, nil)
                if let argument { Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            }, start.toOpaque())
        guard status == 0 else {
            start.release()
            throw MosquittoError(
                .library, "the system has no thread left; raise TasksMax", family: .system, rawCode: status)
        }
        self.thread = Mutex(thread)
    }

    deinit {
        if let thread = thread.withLock({ $0.take() }) { pthread_detach(thread) }
    }

    var isCurrent: Bool {
        thread.withLock { $0.map { pthread_equal($0, pthread_self()) != 0 } ?? false }
    }

    /// Waits for the end of the closure and joins. A thread that does not end in time is left to end by itself.
    ///
    /// - Returns: Whether it ended in time.
    func join(until deadline: ContinuousClock.Instant) -> Bool {
        guard finished.wait(until: deadline) else { return false }
        if let thread = thread.withLock({ $0.take() }) { pthread_join(thread, nil) }
        return true
    }

    private final class Start: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}
