package import Telemetry

/// The names of the MQTT topics of one installation, all below `<root>/v1/`.
package struct Topics: Hashable, Sendable {
    /// The first level or levels.
    package let root: String

    /// Everything below `fieldproof/v1/`.
    package static let standard = Topics(known: "fieldproof")

    private init(known root: String) { self.root = root }

    /// Nil unless `root` is one or more non-empty topic levels without wildcards, not starting with `$`.
    package init?(root: String) {
        let levels = root.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let forbidden = "+#\0".utf8
        guard root.utf8.count <= 200, root.utf8.first != UInt8(ascii: "$"), !levels.contains(where: { $0.isEmpty }),
            !root.utf8.contains(where: { forbidden.contains($0) })
        else { return nil }
        self.root = root
    }

    /// What a topic below an agent carries.
    package enum Channel: Hashable, Sendable {
        case status
        case meta
        case up(PriorityClass)
        case acknowledgement
        case command
        case senml
        case state(device: String)
        case pulse
        case answer

        fileprivate var levels: String {
            switch self {
            case .status: "status"
            case .meta: "meta"
            case .up(let priority): "up/\(priority.name)"
            case .acknowledgement: "down/ack"
            case .command: "down/command"
            case .senml: "senml"
            case .state(let device): "state/\(device)"
            case .pulse: "pulse"
            case .answer: "answer"
            }
        }
    }

    /// The topic of one channel of one agent.
    package func topic(site: Identifier, agent: Identifier, _ channel: Channel) -> String {
        "\(root)/v1/\(site)/\(agent)/\(channel.levels)"
    }

    /// Run markers for every agent of a site and for the collector.
    package func run(site: Identifier) -> String { "\(root)/v1/\(site)/run" }

    /// The retained summary of a scenario.
    package func summary(scenario: Identifier) -> String { "\(root)/v1/scenarios/\(scenario)/summary" }

    /// Early warnings and safety breaches of a scenario.
    package func alert(scenario: Identifier) -> String { "\(root)/v1/scenarios/\(scenario)/alert" }

    /// What a collector subscribes to: frames, status, meta and pulse of every agent, and run markers of every site.
    package var collectorFilters: [String] {
        [
            "\(root)/v1/+/+/up/+", "\(root)/v1/+/+/status", "\(root)/v1/+/+/meta", "\(root)/v1/+/+/pulse",
            "\(root)/v1/+/run",
        ]
    }

    /// What an agent subscribes to.
    package func agentFilters(site: Identifier, agent: Identifier) -> [String] {
        [topic(site: site, agent: agent, .acknowledgement), topic(site: site, agent: agent, .command), run(site: site)]
    }

    /// A topic taken apart.
    package enum Address: Hashable, Sendable {
        case agent(site: Identifier, agent: Identifier, Channel)
        case run(site: Identifier)
    }

    /// Nil for a topic that is not one of ours, or whose site or agent is not an identifier.
    package func address(of topic: String) -> Address? {
        guard topic.hasPrefix(root + "/v1/") else { return nil }
        let levels = topic.dropFirst(root.count + 4).split(separator: "/", omittingEmptySubsequences: false)
        guard let first = levels.first, let site = Identifier(first) else { return nil }
        if levels.count == 2, levels[1] == "run" { return .run(site: site) }
        guard levels.count >= 3, let agent = Identifier(levels[1]) else { return nil }
        let channel: Channel
        switch (levels[2], levels.count) {
        case ("status", 3): channel = .status
        case ("meta", 3): channel = .meta
        case ("senml", 3): channel = .senml
        case ("pulse", 3): channel = .pulse
        case ("answer", 3): channel = .answer
        case ("state", 4): channel = .state(device: String(levels[3]))
        case ("down", 4) where levels[3] == "ack": channel = .acknowledgement
        case ("down", 4) where levels[3] == "command": channel = .command
        case ("up", 4):
            guard let priority = PriorityClass(name: levels[3]) else { return nil }
            channel = .up(priority)
        default: return nil
        }
        return .agent(site: site, agent: agent, channel)
    }
}
