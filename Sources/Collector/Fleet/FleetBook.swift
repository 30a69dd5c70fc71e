import Connection
import Delivery
import JSON
import Storage
package import Telemetry

/// What is known of all agents while the collector runs, and when it is written down for those who ask the store.
///
/// Pure: what is heard and what time it is come in. News is written within a second; that an agent has been heard once more, four times a
/// minute; and once a minute, whatever happens, that the collector lives.
struct FleetBook {
    typealias Agent = AgentWatch.Agent

    /// The row of the collector itself.
    static let collector = Agent(site: .collector, agent: .collector)
    /// Whoever may write to the broker could make up names.
    static let most = 10_000

    private static let newsDelay: Int64 = 1_000_000_000
    private static let heardDelay: Int64 = 15_000_000_000
    private static let beat: Int64 = 60_000_000_000

    private(set) var agents: [Agent: AgentKnowledge] = [:]
    private var changed: Set<Agent> = []
    /// When (`CLOCK_MONOTONIC`) what has changed is to be written.
    private var saveAt: Int64?
    private var beatAt: Int64 = .min
    private var isConnected = false
    /// When (`CLOCK_MONOTONIC`) it is looked again for one to drop: not for each of a flood of names.
    private var nextDrop: Int64 = .min

    init(_ rows: [StoredAgent]) {
        for row in rows {
            let agent = Agent(site: row.site, agent: row.agent)
            guard agent != Self.collector, let state = row.state.flatMap(AgentKnowledge.init(stored:)) else { continue }
            agents[agent] = state
        }
    }

    /// When there is something to write.
    var dueAt: Int64 { min(saveAt ?? .max, beatAt) }

    mutating func note(isConnected: Bool) {
        self.isConnected = isConnected
        beatAt = .min
    }

    /// A frame came.
    mutating func hear(_ agent: Agent, at now: Int64, _ wall: Timestamp) {
        guard hasRoom(for: agent, at: now, wall) else { return }
        agents[agent, default: AgentKnowledge()].heard = wall
        changed.insert(agent)
        saveAt = min(saveAt ?? .max, now + Self.heardDelay)
    }

    mutating func note(isOnline: Bool, of agent: Agent, isRetained: Bool, at now: Int64, _ wall: Timestamp) {
        change(agent, isRetained: isRetained, at: now, wall) { known in
            if known.isOnline != isOnline { known.since = wall }
            known.isOnline = isOnline
        }
        // Who says farewell is heard by it; of a last will the broker speaks.
    }

    /// - Throws: `DeliveryError`; nothing is known anew then.
    mutating func note(
        meta bytes: [UInt8], of agent: Agent, isRetained: Bool, at now: Int64, _ wall: Timestamp
    ) throws(DeliveryError) {
        var known = agents[agent] ?? AgentKnowledge()
        try known.note(meta: bytes)
        change(agent, isRetained: isRetained, at: now, wall) { $0 = known }
    }

    /// - Throws: `DeliveryError`; nothing is known anew then.
    mutating func note(
        pulse bytes: [UInt8], of agent: Agent, isRetained: Bool, at now: Int64, _ wall: Timestamp
    ) throws(DeliveryError) {
        let pulse = try Pulse(json: bytes)
        change(agent, isRetained: isRetained, at: now, wall) { $0.note(pulse) }
    }

    private mutating func change(
        _ agent: Agent, isRetained: Bool, at now: Int64, _ wall: Timestamp, _ body: (inout AgentKnowledge) -> Void
    ) {
        guard agent != Self.collector, hasRoom(for: agent, at: now, wall) else { return }
        var known = agents[agent] ?? AgentKnowledge()
        body(&known)
        if !isRetained { known.heard = wall }
        guard known != agents[agent] else { return }
        agents[agent] = known
        changed.insert(agent)
        saveAt = min(saveAt ?? .max, now + Self.newsDelay)
    }

    /// Whether there is a row for the agent; where all are taken, that of the one unheard longest is, if that one is gone.
    private mutating func hasRoom(for agent: Agent, at now: Int64, _ wall: Timestamp) -> Bool {
        if agents[agent] != nil || agents.count < Self.most { return true }
        guard now >= nextDrop else { return false }
        var oldest: (agent: Agent, heard: Timestamp)?
        for (other, known) in agents where known.isOnline != true {
            guard let heard = known.heard, wall.nanoseconds(since: heard) > FleetView.memory else { continue }
            if let found = oldest, found.heard <= heard { continue }
            oldest = (other, heard)
        }
        guard let dropped = oldest?.agent else {
            nextDrop = now + Self.beat
            return false
        }
        agents[dropped] = nil
        changed.insert(dropped)
        return true
    }

    /// What a store lacks; call `saved` when it has it.
    func rows(_ wall: Timestamp) -> [StoredAgent] {
        let own = StoredAgent(
            site: .collector, agent: .collector,
            state: CollectorBeat(time: wall, isConnected: isConnected, version: CollectorVersion.text).stored)
        return changed.sorted().map {
            StoredAgent(site: $0.site, agent: $0.agent, state: agents[$0]?.stored)
        } + [own]
    }

    mutating func saved(at now: Int64) {
        changed.removeAll()
        saveAt = nil
        beatAt = now + Self.beat
    }
}

/// The collector's own word that it lives: without it, what it knew of agents is of another time.
package struct CollectorBeat: Hashable, Sendable {
    package var time: Timestamp
    package var isConnected: Bool
    package var version: String

    package init(time: Timestamp, isConnected: Bool, version: String) {
        self.time = time
        self.isConnected = isConnected
        self.version = version
    }

    var stored: String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("time", time.nanoseconds)
        writer.member("connected", isConnected)
        writer.member("version", version)
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// Nil for what this program has not written.
    init?(stored text: String) {
        guard let value = try? JSONParser.parse(text), let time = value["time"]?.int64,
            let connected = value["connected"]?.bool, let version = value["version"]?.string
        else { return nil }
        self.init(time: Timestamp(nanoseconds: time), isConnected: connected, version: version)
    }
}
