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
    var uplink: Uplink
    private(set) var view: SeriesView
    private(set) var link: BrokerLink
    /// What was fetched from the intake and is not stored yet; more is fetched only when it is empty.
    private var harvest = SampleIntake.Harvest()
    private var isFull = false
    private var waitingMarks: [(event: Event, reply: Mailbox<ControlAnswer>)] = []
    private var nextTick: Int64
    private var nextState: Int64
    private var isMetaStale = true
    private var drainDeadline: Int64?

    init(
        _ settings: AgentSettings, spool: consuming Spool<Files>, client: MQTTClient, clock: SystemClock,
        intake: SampleIntake, logger: Logger
    ) {
        self.settings = settings
        self.client = client
        self.clock = clock
        self.intake = intake
        self.logger = logger
        topics = AgentTopics(settings)
        uplink = Uplink(spool, authority: settings.authority)
        view = SeriesView(site: settings.identity.site, agent: settings.identity.agent)
        link = BrokerLink()
        let now = clock.monotonic
        nextTick = now + settings.spool.sync
        nextState = now + (settings.publishing.state ?? .max / 2)
        let identity = spool.identity
        let recovery = spool.recovery
        self.spool = spool
        announceStart(identity, recovery)
    }

    /// The next time (`CLOCK_MONOTONIC`, ns) at which there is something to do without being told.
    var wakeAt: Int64 {
        var time = min(nextTick, nextState)
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
        case .mark(let event, let reply):
            if let complaint = ControlRequest.complaint(event) {
                _ = reply.post(.refused(complaint))
            } else {
                intake.accept(event)
                waitingMarks.append((event, reply))
            }
        case .status(let reply):
            _ = reply.post(.status(status))
        case .drain(let deadline):
            guard drainDeadline == nil else { return }
            intake.accept(Event("agent.stop", at: clock.now))
            nextTick = clock.monotonic
            drainDeadline = deadline
        }
    }

    private mutating func handle(_ event: MQTTEvent) {
        switch event {
        case .connected(let terms):
            link.connected(at: clock.now)
            logger.notice(
                "connected to the broker",
                metadata: ["broker": "\(settings.broker.address)", "window": "\(terms.window)"])
            uplink.connected()
            publish(Array("online".utf8), to: topics.status, retain: true)
            isMetaStale = true
        case .disconnected(let disconnection):
            if link.disconnected(disconnection) {
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
            case topics.command:
                switch try Command(json: message.payload) {
                case .hello, .resend: uplink.greeted()
                }
            case topics.run where !message.isRetained:
                intake.accept(try RunEvent(json: message.payload).event)
            default: break
            }
        } catch {
            logger.warning("a message was refused", metadata: ["topic": "\(message.topic)", "reason": "\(error)"])
        }
    }
}

// MARK: - What goes on

extension AgentCourse {
    /// Stores what has come, syncs it, and sends what is due. True when the engine should end.
    mutating func advance() throws(AgentError) -> Bool {
        let now = clock.monotonic
        let isTick = now >= nextTick
        if isTick { nextTick = max(nextTick + settings.spool.sync, now) }
        if harvest.isEmpty, isTick || intake.isUrgent { takeHarvest(closing: isTick) }
        if !harvest.isEmpty, isTick || !isFull { try store() }
        if link.isUp {
            try uplink.pump(&spool, PublishingWire(client: client, topics: topics), at: now)
            if isMetaStale { publishMeta() }
        }
        if now >= nextState, let every = settings.publishing.state {
            nextState = max(nextState + every, now)
            if link.isUp { publishStates() }
        }
        report(uplink.takeNotices())
        guard let drainDeadline else { return false }
        let isEmpty = spool.statistics.pendingRecords == 0 && harvest.isEmpty && !intake.isUrgent
        return isEmpty || now >= drainDeadline
    }

    private mutating func takeHarvest(closing: Bool) {
        harvest = intake.harvest(closing: closing)
        view.define(harvest.definitions)
        if !harvest.definitions.isEmpty { isMetaStale = true }
    }

    /// Writes what was harvested to the spool and makes it durable; views of it go out after that.
    ///
    /// When the spool is full of what may not be let go, the rest waits in memory and the intake sheds what comes on top.
    private mutating func store() throws(AgentError) {
        var stored: [(priority: PriorityClass, batch: SampleBatch)] = []
        do throws(AgentError) {
            try storeEvents()
            while let (priority, batch) = harvest.batches.first {
                try spool.store(batch, as: priority)
                stored.append((priority, batch))
                harvest.batches.removeFirst()
            }
            isFull = false
        } catch {
            guard error.code == .full else {
                refuseMarks(error)
                throw error
            }
            if !isFull {
                logger.error(
                    "nothing more can be stored; what comes is refused and counted", metadata: ["reason": "\(error)"])
            }
            isFull = true
            refuseMarks(error)
        }
        do throws(AgentError) {
            try spool.synchronize()
        } catch {
            // Nobody may believe that these are on disk.
            refuseMarks(error)
            throw error
        }
        reportEvictions()
        for mark in waitingMarks { _ = mark.reply.post(.stored) }
        waitingMarks.removeAll(keepingCapacity: true)
        for (priority, batch) in stored {
            publishViews(of: batch, priority)
            intake.recycle(batch)
        }
    }

    private mutating func refuseMarks(_ error: AgentError) {
        for mark in waitingMarks { _ = mark.reply.post(.refused(error.description)) }
        waitingMarks.removeAll()
    }

    /// Definitions and events go first and together: a metric frame may be read only after what it refers to.
    private mutating func storeEvents() throws(AgentError) {
        while !harvest.definitions.isEmpty || !harvest.events.isEmpty {
            let definitions = harvest.definitions.prefix(Self.extrasPerFrame)
            let events = harvest.events.prefix(Self.extrasPerFrame)
            let extras = FrameExtras(definitions: Array(definitions), events: Array(events))
            try spool.store(SampleBatch(), extras, as: .event)
            harvest.definitions.removeFirst(definitions.count)
            harvest.events.removeFirst(events.count)
        }
    }

    /// Keeps a frame of nothing but definitions or events far below the limit on frames.
    private static var extrasPerFrame: Int { 500 }

    private mutating func publishViews(of batch: SampleBatch, _ priority: PriorityClass) {
        view.note(batch)
        guard link.isUp, priority != .bulk else {
            view.forgetFreshness()
            return
        }
        let client = self.client
        let topic = topics.senml
        func send(_ pack: [UInt8]) {
            _ = try? client.publish(pack, to: topic, .atMostOnce, contentType: "application/senml+json")
        }
        switch settings.publishing.senML {
        case .every:
            view.packs(of: batch, publish: send)
            view.forgetFreshness()
        case .latest: view.latestPacks(publish: send)
        case .off: view.forgetFreshness()
        }
    }

    private mutating func publishStates() {
        let client = self.client
        let prefix = topics.statePrefix
        view.states { device, document in
            _ = try? client.publish(
                document, to: prefix + device, .atMostOnce, retain: true, contentType: "application/json")
        }
    }

    private mutating func publishMeta() {
        isMetaStale = !publish(
            view.meta(spool.identity, labels: settings.identity.labels, clock: clock.reading), to: topics.meta,
            retain: true)
    }

    /// Views are published at most once a call; one that the connection does not take is made again later or dropped.
    @discardableResult
    private mutating func publish(_ payload: [UInt8], to topic: String, retain: Bool) -> Bool {
        do throws(MosquittoError) {
            return try client.publish(payload, to: topic, .atLeastOnce(link.nextToken()), retain: retain)
        } catch {
            return false
        }
    }

    /// Closes the books: syncs and gives the spool free.
    consuming func finish() throws(AgentError) {
        let pending = spool.statistics.pendingRecords
        if pending > 0 {
            logger.notice(
                "stopping with undelivered frames on disk; they go out at the next start",
                metadata: ["frames": "\(pending)"])
        }
        try spool.close()
    }
}
