import Connection
import Delivery
import Mosquitto
import Telemetry

/// The topics of this agent, made once.
struct AgentTopics: Sendable {
    let status: String
    let meta: String
    let senml: String
    let statePrefix: String
    let acknowledgement: String
    let command: String
    let pulse: String
    let answer: String
    let run: String
    private let up: [String]

    init(_ settings: AgentSettings) {
        let topics = settings.broker.topics
        let (site, agent) = (settings.identity.site, settings.identity.agent)
        func topic(_ channel: Topics.Channel) -> String { topics.topic(site: site, agent: agent, channel) }
        status = topic(.status)
        meta = topic(.meta)
        senml = topic(.senml)
        statePrefix = topic(.state(device: ""))
        acknowledgement = topic(.acknowledgement)
        command = topic(.command)
        pulse = topic(.pulse)
        answer = topic(.answer)
        run = topics.run(site: site)
        up = PriorityClass.allCases.map { topic(.up($0)) }
    }

    func up(_ priority: PriorityClass) -> String { up[Int(priority.rawValue)] }

    /// What an agent listens to.
    var subscriptions: [String] { [acknowledgement, command, run] }
}

/// The MQTT client as the uplink's wire.
struct PublishingWire: FrameWire {
    let client: MQTTClient
    let topics: AgentTopics

    func send(_ frame: [UInt8], of priority: PriorityClass, token: Token) throws(MosquittoError) {
        try client.publish(frame, to: topics.up(priority), .atLeastOnce(token))
    }
}
