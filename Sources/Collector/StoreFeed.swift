import Platform
import Storage

/// Gives a store what an archive that is read through has found, on a thread of its own: the next stretch is read meanwhile.
///
/// One stretch is being taken in and one waits, so memory is bounded; they come in the order in which they were given.
struct StoreFeed<Runs: Store>: ~Copyable {
    private let store: Runs
    /// Nil is the end.
    private let given = Mailbox<StoredIntake?>(capacity: 2)
    private let taken = Mailbox<(any Error)?>(capacity: .max)
    private var thread: OwnThread?
    private var waiting = 0
    private var failure: (any Error)?

    init(_ store: Runs) {
        self.store = store
        // Without one the reading waits for the store, and that is all.
        thread = try? OwnThread("store", stackSize: Threads.workingStackSize) { [given, taken] in
            var intakes: [StoredIntake?] = []
            while true {
                given.take(into: &intakes, until: nil)
                for intake in intakes {
                    guard let intake else { return }
                    do {
                        try store.commit(intake)
                        taken.insist(nil)
                    } catch {
                        taken.insist(error)
                    }
                }
                intakes.removeAll()
            }
        }
    }

    /// - Throws: what became of a stretch before, or of this one.
    mutating func give(_ intake: StoredIntake) throws {
        guard thread != nil else { return try store.commit(intake) }
        try settle(until: 1)
        waiting += 1
        given.insist(intake)
    }

    /// Returns when everything is in the store.
    mutating func finish() throws { try settle(until: 0) }

    /// Ends the thread. What has been given is taken in before.
    consuming func close() {
        given.insist(nil)
        thread?.join()
    }

    private mutating func settle(until count: Int) throws {
        var outcomes: [(any Error)?] = []
        while waiting > count {
            taken.take(into: &outcomes, until: nil)
            waiting -= outcomes.count
            for error in outcomes where failure == nil { failure = error }
            outcomes.removeAll()
        }
        if let failure { throw failure }
    }
}
