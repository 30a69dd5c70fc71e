import Synchronization

/// What inputs may know of the way of their samples to the disk.
extension SampleIntake {
    /// The next complete harvest has everything that was accepted by now.
    package var mark: UInt64 { state.withLock { $0.harvests + 1 } }

    package func isStored(_ mark: UInt64) -> Bool { state.withLock { $0.stored >= mark } }

    package func storeSoon() {
        state.withLock { $0.isAwaited = true }
        wake()
    }

    /// Whether somebody waits for the disk; asked once, it is as if nobody did.
    func takeAwaited() -> Bool {
        state.withLock { state in
            defer { state.isAwaited = false }
            return state.isAwaited
        }
    }

    /// All harvests up to this number are on disk.
    func noteStored(_ number: UInt64) {
        state.withLock { $0.stored = max($0.stored, number) }
    }
}
