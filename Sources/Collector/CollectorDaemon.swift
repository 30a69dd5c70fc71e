import Connection
import Delivery
import Health
import Installation
package import Logging
import Mosquitto
import Platform
import Scenarios
import SegmentLog
import Storage
import Telemetry

/// The daemon: connection, archive and fold, on one thread of its own.
package struct CollectorDaemon: Sendable {
    private let settings: CollectorSettings
    private let logger: Logger

    package init(_ settings: CollectorSettings, logger: Logger) {
        self.settings = settings
        self.logger = logger
    }

    /// Runs until SIGTERM or SIGINT; then syncs what it has and returns. SIGHUP takes up certificates and passwords that were renewed.
    ///
    /// - Throws: what is wrong with the definitions, the archive, the store or the credentials.
    package func run() throws {
        let library = try ScenarioLibrary.load(settings.scenarios)
        let mailbox = Mailbox<Message>(capacity: 2048)
        // The collector runs when its archive is open, and not before.
        let watch = ServiceWatch(awaiting: ["collector"], logger: logger)
        let progress = CollectorProgress(watch.pulse)
        // Folding goes deep. What it has under way at a stop takes its time, but ends before systemd's 90 s.
        let collector = Daemon.Part("collector", stackSize: 4 << 20, patience: 80) {
            try work(library, mailbox, watch, progress)
        } stop: {
            mailbox.insist(.stop)
        }
        let health = CollectorHealth(watch, progress) { mailbox.post(.figures($0), leavingFree: 1024) }
        let watched = try Daemon.Part.health(
            settings.health, report: health.report, metrics: health.metrics, logger: logger)
        try Daemon([watched, [collector]], watch: watch) { mailbox.insist(.credentials) }.run()
    }

    private enum Message: Sendable {
        case mqtt(MQTTEvent)
        /// SIGHUP: certificates and passwords may have been renewed.
        case credentials
        /// Whoever watches wants to know how things are.
        case figures(Mailbox<CollectorFigures>)
        case stop
    }

    /// The engine: everything below happens on its thread.
    private func work(
        _ library: ScenarioLibrary, _ mailbox: Mailbox<Message>, _ watch: ServiceWatch, _ progress: CollectorProgress
    ) throws {
        watch.getsOn(with: "opening the archive")
        try Archive.requireKnownFormat(in: settings.archive, files: POSIXFileSystem())
        let store = try SQLiteStore(path: settings.store)
        let archive = try Archive.open(settings.archive, files: POSIXFileSystem(), store: store) { reading in
            progress.openingShare = reading.share
            watch.getsOn(with: "reading the archive, \(Int(reading.share * 100)) %")
            guard reading.frames > 0 else { return }
            logger.notice("reading the archive", metadata: ["frames": "\(reading.frames)"])
        }
        for positions in archive.damaged {
            logger.error(
                "frames in the archive are damaged; they are missing from every summary",
                metadata: ["positions": "\(positions.lowerBound)-\(positions.upperBound)"])
        }
        logger.notice(
            "collector started",
            metadata: [
                "archive": "\(settings.archive)", "streams": "\(archive.allStreams.count)",
                "scenarios": "\(library.entries.map(\.definition.id.text).joined(separator: ","))",
            ])
        let renewal = try CredentialWatch(settings.broker.access)
        if let unfinished = renewal.unfinished { logger.warning("\(unfinished)") }
        let client = try makeClient(named: archive.identity.install.description, renewal.credentials, mailbox)
        var course = try CollectorCourse(
            settings, archive: archive, store: store, library: library, client: client, progress: progress,
            logger: logger)
        var credentials = CollectorCredentials(renewal, client: client, logger: logger)
        try client.start()
        watch.arrived("collector")
        var messages: [Message] = []
        running: while true {
            let deadline = min(course.wakeAt ?? .max, credentials.dueAt)
            // A time that has passed means now.
            watch.pulse.waits(until: max(deadline, SystemClock().monotonic))
            mailbox.take(into: &messages, until: deadline)
            watch.pulse.works()
            credentials.lookIfDue()
            for message in messages {
                switch message {
                case .mqtt(let event): try course.handle(event)
                case .credentials: credentials.look(insisting: true)
                case .figures(let reply): _ = reply.post(course.figures())
                case .stop: break running
                }
            }
            messages.removeAll(keepingCapacity: true)
            try course.advance()
        }
        try course.finish()
        client.disconnect(timeout: .seconds(5))
    }

    private func makeClient(
        named install: String, _ credentials: MQTTCredentials, _ mailbox: Mailbox<Message>
    ) throws -> MQTTClient {
        var options = try settings.broker.options(
            clientID: "fieldproof-collector-\(install.prefix(12))", credentials: credentials)
        options.receiveMaximum = 200
        options.maximumOutstanding = 200
        let client = try MQTTClient(options) { event in
            if case .message = event {
                // A frame that finds no room is not acknowledged, so its agent sends it again.
                _ = mailbox.post(.mqtt(event), leavingFree: 1024)
            } else {
                _ = mailbox.post(.mqtt(event))
            }
        }
        for filter in settings.broker.topics.collectorFilters { try client.subscribe(filter, qos: .atLeastOnce) }
        return client
    }
}
