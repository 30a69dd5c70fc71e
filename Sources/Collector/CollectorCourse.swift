import Aggregation
import Connection
import Delivery
import Frames
import Installation
import JSON
package import Logging
package import Mosquitto
import Platform
import Scenarios
package import SegmentLog
package import Storage
import Telemetry

/// The state of a running collector, owned by the engine's thread: what comes from the wire goes into the archive, is synced, and only
/// then acknowledged; runs are folded and summaries published from what the archive says.
package struct CollectorCourse<Evidence: Store>: ~Copyable {
    let settings: CollectorSettings
    /// The shortest of what the settings and the definitions say.
    let retention: ArchiveRetention
    let client: MQTTClient
    let clock = SystemClock()
    let logger: Logger
    let store: Evidence

    var intake: FrameIntake<POSIXFileSystem>
    private var folding = Folding()
    var books: [RunBook]
    private var operatorFrames: OperatorFrames
    var refused = RefusalLog()
    private var certificates = AgentCertificates()
    private var publisher = SummaryPublisher()
    private(set) var alerts: AlertCourse
    var fleet: FleetBook
    /// As they were published last.
    private(set) var verdicts: [Identifier: Verdict] = [:]
    let progress: CollectorProgress
    private var nextFold: Int64 = 0
    private var nextExpiry: Int64 = 0
    var isTooLarge = false
    private(set) var isUp = false
    private var hasNews = true {
        didSet { waitsSince = hasNews ? waitsSince ?? clock.monotonic : nil }
    }
    /// Since when something waits to be folded (`CLOCK_MONOTONIC`, ns).
    private(set) var waitsSince: Int64?
    var token: Token = 0
    var counters = CollectorCounters()
    /// What was told of frames that the rules of scenarios cannot see.
    var unreadable: Set<String> = []

    /// How often runs are folded at the most, nanoseconds: late data of a run tend to come within a second.
    private static var foldInterval: Int64 { 1_000_000_000 }
    /// How often the archive is asked for what has expired, nanoseconds.
    private static var expiryInterval: Int64 { 10_000_000_000 }

    /// - Throws: `StoreError` when what is stored cannot be taken up again.
    package init(
        _ settings: CollectorSettings, archive: consuming Archive<POSIXFileSystem>, store: Evidence,
        library: ScenarioLibrary, client: MQTTClient, progress: CollectorProgress = CollectorProgress(), logger: Logger
    ) throws {
        let plan = RetentionPlan(settings.retention, library.entries.map(\.definition))
        for warning in plan.warnings { logger.warning("\(warning)") }
        let ledgers = archive.ledgers
        let books = try library.entries.map { try RunBook($0, store: store, ledgers) }
        let alerts = try AlertCourse(library, settings.alerts, ledgers, store: store)
        let fleet = FleetBook(try store.agents())
        self.init(
            settings, plan.effective, archive, store: store, books, alerts, fleet, client: client, progress: progress,
            logger: logger)
    }

    /// Not where something throws: Swift 6.2 would destroy what has a value from its declaration, before it has it.
    private init(
        _ settings: CollectorSettings, _ retention: ArchiveRetention, _ archive: consuming Archive<POSIXFileSystem>,
        store: Evidence, _ books: [RunBook], _ alerts: AlertCourse, _ fleet: FleetBook, client: MQTTClient,
        progress: CollectorProgress, logger: Logger
    ) {
        self.settings = settings
        self.progress = progress
        self.retention = retention
        self.client = client
        self.logger = logger
        self.store = store
        self.fleet = fleet
        self.alerts = alerts
        self.books = books
        operatorFrames = OperatorFrames(archive.identity)
        intake = FrameIntake(archive)
        intake.archive.pulse = progress.pulse
    }

    /// The next time (`CLOCK_MONOTONIC`, ns) at which there is something to do without being told; nil for none.
    package var wakeAt: Int64? {
        if hasNews || intake.archive.uncommitted > 0 { return min(nextFold, alerts.dueAt ?? nextFold) }
        return [fleet.dueAt, alerts.dueAt, isUp ? publisher.dueAt : nil, isUp ? intake.dueAt : nil].compactMap(\.self)
            .min()
    }
}

// MARK: - What comes in

extension CollectorCourse {
    /// - Throws: `CollectorError` when the archive cannot be written; nothing unsynced was acknowledged.
    package mutating func handle(_ event: MQTTEvent) throws {
        switch event {
        case .connected(let terms):
            isUp = true
            counters.connections += 1
            publisher.forget()
            alerts.connect(at: clock.monotonic)
            fleet.note(isConnected: true)
            for index in books.indices { books[index].unpublished() }
            hasNews = true
            logger.notice(
                "connected to the broker",
                metadata: ["broker": "\(settings.broker.address)", "window": "\(terms.window)"])
        case .disconnected(let disconnection):
            if isUp || disconnection.wasConnected {
                logger.warning(
                    "not connected to the broker; agents keep their data",
                    metadata: ["reason": "\(disconnection.error?.message ?? "closed")"])
            }
            if isUp { fleet.note(isConnected: false) }
            isUp = false
            alerts.disconnect()
        case .subscribed(let filter, let reason):
            if reason.isFailure {
                logger.error(
                    "the broker refuses a subscription; check its ACL",
                    metadata: ["topic": "\(filter)", "reason": "\(reason)"])
            }
        case .acknowledged(let token, let reason):
            if alerts.confirm(token), reason.isFailure {
                logger.error("the broker refuses an alert; check its ACL", metadata: ["reason": "\(reason)"])
            }
        case .message(let message): try handle(message)
        }
    }

    private mutating func handle(_ message: Message) throws {
        switch settings.broker.topics.address(of: message.topic) {
        case .agent(let site, let agent, .up(let priority)):
            try take(message.payload, site: site, agent: agent, priority)
        case .agent(let site, let agent, .status):
            let isOnline = message.payload.elementsEqual("online".utf8)
            if agent != .collector, isOnline || message.payload.elementsEqual("offline".utf8) {
                alerts.noteStatus(
                    isOnline: isOnline, isRetained: message.isRetained, site: site, agent: agent, at: clock.monotonic,
                    clock.now)
            }
            noteForFleet(message, site: site, agent: agent, .status)
            if isOnline { greet(site: site, agent: agent) }
        case .agent(let site, let agent, .pulse):
            noteForFleet(message, site: site, agent: agent, .pulse)
        case .agent(let site, let agent, .meta):
            if let refusal = certificates.note(message.payload, site: site, agent: agent) {
                counters.refuse(FrameRefusal.documentWord)
                refused.note(
                    "\(refusal)", site: site, agent: agent, bytes: message.payload.count, at: clock.monotonic, logger)
            } else {
                noteForFleet(message, site: site, agent: agent, .meta)
            }
        case .run(let site):
            // A retained marker would be recorded again at every connect.
            if !message.isRetained { try record(message.payload, at: site) }
        default: break
        }
    }

    private mutating func take(_ payload: [UInt8], site: Identifier, agent: Identifier, _ priority: PriorityClass)
        throws
    {
        // Its own stream is written here and nowhere else.
        guard agent != .collector else {
            counters.refuse(FrameRefusal.gate(.reservedIdentity).word)
            return
        }
        let now = clock.monotonic
        switch try intake.take(payload, site: site, agent: agent, priority: priority, at: now) {
        case .refused(let refusal):
            counters.refuse(refusal.word)
            refused.note(refusal, site: site, agent: agent, bytes: payload.count, at: now, logger)
        case .duplicate:
            counters.duplicates += 1
            fleet.hear(AgentWatch.Agent(site: site, agent: agent), at: now, clock.now)
            alerts.hear(site: site, agent: agent, at: now, clock.now)
        case .replaced(let former):
            logger.warning(
                "another installation speaks under an agent's id; what the former one had not sent stays open",
                metadata: ["site": "\(site)", "agent": "\(agent)", "former": "\(former)"])
            try noteFrame()
        case .admitted: try noteFrame()
        }
    }

    /// The frame in the gate has been admitted.
    private mutating func noteFrame() throws(CollectorError) {
        guard let header = intake.frame.header else { return }
        counters.frames += 1
        counters.samples += UInt64(header.sampleCount)
        fleet.hear(
            AgentWatch.Agent(site: header.stream.site, agent: header.stream.agent), at: clock.monotonic, clock.now)
        alerts.hear(site: header.stream.site, agent: header.stream.agent, at: clock.monotonic, clock.now)
        try noteForRuns(header.stream)
    }

    /// What the frame in the gate means for runs.
    private mutating func noteForRuns(_ stream: Frames.Stream) throws(CollectorError) {
        hasNews = true
        if let header = intake.frame.header {
            let clock = RecordedClock(header)
            for index in books.indices { books[index].note(clock.boot) }
            for event in intake.frame.extras.events {
                try note(StoredEvent(site: stream.site, source: stream.agent, event: event, clock: clock))
            }
        }
        alerts.take(intake.frame, intake.archive, store: store)
        for stretch in intake.archive.takeStale() {
            for index in books.indices { books[index].note(stretch) }
        }
    }

    private mutating func note(_ event: StoredEvent) throws(CollectorError) {
        for index in books.indices where books[index].note(event) && !books[index].entry.definition.runs.hasRules {
            try intake.archive.register(books[index].entry.definition, digest: books[index].entry.digest)
        }
    }

    /// A run marker of an operator: archived in the collector's own stream, so that the archive alone tells of every run.
    private mutating func record(_ payload: [UInt8], at site: Identifier) throws {
        let marker: RunEvent
        do throws(DeliveryError) {
            marker = try RunEvent(json: payload)
        } catch {
            counters.refuse(FrameRefusal.markerWord)
            logger.warning("a run marker was refused", metadata: ["site": "\(site)", "reason": "\(error)"])
            return
        }
        let frame = try operatorFrames.frame(of: marker.event, at: site, clock: clock.reading)
        guard
            case .admitted = try intake.take(
                frame, site: site, agent: .collector, priority: .event, at: clock.monotonic)
        else { return }
        try noteForRuns(operatorFrames.stream(of: site))
    }
}

// MARK: - What goes on

extension CollectorCourse {
    /// Syncs and acknowledges what came, then folds and publishes what is due.
    ///
    /// A store that fails is tried again: the archive has everything.
    /// - Throws: `CollectorError` when the archive fails, `AggregationError`.
    package mutating func advance() throws {
        if intake.isPending {
            try intake.archive.note(clock.reading)
            try acknowledge()
        }
        if isUp { requestMissing() }
        certificates.warn(at: clock.monotonic, clock.now, logger)
        do {
            try commit()
            try recognise()
            let now = clock.monotonic
            if hasNews, now >= nextFold {
                nextFold = now + Self.foldInterval
                try foldAll()
                counters.folds.note(from: now, to: clock.monotonic)
                alerts.follow(books)
                hasNews = false
            }
            try tellAlerts(now)
            try saveFleet(to: store, at: now)
            if !hasNews, now >= nextExpiry {
                nextExpiry = now + Self.expiryInterval
                try expire()
            }
            try publishSummaries(now)
        } catch let error as StoreError {
            counters.failedCommits += 1
            logger.error(
                "the store is behind the archive; trying again",
                metadata: ["reason": "\(error)", "frames": "\(intake.archive.uncommitted)"])
            nextFold = clock.monotonic + Self.foldInterval
            hasNews = true
        }
    }

    private mutating func commit() throws {
        let begin = clock.monotonic
        let isDue = intake.archive.uncommitted > 0
        try intake.archive.commit(to: store)
        if isDue { counters.commits.note(from: begin, to: clock.monotonic) }
    }

    private mutating func foldAll() throws {
        let ledgers = intake.archive.ledgers
        for index in books.indices {
            let entry = books[index].entry
            let due = books[index].runsToFold(ledgers)
            try books[index].removeVanished(from: store)
            progress.begin(folding: due.count)
            // Also where one throws: nothing is under way then.
            defer { progress.begin(folding: 0) }
            for run in due {
                defer { progress.foldedOne() }
                if ledgers.hasExpired(of: run) {
                    books[index].keep(run)
                    continue
                }
                let aggregate: RunAggregate
                do {
                    aggregate = try folding.aggregate(
                        of: run, entry.definition, archive: &intake.archive, boots: ledgers.boots, store: store)
                } catch let error as CollectorError {
                    // One frame that the disk lost must not keep out all that arrive.
                    logger.error(
                        "a run cannot be folded; stop the collector and run 'fieldproof rebuild', which counts the frame as missing",
                        metadata: ["run": "\(run.site)/\(run.id)", "reason": "\(error)"])
                    books[index].folded(run, nil)
                    continue
                }
                if let stretch = FoldedStretch(run) {
                    try store.save(
                        StoredAggregate(stretch, bytes: aggregate.bytes), of: RunKey(run),
                        scenario: entry.definition.id, digest: entry.digest)
                }
                books[index].folded(run, aggregate)
            }
        }
    }

    private mutating func tellAlerts(_ now: Int64) throws {
        for alert in try alerts.look(&intake.archive, store: store, at: now, clock.now) {
            if alert.state == .raised { counters.alerts += 1 }
            let text = alert.state == .raised ? alert.fact.text.raised : alert.fact.text.cleared
            logger.log(
                level: alert.state == .raised ? .warning : .notice, "alert \(alert.state.rawValue)",
                metadata: ["scenario": "\(alert.fact.cause.scenario)", "id": "\(alert.id)", "text": "\(text.en)"])
        }
        guard isUp else { return }
        for message in alerts.unsent {
            let topic = settings.broker.topics.alert(scenario: message.cause.scenario)
            guard publish(message.payload, to: topic) else { return }
            alerts.sent(message, under: token)
        }
    }

    private mutating func publishSummaries(_ now: Int64, isLast: Bool = false) throws {
        guard isUp else { return }
        for index in books.indices {
            let book = books[index]
            let id = book.entry.definition.id
            guard publisher.isDue(id, book.news, at: now) || (isLast && book.news != .none), book.isWorthTelling else {
                continue
            }
            let summary = try EvidenceRoom(book.entry, intake.archive.ledgers).summary(
                of: book.runs, aggregates: book.aggregates, .init(), store: store, software: CollectorVersion.software)
            guard publish(summary.json.compact(), to: settings.broker.topics.summary(scenario: id), retain: true) else {
                continue
            }
            verdicts[id] = summary.verdict
            progress.pulse.works()
            publisher.published(id, at: now)
            books[index].summarised()
        }
    }

    /// Syncs and closes; agents keep what was not acknowledged.
    package consuming func finish() throws {
        try acknowledge()
        try intake.archive.commit(to: store)
        try recognise()
        try foldAll()
        try publishSummaries(clock.monotonic, isLast: true)
        try alerts.settle(store)
        fleet.note(isConnected: false)
        try saveFleet(to: store, at: clock.monotonic)
        logger.notice(
            "stopping",
            metadata: [
                "frames": "\(counters.frames)", "samples": "\(counters.samples)",
                "duplicates": "\(counters.duplicates)",
                "refused": "\(counters.refused)",
            ])
        try intake.close()
    }
}
