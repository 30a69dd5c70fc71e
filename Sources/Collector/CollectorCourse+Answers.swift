import Connection
import Delivery
import Frames
import Logging
import Mosquitto
import Platform
import Telemetry

// MARK: - What agents are told

extension CollectorCourse {
    /// False when the connection does not take it: an acknowledgement is owed again at the agent's next resend.
    @discardableResult
    mutating func publish(_ payload: [UInt8], to topic: String, retain: Bool = false) -> Bool {
        token += 1
        do throws(MosquittoError) {
            return try client.publish(payload, to: topic, .atLeastOnce(token), retain: retain)
        } catch {
            counters.unpublished += 1
            return false
        }
    }

    mutating func greet(site: Identifier, agent: Identifier) {
        intake.heard(of: agent, at: site, at: clock.monotonic)
        publish(.hello(generation: intake.archive.generation), to: agent, at: site)
    }

    mutating func acknowledge() throws(CollectorError) {
        let begin = clock.monotonic
        let answers = try intake.synchronize(at: begin)
        counters.syncs.note(from: begin, to: clock.monotonic)
        for (stream, acknowledgement) in answers where stream.agent != .collector {
            let topic = settings.broker.topics.topic(site: stream.site, agent: stream.agent, .acknowledgement)
            publish(acknowledgement.json, to: topic)
        }
    }

    mutating func requestMissing() {
        for (stream, request) in intake.requests(at: clock.monotonic) where stream.agent != .collector {
            logger.notice(
                "frames are missing; asking for them",
                metadata: [
                    "site": "\(stream.site)", "agent": "\(stream.agent)", "epoch": "\(stream.epoch)",
                    "class": "\(stream.priority.name)",
                ])
            publish(request, to: stream.agent, at: stream.site)
        }
    }

    private mutating func publish(_ command: Command, to agent: Identifier, at site: Identifier) {
        publish(command.json, to: settings.broker.topics.topic(site: site, agent: agent, .command))
    }
}
