import Connection
import Health
import Inputs
package import Logging
import Mosquitto
import Pipeline
import Platform
import SegmentLog
import Telemetry

/// The daemon: engine and connection, control socket, inputs; started in this order and stopped in reverse.
package struct AgentDaemon: Sendable {
    private let settings: AgentSettings
    private let reread: @Sendable () throws -> AgentSettings
    private let recent: RecentLog
    private let logger: Logger

    /// How long a stop may go on delivering, nanoseconds: well below systemd's 90 s.
    private static let drainTime: Int64 = 10_000_000_000

    /// `recent`: what `logger` has said of late. `reread`: the settings as they are now, for SIGHUP.
    package init(
        _ settings: AgentSettings, recent: RecentLog = RecentLog(), logger: Logger,
        reread: @escaping @Sendable () throws -> AgentSettings
    ) {
        self.settings = settings
        self.recent = recent
        self.reread = reread
        self.logger = logger
    }

    /// Runs until SIGTERM or SIGINT; then lets inputs end, delivers what it can, and returns. SIGHUP has the inputs and the pipeline as the
    /// file says by then, and takes up certificates and passwords that were renewed; an input that is written as it was goes on untouched.
    ///
    /// - Throws: `AgentError` or `ConnectionError` when it cannot start, or when the disk fails.
    package func run() throws {
        ProcessMemory.shareHeap()
        let redaction = try Redaction(settings.pipeline)
        let consent = Consent(settings.pipeline, redaction: redaction)
        // The agent runs when its spool is open and its inputs are started, and not before.
        let watch = ServiceWatch(awaiting: ["engine", "inputs"], logger: logger)
        let engine = AgentEngine(
            shaping: Shaping(settings.shaping), redaction: redaction, consent: consent, pulse: watch.pulse)
        try adoptConsent(engine.intake)
        let credentials = try CredentialWatch(settings.broker.access)
        if let unfinished = credentials.unfinished { logger.warning("\(unfinished)") }
        let client = try makeClient(for: engine, credentials)
        guard let controlEnd = Waker() else {
            throw AgentError(.control, "no file descriptor is left; raise LimitNOFILE", path: settings.controlSocket)
        }
        let group = InputGroup(try makeInputs(settings), sink: engine.intake, logger: logger)
        let inputs = Daemon.Part("inputs", patience: 10) {
            try group.run { watch.arrived("inputs") }
        } stop: {
            group.stop()
        }
        let control = Daemon.Part("control", patience: 20) {
            let socket = try ControlSocket(path: settings.controlSocket)
            socket.serve(until: controlEnd) { ControlAnswer.answer($0, through: engine.mailbox) }
        } stop: {
            controlEnd.wake()
        }
        let delivery = Daemon.Part("engine", patience: 60) {
            try work(engine, client, credentials, watch)
        } stop: {
            engine.drain(within: Self.drainTime)
        }
        // One that fails takes the others down in good order: what was accepted is stored, and the process ends.
        let access = settings.broker.access
        let health = AgentHealth(settings, engine, group, watch) { CertificateDates.ends(access) }
        let watched = try Daemon.Part.health(
            settings.health, report: health.report, metrics: health.metrics, logger: logger)
        try Daemon([watched, [delivery], [control], [inputs]], watch: watch) {
            engine.lookAtCredentials()
            reload(engine.intake, group)
        }.run()
    }

    /// What cannot be read is no consent. What a later version wrote is left for that one: this agent would write over it.
    private func adoptConsent(_ intake: SampleIntake) throws(AgentError) {
        do throws(AgentError) {
            intake.adopt(try ConsentFile(settings).read())
        } catch {
            guard error.code != .newerFormat else { throw error }
            logger.error("nobody's consent is known; what needs it is held back", metadata: ["reason": "\(error)"])
        }
    }

    private func makeInputs(_ settings: AgentSettings) throws(AgentError) -> [InputGroup.Item] {
        try settings.inputs.map { definition throws(AgentError) in
            let watch = InputWatch()
            return InputGroup.Item(definition: definition, input: try makeInput(definition, watch), watch: watch)
        }
    }

    private func makeInput(
        _ definition: InputDefinition, _ watch: InputWatch
    ) throws(AgentError) -> any RunnableInput {
        let clock = SystemClock()
        var logger = logger
        logger[metadataKey: "input"] = "\(definition.name)"
        do throws(InputError) {
            return try definition.make(
                InputEnvironment(
                    name: definition.name, device: settings.identity.agent.text, state: settings.spool.path,
                    now: { clock.now }, logger: logger, watch: watch))
        } catch {
            throw AgentError(.input, error.description)
        }
    }

    /// Reads the file again, and takes up what can change while the agent runs. A file with an error changes nothing.
    private func reload(_ intake: SampleIntake, _ inputs: InputGroup) {
        do {
            let new = try reread()
            for key in settings.fixedKeys(changedIn: new) {
                logger.warning(
                    "this part of the configuration has changed and takes effect at the next start only",
                    metadata: ["key": "\(key)"])
            }
            guard new.pipeline == settings.pipeline else {
                logger.error(
                    """
                    what the pipeline hides changes at the next start only, since it goes on record once a start; nothing was \
                    reloaded
                    """)
                return
            }
            let items = try makeInputs(new)
            intake.reshape(Shaping(new.shaping))
            inputs.replace(by: items)
        } catch {
            logger.error("the configuration was not reloaded", metadata: ["reason": "\(error)"])
        }
    }

    private func makeClient(for engine: AgentEngine, _ credentials: CredentialWatch) throws -> MQTTClient {
        let topics = AgentTopics(settings)
        let will = Publication(topic: topics.status, payload: Array("offline".utf8), qos: .atLeastOnce, retain: true)
        let options = try settings.broker.options(
            clientID: settings.identity.agent.text, will: will, credentials: credentials.credentials)
        let mailbox = engine.mailbox
        let client = try MQTTClient(options) { event in
            if case .message = event {
                // What a flood pushes out comes again: acknowledgements repeat, commands are repeated by the collector.
                _ = mailbox.post(.mqtt(event), leavingFree: 2048)
            } else {
                _ = mailbox.post(.mqtt(event))
            }
        }
        for topic in topics.subscriptions { try client.subscribe(topic, qos: .atLeastOnce) }
        return client
    }
}

extension AgentDaemon {
    /// What the engine's thread does, from recovery to the farewell.
    private func work(
        _ engine: AgentEngine, _ client: MQTTClient, _ credentials: CredentialWatch, _ watch: ServiceWatch
    ) throws {
        defer { engine.close() }
        let clock = SystemClock()
        let spool = try Spool(
            settings.spool, site: settings.identity.site, agent: settings.identity.agent, files: POSIXFileSystem(),
            readClock: { clock.reading }, install: .random()
        ) { watch.getsOn(with: "opening the spool") }
        watch.arrived("engine")
        try client.start()
        defer {
            let farewell = Publication(
                topic: AgentTopics(settings).status, payload: Array("offline".utf8), qos: .atLeastOnce, retain: true)
            client.disconnect(farewell: farewell, timeout: .seconds(5))
        }
        try engine.run(
            settings, spool: spool, consent: ConsentFile(settings), client: client, credentials: credentials,
            recent: recent, logger: logger)
    }
}
