import Connection
import Delivery
import Frames
package import Storage
package import Telemetry

/// Every agent that a store knows, as it is at one moment.
package struct FleetView: Sendable {
    /// Whether an agent is there.
    package enum Standing: String, Hashable, Sendable, CaseIterable {
        case online
        /// The broker says that it is there, and it says nothing.
        case silent
        case offline
        /// Nobody can say: the collector is not there, or has never heard of it but by its frames.
        case unknown
        /// It has not been heard for so long that nobody waits for it.
        case gone
    }

    package struct Row: Sendable {
        package let agent: AgentWatch.Agent
        package let standing: Standing
        package let known: AgentKnowledge
        /// When it was last heard; for one of which only frames are known, the time of the last.
        package let seen: Timestamp?
        package let lost: LossAccount
        /// Frames, and samples, that are neither there nor declared lost.
        package let holes: LossAccount.Figure

        /// Whether somebody should look at it: it is not there, has lost something, or lacks something.
        package func isTroubled(at now: Timestamp, expiringWithin limit: Int64) -> Bool {
            guard standing != .gone else { return false }
            return standing != .online || !lost.isEmpty || holes != .init() || expires(within: limit, at: now)
        }

        /// Whether its certificate expires within so many nanoseconds.
        package func expires(within limit: Int64, at now: Timestamp) -> Bool {
            known.certificateExpires.map { $0.nanoseconds(since: now) < limit } ?? false
        }
    }

    package let time: Timestamp
    /// The collector's last word; nil where there is none.
    package let beat: CollectorBeat?
    /// By site, then by agent.
    package let rows: [Row]

    /// Three pulses that have not come.
    static let patience: Int64 = 180_000_000_000
    /// 30 days.
    static let memory: Int64 = 30 * 86_400_000_000_000

    /// Whether the collector that keeps the store is there.
    package var isCurrent: Bool { Self.isCurrent(beat, time) }

    /// - Throws: `StoreError`.
    package init(_ store: some Store, site: Identifier? = nil, at now: Timestamp) throws(StoreError) {
        let ledgers = try store.load()
        let losses = Dictionary(grouping: try store.losses(), by: \.stream)
        var beat: CollectorBeat?
        var known: [AgentWatch.Agent: AgentKnowledge] = [:]
        for row in try store.agents() {
            let agent = AgentWatch.Agent(site: row.site, agent: row.agent)
            if agent == FleetBook.collector {
                beat = row.state.flatMap(CollectorBeat.init(stored:))
            } else {
                known[agent] = row.state.flatMap(AgentKnowledge.init(stored:))
            }
        }
        var streams: [AgentWatch.Agent: [(Frames.Stream, StoredStream)]] = [:]
        for (stream, state) in ledgers.streams where stream.agent != .collector {
            streams[AgentWatch.Agent(site: stream.site, agent: stream.agent), default: []].append((stream, state))
        }
        let agents = Set(known.keys).union(streams.keys).filter { site == nil || $0.site == site }
        time = now
        self.beat = beat
        rows = agents.sorted().map { [beat] agent in
            var lost = LossAccount()
            var holes = LossAccount.Figure()
            var latest: Timestamp?
            for (stream, state) in streams[agent] ?? [] {
                lost.add(state.ledger, losses[stream] ?? [])
                holes.frames.grow(by: IntervalSet(state.ledger.missing).count)
                holes.samples.grow(by: state.ledger.missingCount)
                if let time = state.knownTimes(ledgers.boots)?.upperBound { latest = max(latest ?? time, time) }
            }
            let knowledge = known[agent] ?? AgentKnowledge()
            let seen = knowledge.heard ?? latest
            return Row(
                agent: agent, standing: Self.standing(knowledge, seen, isCurrent: Self.isCurrent(beat, now), now),
                known: knowledge, seen: seen, lost: lost, holes: holes)
        }
    }

    private static func isCurrent(_ beat: CollectorBeat?, _ now: Timestamp) -> Bool {
        guard let beat, beat.isConnected else { return false }
        return now.nanoseconds(since: beat.time) < patience
    }

    static func standing(
        _ known: AgentKnowledge, _ seen: Timestamp?, isCurrent: Bool, _ now: Timestamp
    ) -> Standing {
        let silence = seen.map { now.nanoseconds(since: $0) } ?? .max
        if known.isOnline != true, silence > memory { return .gone }
        if known.isOnline == false { return .offline }
        guard isCurrent else { return .unknown }
        if known.isOnline == nil { return silence < patience ? .online : .unknown }
        // An agent of an earlier version has no pulse; one that measures nothing is silent for days.
        return known.pulse != nil && silence >= patience ? .silent : .online
    }
}
