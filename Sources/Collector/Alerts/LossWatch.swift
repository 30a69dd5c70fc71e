import Aggregation
import Connection
import Delivery
import Frames
import Storage
import Telemetry

/// What is missing of the streams at sites with a run that goes on, and for how long a hole stays as it is.
///
/// A backlog that comes in makes a hole smaller from its beginning; one whose beginning stays where it is, although its agent is there,
/// is not about to be filled. While an agent is away, or the broker is, nothing can come, and nothing is counted.
struct LossWatch {
    /// Where the first hole of a stream begins, and since when (`CLOCK_MONOTONIC`, ns).
    private struct Place {
        let sequence: UInt64
        let since: Int64
    }

    /// How often is looked at the most, nanoseconds: each hole takes two reads of the store.
    static let interval: Int64 = 2_000_000_000

    /// How long a hole may stay as it is, nanoseconds.
    let patience: Int64
    private var places: [Frames.Stream: Place] = [:]
    private var stuck: Set<Frames.Stream> = []
    private var nextLook: Int64 = 0
    /// Whether it was asked to look too soon after the last time.
    private var isBehind = false
    /// Of every stream that lacks something.
    private(set) var accounts: [StreamAccount] = []

    init(patience: Int64) { self.patience = patience }

    /// When there is something to look at although nothing comes; nil for never.
    var dueAt: Int64? { isBehind || !places.isEmpty ? nextLook : nil }

    /// `sites`: those with a run that goes on. `isHeard`: whether an agent is there.
    mutating func look(
        _ ledgers: StoredLedgers, at sites: Set<Identifier>, _ store: some Store, _ now: Int64,
        isHeard: (AgentWatch.Agent) -> Bool
    ) throws(StoreError) {
        isBehind = now < nextLook
        guard !isBehind else { return }
        nextLook = now + Self.interval
        var (found, kept, idle): ([StreamAccount], [Frames.Stream: Place], Set<Frames.Stream>) = ([], [:], [])
        for (stream, state) in ledgers.streams where sites.contains(stream.site) && stream.agent != .collector {
            if let first = state.ledger.missing.first?.lowerBound {
                var place =
                    places[stream].flatMap { $0.sequence == first ? $0 : nil } ?? Place(sequence: first, since: now)
                if !isHeard(AgentWatch.Agent(site: stream.site, agent: stream.agent)) {
                    place = Place(sequence: first, since: now)
                }
                kept[stream] = place
                if now - place.since >= patience { idle.insert(stream) }
            }
            let holes = try StreamHoles(stream, state, ledgers.boots).all(store)
            guard !holes.isEmpty else { continue }
            var account = StreamAccount(stream: stream, ledger: state.ledger)
            account.holes = holes
            found.append(account)
        }
        (accounts, places, stuck) = (found, kept, idle)
    }

    /// Nil while nobody can say: what is missing may be on its way.
    func isStuck(_ stream: Frames.Stream) -> Bool? { stuck.contains(stream) ? true : nil }
}
