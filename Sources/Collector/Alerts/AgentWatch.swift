package import Telemetry

/// Which agents are heard, and which have fallen silent.
///
/// What it is told: that a connection to the broker is there or not, frames, and what `…/status` says. Pure: times come in.
package struct AgentWatch: Sendable {
    package struct Agent: Hashable, Sendable, Comparable {
        package let site: Identifier
        package let agent: Identifier

        package init(site: Identifier, agent: Identifier) {
            self.site = site
            self.agent = agent
        }

        package static func < (a: Self, b: Self) -> Bool { (a.site, a.agent) < (b.site, b.agent) }
    }

    /// What is known of an agent.
    package enum Standing: Hashable, Sendable {
        case heard
        /// Since it was last heard.
        case silent(Timestamp)
        /// It has not been silent for long enough since the connection came, or nobody could have heard it.
        case unknown
        /// It has been silent for so long that it is not waited for.
        case gone
    }

    private struct Record: Sendable {
        /// `CLOCK_MONOTONIC`; nil when it was not heard in this life of the collector.
        var heard: Int64?
        /// The wall clock then, or the latest time of what it sent in earlier lives.
        var last: Timestamp
        /// Since when `…/status` says `offline`.
        var offline: Int64?
    }

    /// How long `offline` must stand, nanoseconds: a box that changes its network is back at once.
    package static let grace: Int64 = 5_000_000_000

    /// How long an agent that is there may send no frame, nanoseconds.
    package let patience: Int64
    private var records: [Agent: Record] = [:]
    /// Since when there is a connection; nil without one.
    private var connected: Int64?

    package init(patience: Int64) { self.patience = patience }

    /// It sent frames before this start of the collector, the last one at `time`.
    package mutating func recall(_ agent: Agent, at time: Timestamp) {
        guard records[agent]?.heard == nil else { return }
        records[agent] = Record(last: max(records[agent]?.last ?? time, time), offline: records[agent]?.offline)
    }

    package mutating func connect(at now: Int64) { connected = now }

    package mutating func disconnect() { connected = nil }

    /// A frame came, known or not, or the agent said by itself that it is there.
    package mutating func hear(_ agent: Agent, at now: Int64, _ wall: Timestamp) {
        records[agent] = Record(heard: now, last: wall)
    }

    /// `…/status` says `offline`: the agent said so before it went, or its last will does. One that has never sent anything is not missed.
    package mutating func leave(_ agent: Agent, at now: Int64) {
        guard var record = records[agent] else { return }
        record.offline = record.offline ?? now
        records[agent] = record
    }

    /// `…/status` said `online` when the connection came: the broker keeps it for an agent that may hang.
    package mutating func remain(_ agent: Agent) { records[agent]?.offline = nil }

    /// When it was last heard, in this life of the collector or an earlier one; nil for one that is not known.
    package func lastHeard(_ agent: Agent) -> Timestamp? { records[agent]?.last }

    package var agents: [Agent] { records.keys.sorted() }

    /// What is known of an agent at `now` (`CLOCK_MONOTONIC`, nanoseconds), which is `wall` by the wall clock.
    package func standing(of agent: Agent, at now: Int64, _ wall: Timestamp) -> Standing {
        guard let connected, let record = records[agent] else { return .unknown }
        if wall.nanoseconds(since: record.last) > StreamTails.longestOutage { return .gone }
        if let offline = record.offline {
            return now - max(offline, connected) >= Self.grace ? .silent(record.last) : .unknown
        }
        if now - max(record.heard ?? connected, connected) >= patience { return .silent(record.last) }
        return record.heard.map { now - $0 < patience } ?? false ? .heard : .unknown
    }

    /// When one of these agents may fall silent next; nil for none.
    package func dueAt(after now: Int64) -> Int64? {
        guard let connected else { return nil }
        return records.values.map { record in
            record.offline.map { max($0, connected) + Self.grace } ?? max(record.heard ?? connected, connected)
                + patience
        }.filter { $0 > now }.min()
    }
}
