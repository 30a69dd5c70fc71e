import Aggregation
import Connection
import Delivery
import Frames
import Mosquitto
import Scenarios
import SegmentLog
import Storage
import Telemetry

/// The alerts of all scenarios while the collector runs: what comes from the wire and the archive goes in, messages come out.
struct AlertCourse {
    /// A message that the broker has not confirmed.
    struct Message: Hashable {
        let cause: Alert.Cause
        let payload: [UInt8]
    }

    private let settings: AlertSettings
    private var agents: AgentWatch
    private var losses: LossWatch
    private var watches: [ScenarioWatch]
    private var books: [Identifier: AlertBook]
    /// What the broker was given and has not answered.
    private var inFlight: [Token: Message] = [:]
    private var nextLook: Int64 = 0
    /// When an agent may fall silent.
    private var agentDueAt: Int64?
    private var hasNews = true

    /// How often is looked at the most, nanoseconds.
    private static let interval: Int64 = 100_000_000

    /// Takes up what was told before.
    ///
    /// - Throws: `StoreError`.
    init(
        _ library: ScenarioLibrary, _ settings: AlertSettings, _ ledgers: StoredLedgers, store: some Store
    ) throws(StoreError) {
        self.settings = settings
        watches = library.entries.map(ScenarioWatch.init)
        agents = AgentWatch(patience: settings.silentAgent)
        losses = LossWatch(patience: settings.openHole)
        for (stream, state) in ledgers.streams where stream.agent != .collector {
            guard let last = state.knownTimes(ledgers.boots)?.upperBound else { continue }
            agents.recall(AgentWatch.Agent(site: stream.site, agent: stream.agent), at: last)
        }
        books = AlertBook.stored(try store.alerts())
        for entry in library.entries where books[entry.definition.id] == nil {
            books[entry.definition.id] = AlertBook(entry.definition.id)
        }
    }

    var agentWatch: AgentWatch { agents }

    /// How many alerts of a scenario stand, by kind.
    func standing(of scenario: Identifier) -> [Alert.Kind: Int] {
        (books[scenario]?.entries ?? [:]).reduce(into: [:]) { counts, entry in
            if entry.value.raised != nil { counts[entry.key.kind, default: 0] += 1 }
        }
    }

    /// The next time (`CLOCK_MONOTONIC`, ns) at which there is something to look at; nil for none.
    var dueAt: Int64? { hasNews ? nextLook : [agentDueAt, losses.dueAt].compactMap(\.self).min() }
}

// MARK: - What comes in

extension AlertCourse {
    mutating func connect(at now: Int64) {
        agents.connect(at: now)
        hasNews = true
    }

    mutating func disconnect() {
        agents.disconnect()
        inFlight.removeAll()
    }

    /// A frame came, for the first time or again.
    mutating func hear(site: Identifier, agent: Identifier, at now: Int64, _ wall: Timestamp) {
        agents.hear(AgentWatch.Agent(site: site, agent: agent), at: now, wall)
        hasNews = true
    }

    /// `…/status` says whether the agent is there; `isRetained`: the broker had kept it.
    mutating func noteStatus(
        isOnline: Bool, isRetained: Bool, site: Identifier, agent: Identifier, at now: Int64, _ wall: Timestamp
    ) {
        let named = AgentWatch.Agent(site: site, agent: agent)
        switch (isOnline, isRetained) {
        case (false, _): agents.leave(named, at: now)
        case (true, true): agents.remain(named)
        case (true, false): agents.hear(named, at: now, wall)
        }
        hasNews = true
    }

    /// The frame in `decoder` was admitted.
    mutating func take(
        _ decoder: FrameDecoder, _ archive: borrowing Archive<some FileSystem>, store: some Store
    ) {
        hasNews = true
        for index in watches.indices {
            watches[index].add(decoder, archive.clocks) { stream in
                guard var series = try? store.series(of: stream) else { return nil }
                for (other, definition) in archive.pending.definitions where other.isOfStart(of: stream) {
                    series[definition.id] = definition.series
                }
                return series
            }
        }
    }

    /// Runs were marked or folded; as many books as scenarios, in their order.
    mutating func follow(_ runs: [RunBook]) {
        for index in watches.indices { watches[index].follow(runs[index]) }
        hasNews = true
    }

    /// The broker's answer to a message; false for one that was none of an alert.
    mutating func confirm(_ token: Token) -> Bool {
        guard let message = inFlight.removeValue(forKey: token) else { return false }
        books[message.cause.scenario]?.confirmed(message.payload, of: message.cause)
        hasNews = true
        return true
    }
}

// MARK: - What goes on

extension AlertCourse {
    /// Looks at everything, if it is time, and makes durable what is to be told before anybody is told.
    ///
    /// The archive must have been committed. Throws `StoreError`; the next look tries again.
    mutating func look(
        _ archive: inout Archive<some FileSystem>, store: some Store, at now: Int64, _ wall: Timestamp
    ) throws -> [Alert] {
        guard dueAt.map({ now >= $0 }) ?? false else { return [] }
        nextLook = now + Self.interval
        hasNews = true
        var alerts: [Alert] = []
        let sites = watches.reduce(into: Set<Identifier>()) { $0.formUnion($1.sitesWithOpenRuns) }
        try losses.look(archive.ledgers, at: sites, store, now) { [agents] in
            agents.standing(of: $0, at: now, wall) == .heard
        }
        for index in watches.indices where watches[index].isReady {
            try watches[index].catchUp(&archive, store)
            let streams = archive.allStreams
            let entry = watches[index].entry
            let book = books[entry.definition.id]
            let facts = watches[index].facts(agents, losses, at: now, wall, limit: settings.silentSeries) { stream in
                streams[stream]?.ledger.missing.isEmpty ?? true
            } isTold: { cause, count in
                book?.digest == entry.digest && book?.isTold(cause, count) == true
            }
            alerts += books[entry.definition.id]?.update(facts, under: entry.digest, at: wall) ?? []
        }
        alerts += retire(at: wall)
        try settle(store)
        hasNews = false
        agentDueAt = agents.dueAt(after: now)
        return alerts
    }

    /// Makes durable what was told and what was confirmed.
    ///
    /// - Throws: `StoreError`.
    mutating func settle(_ store: some Store) throws(StoreError) {
        let changes = books.values.flatMap(\.changes)
        guard !changes.isEmpty else { return }
        try store.save(changes)
        for scenario in books.keys { books[scenario]?.stored() }
    }

    /// A scenario whose definition is gone has nothing to raise any more.
    private mutating func retire(at wall: Timestamp) -> [Alert] {
        let present = Set(watches.map(\.entry.definition.id))
        var alerts: [Alert] = []
        for scenario in books.keys.sorted() where !present.contains(scenario) {
            guard let digest = books[scenario]?.digest else { continue }
            alerts += books[scenario]?.update([], under: digest, at: wall) ?? []
        }
        return alerts
    }

    /// What is durable and to be told, and not on its way.
    var unsent: [Message] {
        let pending = Set(inFlight.values)
        return books.sorted { $0.key < $1.key }.filter { $0.value.changed.isEmpty }.flatMap { _, book in
            book.waiting.sorted().flatMap { cause in
                book.entries[cause]?.unsent.map { Message(cause: cause, payload: $0) } ?? []
            }
        }.filter { !pending.contains($0) }
    }

    /// The broker was given a message.
    mutating func sent(_ message: Message, under token: Token) { inFlight[token] = message }
}

extension Frames.Stream {
    /// Whether one start of an agent made both.
    fileprivate func isOfStart(of other: Frames.Stream) -> Bool {
        site == other.site && agent == other.agent && install == other.install && epoch == other.epoch
    }
}
