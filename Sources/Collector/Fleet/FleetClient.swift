import Connection
package import Delivery
import Mosquitto
import Platform
import Telemetry

/// Asks agents, by way of the broker that the collector uses.
package struct FleetClient: Sendable {
    private let settings: CollectorSettings

    package init(_ settings: CollectorSettings) { self.settings = settings }

    /// Asks one agent, and waits for its last answer. `show`: gets what it says meanwhile.
    ///
    /// - Throws: `CollectorError` when the agent is not there, does not know the request or refuses it, or the broker does;
    ///   `MosquittoError`, `ConnectionError`.
    package func ask(
        _ task: OperatorRequest.Task, of agent: AgentWatch.Agent, by name: String, show: (Answer) -> Void
    ) throws -> Answer {
        let events = Mailbox<MQTTEvent>(capacity: 1024)
        let topics = settings.broker.topics
        let id = UUIDBytes.random()
        var options = try settings.broker.options(clientID: "fieldproof-fleet-\(id.description.prefix(12))")
        // A meta of thousands of series is large, and nothing else is.
        options.maximumIncomingPacket = 4 << 20
        let client = try MQTTClient(options) { _ = events.post($0) }
        func topic(_ channel: Topics.Channel) -> String {
            topics.topic(site: agent.site, agent: agent.agent, channel)
        }
        let channels: [Topics.Channel] = [.answer, .status, .meta]
        for channel in channels { try client.subscribe(topic(channel), qos: .atLeastOnce) }
        let request = OperatorRequest(task, id: id, by: name)
        let clock = SystemClock()
        var course = RequestCourse(
            request, place: "agent '\(agent.agent)' at site '\(agent.site)'", at: clock.monotonic)
        try client.start()
        defer { client.disconnect(timeout: .seconds(2)) }
        var batch: [MQTTEvent] = []
        while true {
            events.take(into: &batch, until: course.deadline)
            let steps = batch.compactMap { step($0, topics) } + [.time]
            batch.removeAll()
            for step in steps {
                switch course.handle(step, at: clock.monotonic) {
                case nil: break
                case .publish?:
                    do throws(MosquittoError) {
                        try client.publish(Command.request(request).json, to: topic(.command), .atLeastOnce(1))
                    } catch {
                        // A connection that went this moment comes back, and the request goes then.
                        guard error.code == .notConnected || error.code == .windowFull else { throw error }
                    }
                case .show(let answer)?: show(answer)
                case .succeed(let answer)?: return answer
                case .fail(let error)?: throw error
                }
            }
        }
    }

    private func step(_ event: MQTTEvent, _ topics: Topics) -> RequestCourse.Event? {
        switch event {
        case .connected: return .connected
        case .disconnected(let disconnection): return .disconnected(disconnection.error)
        case .subscribed(_, let reason): return .subscribed(reason)
        case .acknowledged(_, let reason): return .taken(reason)
        case .message(let message):
            guard case .agent(_, _, let channel) = topics.address(of: message.topic) else { return nil }
            switch channel {
            case .status: return .status(isOnline: message.payload.elementsEqual("online".utf8))
            case .meta:
                var known = AgentKnowledge()
                guard (try? known.note(meta: message.payload)) != nil else { return nil }
                return .meta(commands: known.commands, version: known.version)
            case .answer where !message.isRetained: return (try? Answer(json: message.payload)).map { .answered($0) }
            default: return nil
            }
        }
    }
}
