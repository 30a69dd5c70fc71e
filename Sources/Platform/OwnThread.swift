import CLinux

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// A thread for work that blocks.
package final class OwnThread: Sendable {
    private final class Body: Sendable {
        let name: String
        let run: @Sendable () -> Void

        init(_ name: String, _ run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }

    /// Bytes; small, since a box has little memory to reserve, and ample for loops that keep their buffers on the heap.
    package static let usualStackSize = 512 * 1024

    private let identity: pthread_t

    /// Starts `body` on a new thread with all signals blocked, so that they reach the main thread.
    ///
    /// `name`: at most 15 bytes are shown by `ps -T`.
    /// `stackSize`: bytes.
    /// Throws `ThreadError` when the system has no thread to give.
    package init(
        _ name: String, stackSize: Int = usualStackSize, _ body: @escaping @Sendable () -> Void
    ) throws(ThreadError) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, stackSize)
        var thread = pthread_t()
        let context = Unmanaged.passRetained(Body(name, body))
        let status = pthread_create(
            &thread, &attributes,
            { context in
                guard let context else { return nil }
                let body = Unmanaged<Body>.fromOpaque(context).takeRetainedValue()
                var all = sigset_t()
                sigfillset(&all)
                pthread_sigmask(SIG_BLOCK, &all, nil)
                linux_name_thread(body.name)
                body.run()
                return nil
            }, context.toOpaque())
        guard status == 0 else {
            context.release()
            throw ThreadError(errno: status)
        }
        identity = thread
    }

    /// Waits until the thread's body has returned. Call it once.
    package func join() {
        pthread_join(identity, nil)
    }
}

/// The system would not start a thread.
package struct ThreadError: Error, Hashable, Sendable, CustomStringConvertible {
    package let errno: Int32

    package var description: String {
        "cannot start a thread: \(String(cString: strerror(errno))); raise TasksMax of the unit or free memory"
    }
}
