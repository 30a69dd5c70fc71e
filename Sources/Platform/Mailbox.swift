#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// A bounded queue from many threads to one thread, which sleeps until there is something in it or a time has come.
///
/// Blocking work (disk, a database) is done on a thread of its own that owns its state outright; everybody else talks to it
/// through a mailbox.
package final class Mailbox<Element: Sendable>: Sendable {
    private let condition: Condition<State>

    private struct State {
        var elements: [Element] = []
        var wasWoken = false
        var isClosed = false
    }

    private let capacity: Int

    /// - Parameter capacity: how many elements may wait, at least 1.
    package init(capacity: Int) {
        self.capacity = max(1, capacity)
        condition = Condition(State())
    }

    /// Puts `element` in and wakes the owner. False when the box is full or closed: the element was not taken.
    ///
    /// `reserve`: places that this element must leave free for others, so that a flood of what may be dropped never
    /// keeps out what may not.
    package func post(_ element: Element, leavingFree reserve: Int = 0) -> Bool {
        condition.withLock { state, wake in
            guard !state.isClosed, state.elements.count + reserve < capacity else { return false }
            state.elements.append(element)
            wake = true
            return true
        }
    }

    /// Puts `element` in even when the box is full, for the one message that ends it all. A closed box does not take it either.
    package func insist(_ element: Element) {
        condition.withLock { state, wake in
            guard !state.isClosed else { return }
            state.elements.append(element)
            wake = true
        }
    }

    /// Takes nothing any more: its owner has ended. Returns what is left in it, so that whoever waits for an answer gets one.
    package func close() -> [Element] {
        condition.withLock { state, _ in
            state.isClosed = true
            defer { state.elements = [] }
            return state.elements
        }
    }

    /// Wakes the owner without a message.
    package func wake() {
        condition.withLock { state, wake in
            state.wasWoken = true
            wake = true
        }
    }

    /// Moves everything in the box to the end of `elements`; waits for something to come, at the longest until `deadline`.
    ///
    /// `deadline`: `CLOCK_MONOTONIC` nanoseconds; nil waits without end.
    package func take(into elements: inout [Element], until deadline: Int64?) {
        condition.wait(until: deadline) { state in
            guard !state.elements.isEmpty || state.wasWoken else { return false }
            state.wasWoken = false
            elements.append(contentsOf: state.elements)
            state.elements.removeAll(keepingCapacity: true)
            return true
        }
    }
}

/// A value behind a mutex, with a condition to wait on by the monotonic clock.
///
/// The standard library's `Mutex` has no condition variable; this is the POSIX pair.
private final class Condition<State>: @unchecked Sendable {
    // Safe to share: `state` is only touched between lock and unlock of `mutex`, and the three allocations live as long as self.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var state: State

    init(_ state: State) {
        self.state = state
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(changed, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    func withLock<Result>(_ body: (inout State, inout Bool) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        var wake = false
        let result = body(&state, &wake)
        pthread_mutex_unlock(mutex)
        if wake { pthread_cond_signal(changed) }
        return result
    }

    /// Calls `isDone` under the lock until it says so or the deadline has passed.
    func wait(until deadline: Int64?, _ isDone: (inout State) -> Bool) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while !isDone(&state) {
            guard let deadline else {
                pthread_cond_wait(changed, mutex)
                continue
            }
            // A time before the clock's beginning is no time to the system, which would refuse it at once, for ever.
            let end = max(0, deadline)
            var time = timespec(tv_sec: Int(end / 1_000_000_000), tv_nsec: Int(end % 1_000_000_000))
            if pthread_cond_timedwait(changed, mutex, &time) == ETIMEDOUT {
                _ = isDone(&state)
                return
            }
        }
    }
}
