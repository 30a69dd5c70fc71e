import Connection
import Delivery
import Frames
import Logging
import Platform
import Telemetry

// MARK: - What agents are told

extension CollectorCourse {
    mutating func greet(site: Identifier, agent: Identifier) {
        intake.heard(of: agent, at: site, at: clock.monotonic)
        publish(.hello(generation: intake.archive.generation), to: agent, at: site)
    }

    mutating func acknowledge() throws(CollectorError) {
        let answers = try intake.synchronize(at: clock.monotonic)
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
