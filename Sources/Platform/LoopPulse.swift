import Synchronization

/// Whether a thread that owns something comes round: one word that it writes twice a turn, and that anybody may read.
///
/// A thread is either at work since some time or asleep until some time. One that has worked for too long is stuck, in a system call
/// perhaps that does not return; so is one that sleeps on after its time.
package final class LoopPulse: Sendable {
    /// Nanoseconds of `CLOCK_MONOTONIC`: at work since then where it is negative, else asleep until then.
    private let word: Atomic<Int64>

    package init() { word = Atomic(.max) }

    /// The thread is at work and got on, at `now` (`CLOCK_MONOTONIC`, ns).
    package func works(at now: Int64) { word.store(-max(1, now), ordering: .relaxed) }

    /// The thread got on just now.
    package func works() { works(at: SystemClock.monotonicNow) }

    /// The thread waits for something, at the longest until then (`CLOCK_MONOTONIC`, ns); nil for as long as nothing comes.
    package func waits(until deadline: Int64?) { word.store(max(0, deadline ?? .max), ordering: .relaxed) }

    /// For how long the thread has not got on though it should have, nanoseconds at `now` (`CLOCK_MONOTONIC`, ns).
    package func delay(at now: Int64) -> Int64 {
        let word = word.load(ordering: .relaxed)
        return word < 0 ? max(0, now + word) : word < now ? now - word : 0
    }
}
