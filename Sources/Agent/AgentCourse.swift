import Connection
import Delivery
import Frames
import Inputs
import Logging
import Mosquitto
import Platform
import SegmentLog
import Telemetry

/// The state of a running agent, owned by the engine's thread.
struct AgentCourse<Files: FileSystem>: ~Copyable {
    let settings: AgentSettings
    let client: MQTTClient
    let clock: SystemClock
    let intake: SampleIntake
    let logger: Logger
    let topics: AgentTopics

    var spool: Spool<Files>
    let consentFile: ConsentFile<Files>
    var credentials: CredentialWatch
    var expiry = ExpiryNotice()
    private var nextCredentialLook: Int64
    private var nextMemoryLook: Int64 = 0
    var uplink: Uplink
    var view: SeriesView
    var link: BrokerLink
    /// The clock as it was when the intake was last emptied.
    private var lastReading: ClockReading?
    /// What was fetched from the intake and is not stored yet.
    var harvest = SampleIntake.Harvest()
    /// The spool has no room for this class and those below it; they wait, and hold nothing up that is more precious.
    private(set) var blocked: PriorityClass?
    /// Who waits for an event in the intake, and who for one in the harvest, to be on disk.
    private var waitingMarks: [Mailbox<ControlAnswer>] = []
    private var harvestedMarks: [Mailbox<ControlAnswer>] = []
    private var nextTick: Int64
    /// Before this, events wait for each other.
    private var nextEventCommit: Int64 = 0
    var nextState: Int64
    var isMetaStale = true
    /// What the rules of the pipeline had done when it was last put on record.
    var recordedRedaction: RedactionTally
    private var nextRedactionRecord: Int64
    /// Withdrawals of consent that the harvest has been looked through for.
    private var reviewedWithdrawals = 0
    /// Since the start.
    var evicted = AgentStatus.Evicted()
    var attendance: Attendance
    var syncs = AgentFigures.Syncs()
    /// Refusals of the broker, class by class.
    var refusals = PriorityClass.allCases.map { _ in UInt64(0) }
    private var drainDeadline: Int64?
    /// The ends of the streams are on disk: nothing more is taken in.
    private var hasEnded = false
    /// What a collector asked for and is answered in the next `advance`.
    private var requests: [Command] = []

    /// How often freed memory is looked at, in nanoseconds, and how many bytes of it may stay.
    private static var memoryInterval: Int64 { 60_000_000_000 }
    private static var mostFreed: Int { 1 << 20 }
    /// A lone event is on disk at once; those that follow are synced together, no more often than this many nanoseconds.
    private static var eventCommitInterval: Int64 { 50_000_000 }
    /// How often it is put on record what the pipeline has taken away, nanoseconds: an hour.
    private static var redactionRecordInterval: Int64 { 3_600_000_000_000 }

    init(
        _ settings: AgentSettings, spool: consuming Spool<Files>, consent: ConsentFile<Files>, client: MQTTClient,
        credentials: CredentialWatch, clock: SystemClock, intake: SampleIntake, recent: RecentLog = RecentLog(),
        logger: Logger
    ) {
        self.settings = settings
        self.client = client
        self.credentials = credentials
        self.clock = clock
        self.intake = intake
        self.logger = logger
        consentFile = consent
        topics = AgentTopics(settings)
        uplink = Uplink(spool, authority: settings.authority)
        view = SeriesView(site: settings.identity.site, agent: settings.identity.agent)
        link = BrokerLink()
        let now = clock.monotonic
        attendance = Attendance(at: now, clock.now, recent)
        nextTick = now + settings.spool.sync
        nextCredentialLook = now
        nextState = now + (settings.publishing.state ?? .max / 2)
        recordedRedaction = intake.redacted
        nextRedactionRecord = now + Self.redactionRecordInterval
        let identity = spool.identity
        let recovery = spool.recovery
        self.spool = spool
        announceStart(identity, recovery)
    }

    /// The next time (`CLOCK_MONOTONIC`, ns) at which there is something to do without being told.
    var wakeAt: Int64 {
        var time = min(nextTick, nextState)
        if blocked != .event, intake.hasEvents { time = min(time, nextEventCommit) }
        if intake.hasConsentNews || uplink.replay.hasEnded { time = 0 }
        if let due = uplink.dueAt { time = min(time, due) }
        if let drainDeadline { time = min(time, drainDeadline) }
        return time
    }
}

// MARK: - What comes in

extension AgentCourse {
    mutating func handle(_ message: AgentEngine.Message) {
        switch message {
        case .mqtt(let event): handle(event)
        case .mark(_, let reply) where hasEnded:
            _ = reply.post(.refused("the agent is stopping; try again when it is back"))
        case .mark(let event, let reply):
            if let complaint = ControlRequest.complaint(event) {
                _ = reply.post(.refused(complaint))
            } else if blocked == .event {
                // A withdrawal has effect all the same: nobody has to wait for a disk to be left alone.
                if event.name == ConsentChange.withdrawnName { intake.accept(event) }
                _ = reply.post(.refused("the spool is full of events; bring the collector back, then try again"))
            } else if event.name == ConsentChange.grantedName {
                // Those of programs that came before it go first; and only who withdraws after this withdraws from it.
                if let refusal = grant(intake.takeGrants() + [event]) {
                    _ = reply.post(.refused(refusal))
                } else {
                    waitingMarks.append(reply)
                }
            } else if let refusal = intake.offer(event) {
                _ = reply.post(.refused(refusal.reason))
            } else {
                waitingMarks.append(reply)
            }
        case .status(let reply):
            _ = reply.post(.status(status()))
        case .credentials: lookAtCredentials(insisting: true)
        case .figures(let reply):
            _ = reply.post(figures())
        case .drain(let deadline):
            guard drainDeadline == nil else { return }
            intake.endShaping()
            recordRedaction()
            recordSuppressed()
            intake.accept(Event("agent.stop", at: clock.now))
            nextTick = clock.monotonic
            drainDeadline = deadline
        }
    }

    private mutating func handle(_ event: MQTTEvent) {
        switch event {
        case .connected(let terms):
            link.connected(at: clock.now)
            attendance.connections.note(nil, at: clock.now)
            attendance.pulse.restart()
            logger.notice(
                "connected to the broker",
                metadata: ["broker": "\(settings.broker.address)", "window": "\(terms.window)"])
            uplink.connected(spool)
            publish(Array("online".utf8), to: topics.status, retain: true)
            isMetaStale = true
        case .disconnected(let disconnection):
            attendance.connections.note(disconnection.error?.message ?? "closed", at: clock.now)
            if link.disconnected(disconnection), disconnection.error?.code != .renewed {
                logger.warning(
                    "not connected to the broker; samples are kept on disk",
                    metadata: ["reason": "\(disconnection.error?.message ?? "closed")"])
            }
            uplink.disconnected()
        case .acknowledged(let token, let reason):
            uplink.answered(token, reason: reason.rawValue, at: clock.monotonic, in: &spool)
        case .subscribed(let filter, let reason):
            if reason.isFailure {
                logger.error(
                    "the broker refuses a subscription; without it nothing is ever released. Check the broker's ACL",
                    metadata: ["topic": "\(filter)", "reason": "\(reason)"])
            }
        case .message(let message): handle(message)
        }
    }

    private mutating func handle(_ message: Message) {
        do throws(DeliveryError) {
            switch message.topic {
            case topics.acknowledgement:
                uplink.acknowledged(try Acknowledgement(json: message.payload), in: &spool)
            // One that is retained was meant for another time.
            case topics.command where !message.isRetained:
                switch try Command(json: message.payload) {
                case .request(let request): take(request)
                case let command: requests.append(command)
                }
            case topics.run where !message.isRetained && !hasEnded:
                intake.accept(try RunEvent(json: message.payload).event)
            default: break
            }
        } catch {
            complain(of: message.topic, error)
        }
    }

    /// Has an event stored as a mark is; tells why not where it cannot be.
    mutating func record(_ event: Event, _ reply: Mailbox<ControlAnswer>) -> String? {
        if blocked == .event { return "the spool is full of events, so it cannot be put on record" }
        if let refusal = intake.offer(event) { return refusal.reason }
        waitingMarks.append(reply)
        return nil
    }

    /// Stores what is open in the next turn instead of at the next tick: a tick is due that no turn has made yet.
    mutating func closeAtOnce() { nextTick = 0 }

    /// Whether everything that came before `closeAtOnce` is stored.
    func isClosed(_ now: Int64) -> Bool { nextTick > now && harvest.isEmpty && !intake.hasFullBatch }

    /// Whether it is about to end, and takes up nothing new.
    var isEnding: Bool { drainDeadline != nil }
}

// MARK: - What goes on

extension AgentCourse {
    /// Stores what has come, syncs it, and sends what is due. True when the engine should end.
    mutating func advance() throws(AgentError) -> Bool {
        let now = clock.monotonic
        let isDue = now >= nextTick
        let isTick = intake.takeAwaited() || isDue
        if isDue {
            nextTick = max(nextTick + settings.spool.sync, now)
            reportComplaints()
            if now >= nextCredentialLook {
                nextCredentialLook = now + CredentialWatch.interval
                lookAtCredentials()
            }
            if now >= nextMemoryLook {
                nextMemoryLook = now + Self.memoryInterval
                ProcessMemory.releaseFreed(beyond: Self.mostFreed)
            }
        }
        if now >= nextRedactionRecord {
            nextRedactionRecord = now + Self.redactionRecordInterval
            recordRedaction()
            recordSuppressed()
        }
        try settleConsent()
        let isUrgent = intake.hasFullBatch || (intake.hasEvents && now >= nextEventCommit)
        if blocked != .event, isTick || isUrgent { takeHarvest(closing: isTick) }
        if !harvest.events.isEmpty { nextEventCommit = now + Self.eventCommitInterval }
        if !harvest.isEmpty { try store(retrying: isTick) }
        if harvest.isEmpty { intake.noteStored(harvest.number) }
        try answer()
        if drainDeadline != nil, !hasEnded, harvest.isEmpty, !intake.isUrgent {
            hasEnded = true
            try end()
        }
        attend(now)
        if link.isUp {
            try uplink.pump(&spool, PublishingWire(client: client, topics: topics), at: now)
            if isMetaStale { publishMeta() }
            if isTick || attendance.pulse.isNew { publishPulse(now) }
        }
        if now >= nextState, let every = settings.publishing.state {
            nextState = max(nextState + every, now)
            if link.isUp { publishStates() }
        }
        report(uplink.takeNotices())
        guard let drainDeadline else { return false }
        return hasEnded && spool.statistics.pendingRecords == 0 || now >= drainDeadline
    }

    /// Inputs have stopped and all that they gave is stored. A spool that has no room for the ends leaves them open.
    private mutating func end() throws(AgentError) {
        do throws(AgentError) {
            try spool.storeEnds(at: clock.now)
            try spool.synchronize()
        } catch {
            guard error.code == .full else { throw error }
        }
        reportEvictions()
    }

    private mutating func answer() throws(AgentError) {
        for request in requests {
            switch request {
            case .hello(let generation): uplink.greeted(by: generation)
            case .resend(let stream, let ranges): try uplink.asked(for: ranges, of: stream, in: &spool)
            case .request: break
            }
        }
        requests.removeAll()
    }

    private mutating func takeHarvest(closing: Bool) {
        var fetched = intake.harvest(closing: closing, blocked: blocked)
        let reading = spool.clock
        if let lastReading, lastReading.offset != reading.offset {
            fetched.split(from: lastReading, to: reading)
            intake.clockStepped(to: reading.wall)
        }
        lastReading = reading
        view.define(fetched.definitions)
        if !fetched.definitions.isEmpty { isMetaStale = true }
        harvest.definitions += fetched.definitions
        harvest.events += fetched.events
        harvest.earlierEvents += fetched.earlierEvents
        harvest.batches += fetched.batches
        harvest.number = max(harvest.number, fetched.number)
        harvestedMarks += waitingMarks
        waitingMarks.removeAll()
    }

    /// Writes what was harvested to the spool and makes it durable; views of it go out after that.
    ///
    /// What the spool has no room for waits in memory, and the intake sheds what comes on top. `retrying`: try that again too.
    private mutating func store(retrying: Bool) throws(AgentError) {
        var stored: [(priority: PriorityClass, batch: SampleBatch, clock: ClockReading?)] = []
        if intake.withdrawals != reviewedWithdrawals {
            reviewedWithdrawals = intake.withdrawals
            intake.review(&harvest)
        }
        do throws(AgentError) {
            let isFull = try storeHarvest(retrying: retrying, &stored)
            let begin = clock.monotonic
            try spool.synchronize()
            syncs.note(from: begin, to: clock.monotonic)
            if let isFull, isFull != blocked {
                logger.error(
                    "the spool has no room; what it cannot take is refused and counted",
                    metadata: ["class": "\(isFull.name) and below"])
            }
            if retrying || isFull != nil { blocked = isFull }
        } catch {
            // Nobody may believe that these are on disk.
            answerMarks(.refused(error.description))
            throw error
        }
        reportEvictions()
        answerMarks(
            blocked == .event
                ? .refused("the spool is full of events; this one is kept in memory and stored when there is room")
                : .stored)
        // Taken out one by one: a batch whose memory is used again must be nobody else's, or it would be copied.
        stored.reverse()
        while let (priority, batch, _) = stored.popLast() {
            publishViews(of: batch, priority)
            intake.recycle(batch)
        }
    }

    /// Tells everybody who waits for an event to be on disk that it will not be.
    mutating func refuseMarks(_ reason: String) {
        harvestedMarks += waitingMarks
        waitingMarks.removeAll()
        answerMarks(.refused(reason))
    }

    private mutating func answerMarks(_ answer: ControlAnswer) {
        for mark in harvestedMarks { _ = mark.post(answer) }
        harvestedMarks.removeAll(keepingCapacity: true)
    }

    /// Closes the books: syncs and gives the spool free.
    consuming func finish() throws(AgentError) {
        let late = intake.harvest(closing: true)
        let unstored =
            (harvest.batches + late.batches).reduce(harvest.events.count + late.events.count) {
                $0 + $1.batch.count
            } + harvest.earlierEvents.count
        if unstored > 0 {
            logger.error(
                "stopping with samples and events for which the spool had no room; they are lost",
                metadata: ["count": "\(unstored)"])
        }
        let pending = spool.statistics.pendingRecords
        if pending > 0 {
            logger.notice(
                "stopping with undelivered frames on disk; they go out at the next start",
                metadata: ["frames": "\(pending)"])
        }
        try spool.close()
    }
}
