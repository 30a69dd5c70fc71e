import Aggregation
import Delivery
import Frames
import Scenarios
import Storage
import Synchronization
import Telemetry

/// A store that lives as long as the world: what it was given in one commit, it has whole.
final class MemoryStore: Store {
    private struct State {
        var ledgers = StoredLedgers()
        var frames: [Stream: [UInt64: ArchivedFrame]] = [:]
    }

    private let state: Mutex<State>

    init() { state = Mutex(State()) }

    private init(_ other: State) { state = Mutex(other) }

    func copy() -> MemoryStore { MemoryStore(state.withLock { $0 }) }

    func load() throws(StoreError) -> StoredLedgers { state.withLock { $0.ledgers } }

    func commit(_ intake: StoredIntake) throws(StoreError) {
        state.withLock { state in
            state.ledgers.archive = intake.archive
            state.ledgers.archivePosition = intake.archivePosition
            state.ledgers.framePosition = intake.framePosition
            state.ledgers.streams.merge(intake.streams) { $1 }
            state.ledgers.boots.merge(intake.boots) { $1 }
            state.ledgers.registrations.merge(intake.registrations) { $1 }
            state.ledgers.documents.merge(intake.documents) { $1 }
            state.ledgers.agreedTime = intake.agreedTime ?? state.ledgers.agreedTime
            for frame in intake.frames { state.frames[frame.stream, default: [:]][frame.sequence] = frame }
        }
    }

    func frame(_ sequence: UInt64, of stream: Stream) throws(StoreError) -> ArchivedFrame? {
        state.withLock { $0.frames[stream]?[sequence] }
    }

    func frame(from sequence: UInt64, of stream: Stream) throws(StoreError) -> ArchivedFrame? {
        state.withLock { state in
            state.frames[stream]?.values.filter { $0.sequence >= sequence }.min { $0.sequence < $1.sequence }
        }
    }

    func digest(of sequence: UInt64, in stream: Stream) throws(StoreError) -> FrameDigest? {
        try frame(sequence, of: stream)?.digest
    }

    func registeredDigest(of scenario: Identifier) throws(StoreError) -> String? {
        state.withLock { $0.ledgers.registrations[scenario] }
    }

    func clear(keepingAggregates: Bool) throws(StoreError) {
        state.withLock { state in
            state.ledgers = StoredLedgers()
            state.frames = [:]
        }
    }

    // No runs are folded in these worlds, nothing expires, and nothing is told.
    func alerts() throws(StoreError) -> [StoredAlert] { [] }
    func save(_ alerts: [StoredAlert]) throws(StoreError) {}
    func agents() throws(StoreError) -> [StoredAgent] { [] }
    func save(_ agents: [StoredAgent]) throws(StoreError) {}
    func losses() throws(StoreError) -> [StoredLoss] { [] }
    func removeAggregates(of runs: [RunKey], scenario: Identifier) throws(StoreError) -> [RunKey] { [] }
    func removeReproducibleAggregates() throws(StoreError) {}
    func frames(of run: Run) throws(StoreError) -> [ArchivedFrame] { [] }
    func series(of stream: Stream) throws(StoreError) -> [SeriesID: Series] { [:] }
    func events(named names: [String]) throws(StoreError) -> [StoredEvent] { [] }
    func remove(_ runs: [RunKey], scenario: Identifier, digest: String) throws(StoreError) {}
    func ruleParts(of rules: String) throws(StoreError) -> [StoredRulePart] { [] }
    func save(_ parts: [StoredRulePart], of rules: String) throws(StoreError) {}
    func aggregates(scenario: Identifier, digest: String) throws(StoreError) -> [RunKey: StoredAggregate] { [:] }
    func save(_ folded: [FoldedRun]) throws(StoreError) {}
}
