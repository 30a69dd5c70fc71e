import Connection
import Inputs
package import Logging
import Mosquitto
import Platform
import SegmentLog
import ServiceLifecycle
import Telemetry
import UnixSignals

/// The daemon: inputs, control socket, engine and connection, started in order and stopped in reverse.
package struct AgentDaemon: Sendable {
    private let settings: AgentSettings
    private let logger: Logger

    package init(_ settings: AgentSettings, logger: Logger) {
        self.settings = settings
        self.logger = logger
    }

    /// Runs until SIGTERM or SIGINT; then lets inputs end, delivers what it can, and returns.
    ///
    /// - Throws: `AgentError` or `ConnectionError` when it cannot start, or when the disk fails.
    package func run() async throws {
        let engine = AgentEngine()
        let client = try makeClient(for: engine)
        let environment = { (name: String) in
            let clock = SystemClock()
            var logger = logger
            logger[metadataKey: "input"] = "\(name)"
            return InputEnvironment(
                name: name, device: settings.identity.agent.text, now: { clock.now }, logger: logger)
        }
        var services: [any Service] = [
            EngineService(settings: settings, engine: engine, client: client, logger: logger),
            ControlService(path: settings.controlSocket, engine: engine),
        ]
        for definition in settings.inputs {
            let input: any RunnableInput
            do throws(InputError) {
                input = try definition.make(environment(definition.name))
            } catch {
                throw AgentError(.input, error.description)
            }
            services.append(InputService(name: definition.name, input: input, sink: engine.intake, logger: logger))
        }
        // One that fails takes the others down in good order: what was accepted is stored, and the process ends.
        let group = ServiceGroup(
            configuration: .init(
                services: services.map { .init(service: $0, failureTerminationBehavior: .gracefullyShutdownGroup) },
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
    }

    private func makeClient(for engine: AgentEngine) throws -> MQTTClient {
        let topics = AgentTopics(settings)
        let will = Publication(topic: topics.status, payload: Array("offline".utf8), qos: .atLeastOnce, retain: true)
        let options = try settings.broker.options(clientID: settings.identity.agent.text, will: will)
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

/// The engine's thread and the connection, as a service.
struct EngineService: Service {
    let settings: AgentSettings
    let engine: AgentEngine
    let client: MQTTClient
    let logger: Logger

    /// How long a stop may go on delivering, nanoseconds: well below systemd's 90 s.
    private static let drainTime: Int64 = 10_000_000_000

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                do throws(ThreadError) {
                    _ = try OwnThread("engine") { continuation.resume(with: Result { try work() }) }
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        } onGracefulShutdown: {
            engine.drain(within: Self.drainTime)
        }
    }

    /// Everything below happens on the engine's thread, which may block.
    private func work() throws {
        defer { engine.close() }
        let clock = SystemClock()
        let spool = try Spool(
            settings.spool, site: settings.identity.site, agent: settings.identity.agent, files: POSIXFileSystem(),
            readClock: { clock.reading }, install: .random())
        try client.start()
        defer {
            let farewell = Publication(
                topic: AgentTopics(settings).status, payload: Array("offline".utf8), qos: .atLeastOnce, retain: true)
            client.disconnect(farewell: farewell, timeout: .seconds(5))
        }
        try engine.run(settings, spool: spool, client: client, logger: logger)
    }
}

/// The control socket, as a service.
struct ControlService: Service {
    let path: String
    let engine: AgentEngine

    func run() async throws {
        let mailbox = engine.mailbox
        let socket = try ControlSocket(path: path) { line in ControlAnswer.answer(line, through: mailbox) }
        try? await gracefulShutdown()
        socket.stop()
    }
}

/// One input, as a service: restarted with growing pauses when it fails, without touching the others.
struct InputService: Service {
    let name: String
    let input: any RunnableInput
    let sink: SampleIntake
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var pause = Duration.seconds(1)
            while !Task.isCancelled {
                do throws(InputError) {
                    try await input.run(into: sink)
                    return
                } catch {
                    logger.error(
                        "an input has stopped; trying again",
                        metadata: ["input": "\(name)", "reason": "\(error)", "retry": "\(pause)"])
                }
                // Cancellation ends the pause early, and then the loop.
                try? await Task.sleep(for: pause)
                pause = min(pause * 2, .seconds(60))
            }
        }
    }
}
