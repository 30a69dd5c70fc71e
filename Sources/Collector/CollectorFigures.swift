import Aggregation
import Connection
import Delivery
import Frames
import Platform
import Scenarios
import SegmentLog
import Storage
import Telemetry

/// What the collector counts since its start.
struct CollectorCounters: Hashable, Sendable {
    /// How often something was done, and how long that took altogether, nanoseconds.
    struct Work: Hashable, Sendable {
        private(set) var count: UInt64 = 0
        private(set) var time: Int64 = 0

        mutating func note(from begin: Int64, to end: Int64) {
            count += 1
            time += end - begin
        }
    }

    var frames: UInt64 = 0
    var samples: UInt64 = 0
    var duplicates: UInt64 = 0
    /// By the word for the reason, of which there are few.
    private(set) var refusals: [String: UInt64] = [:]
    var unpublished: UInt64 = 0
    var connections: UInt64 = 0
    var alerts: UInt64 = 0
    /// Syncs of the archive, commits to the store, rounds of folding.
    var syncs = Work()
    var commits = Work()
    var folds = Work()
    var failedCommits: UInt64 = 0

    var refused: UInt64 { refusals.values.reduce(0, +) }

    mutating func refuse(_ reason: String) { refusals[reason, default: 0] += 1 }
}

/// What only the collector's thread knows, at one moment, for `/healthz` and `/metrics`.
struct CollectorFigures: Sendable {
    /// One agent, or all that are too many to be told one by one.
    struct Agent: Sendable {
        var frames: UInt64 = 0
        var samples: UInt64 = 0
        var duplicates: UInt64 = 0
        var lostSamples: UInt64 = 0
        var missingFrames: UInt64 = 0
        /// Nil where nobody knows, or of more than one.
        var standing: AgentWatch.Standing?
        /// When it was last heard.
        var last: Timestamp?

        mutating func add(_ ledger: StreamLedger) {
            frames.grow(by: ledger.received.count)
            samples.grow(by: ledger.deliveredCount)
            duplicates.grow(by: ledger.duplicates)
            lostSamples.grow(by: ledger.lostCount)
            missingFrames.grow(by: IntervalSet(ledger.missing).count)
        }
    }

    struct Scenario: Sendable {
        let id: Identifier
        /// As it was published last; nil before that.
        let verdict: Verdict?
        let runs: Int
        /// Alerts that stand, by kind.
        let alerts: [Alert.Kind: Int]
    }

    let counters: CollectorCounters
    let isConnected: Bool
    let log: LogStatistics
    /// Stretches of the archive that cannot be read back.
    let damaged: Int
    /// Frames that the store lacks.
    let uncommitted: Int
    /// For how long something has been waiting to be folded, nanoseconds.
    let foldLag: Int64
    let agents: [(name: AgentWatch.Agent, figures: Agent)]
    /// All agents beyond those, together; nil when there are none.
    let others: Agent?
    let standings: [String: Int]
    let scenarios: [Scenario]

    /// How many agents are told one by one: somebody who may publish under any id must not make any number of series.
    static let mostAgents = 200

    /// The first of them by name, and what all others have together.
    static func bounded(
        _ agents: [AgentWatch.Agent: Agent]
    ) -> (told: [(name: AgentWatch.Agent, figures: Agent)], others: Agent?) {
        let ordered = agents.sorted { $0.key < $1.key }
        var others: Agent?
        for (_, more) in ordered.dropFirst(mostAgents) {
            var sum = others ?? Agent()
            sum.frames.grow(by: more.frames)
            sum.samples.grow(by: more.samples)
            sum.duplicates.grow(by: more.duplicates)
            sum.lostSamples.grow(by: more.lostSamples)
            sum.missingFrames.grow(by: more.missingFrames)
            others = sum
        }
        return (ordered.prefix(mostAgents).map { (name: $0.key, figures: $0.value) }, others)
    }
}

extension UInt64 {
    /// Adds as much as there is room for: what a sender claims, in ever more starts of it, is no reason to stop.
    mutating func grow(by other: UInt64) {
        let (sum, overflow) = addingReportingOverflow(other)
        self = overflow ? .max : sum
    }
}

extension CollectorCourse {
    func figures() -> CollectorFigures {
        let now = clock.monotonic
        let wall = clock.now
        var agents: [AgentWatch.Agent: CollectorFigures.Agent] = [:]
        for (stream, state) in intake.archive.allStreams where stream.agent != .collector {
            agents[AgentWatch.Agent(site: stream.site, agent: stream.agent), default: .init()].add(state.ledger)
        }
        let watch = alerts.agentWatch
        var standings = Dictionary(uniqueKeysWithValues: AgentWatch.Standing.words.map { ($0, 0) })
        for name in agents.keys {
            let standing = watch.standing(of: name, at: now, wall)
            standings[standing.word, default: 0] += 1
            agents[name]?.standing = standing
            agents[name]?.last = watch.lastHeard(name)
        }
        let (told, others) = CollectorFigures.bounded(agents)
        let scenarios = books.map { book in
            let id = book.entry.definition.id
            return CollectorFigures.Scenario(
                id: id, verdict: verdicts[id], runs: book.runs.count, alerts: alerts.standing(of: id))
        }
        return CollectorFigures(
            counters: counters, isConnected: isUp, log: intake.archive.log.statistics,
            damaged: intake.archive.damaged.count, uncommitted: intake.archive.uncommitted,
            foldLag: waitsSince.map { max(0, now - $0) } ?? 0,
            agents: told,
            others: others, standings: standings, scenarios: scenarios)
    }
}

extension AgentWatch.Standing {
    static let words = ["heard", "silent", "unknown", "gone"]

    var word: String {
        switch self {
        case .heard: "heard"
        case .silent: "silent"
        case .unknown: "unknown"
        case .gone: "gone"
        }
    }
}
