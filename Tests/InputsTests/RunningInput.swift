import Foundation
import Synchronization
import Testing

@testable import Inputs

/// Something that blocks on a thread of its own, as the agent runs its inputs, until ``stop()``.
final class RunningInput: Sendable {
    private final class Outcome: Sendable {
        let state = Mutex<(hasEnded: Bool, error: InputError?)>((false, nil))
    }

    private let waker: Waker
    private let outcome = Outcome()

    init(_ body: @escaping @Sendable (Waker) throws(InputError) -> Void) throws {
        waker = try #require(Waker())
        let (waker, outcome) = (waker, outcome)
        let thread = Thread {
            do throws(InputError) {
                try body(waker)
                outcome.state.withLock { $0 = (true, nil) }
            } catch {
                outcome.state.withLock { $0 = (true, error) }
            }
        }
        // As small as in the agent.
        thread.stackSize = 512 * 1024
        thread.start()
    }

    var isRunning: Bool { outcome.state.withLock { !$0.hasEnded } }

    /// Tells it to end, and does not wait.
    func wake() { waker.wake() }

    func stop() async -> InputError? {
        wake()
        return await end()
    }

    /// What it ends with by itself.
    func end() async -> InputError? {
        #expect(await eventually { !isRunning }, "it goes on")
        return outcome.state.withLock { $0.error }
    }
}
