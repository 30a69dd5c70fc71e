import Platform
import Storage

/// Gives a store what an archive that is read through has found, on a thread of its own: the next stretch is read meanwhile.
///
/// One stretch is being taken in and one waits, so memory is bounded; they come in the order in which they were given. After one that the store
/// does not take it gets no other: a later one would move the store's place in the archive past what it lacks.
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
            var failure: (any Error)?
            while true {
                given.take(into: &intakes, until: nil)
                for intake in intakes {
                    guard let intake else { return }
                    if failure == nil {
                        do { try store.commit(intake) } catch { failure = error }
                    }
                    taken.insist(failure)
                }
                intakes.removeAll()
            }
        }
    }

    /// - Throws: what became of a stretch before, or of this one. Nothing is taken in then any more.
    mutating func give(_ intake: StoredIntake) throws {
        try settle(until: 1)
        guard thread != nil else {
            do { try store.commit(intake) } catch { failure = error }
            return try settle(until: 0)
        }
        waiting += 1
        given.insist(intake)
    }

    /// Returns when everything is in the store.
    mutating func finish() throws { try settle(until: 0) }

    /// Ends the thread. What has been given is taken in before, up to the first that fails.
    consuming func close() {
        given.insist(nil)
        thread?.join()
    }

    /// Hears what became of stretches, and waits until at most `count` are on their way.
    private mutating func settle(until count: Int) throws {
        var outcomes: [(any Error)?] = []
        // What is known already is heard also where nobody need wait.
        taken.take(into: &outcomes, until: 0)
        while true {
            waiting -= outcomes.count
            for error in outcomes where failure == nil { failure = error }
            outcomes.removeAll()
            guard failure == nil, waiting > count else { break }
            taken.take(into: &outcomes, until: nil)
        }
        if let failure { throw failure }
    }
}
