package import Storage
package import Telemetry

/// What agents were asked from afar, as they put it on record themselves.
package struct FleetLog {
    package struct Entry: Hashable, Sendable {
        package let time: Timestamp
        package let agent: AgentWatch.Agent
        package let command: String
        package let request: String
        /// Who asked, as they said.
        package let by: String
        /// What else is on record of it: which frames, whether to stop.
        package let details: String
        /// `done` or `refused`; nil where its end is not on record.
        package fileprivate(set) var outcome: String?
        package fileprivate(set) var text: String?
    }

    /// In the order of time.
    package let entries: [Entry]

    /// - Throws: `StoreError`.
    package init(_ store: some Store, site: Identifier? = nil, agent: Identifier? = nil) throws(StoreError) {
        var entries: [Entry] = []
        var places: [[String]: Int] = [:]
        let names = [Event.commandReceivedName, Event.commandEndedName]
        // What is received stands before its end, whatever the clocks say.
        let events = try store.events(named: names).sorted {
            ($0.event.name == names[1] ? 1 : 0, $0.event.timestamp) < (
                $1.event.name == names[1] ? 1 : 0, $1.event.timestamp
            )
        }
        for stored in events where (site == nil || stored.site == site) && (agent == nil || stored.source == agent) {
            let event = stored.event
            guard let command = event.text("command"), let request = event.text("request") else { continue }
            let key = [stored.site.text, stored.source.text, request]
            if event.name == names[1] {
                guard let place = places[key] else { continue }
                entries[place].outcome = event.text("state")
                entries[place].text = event.text("text")
            } else {
                let known: Set = ["command", "request", "by"]
                let details = event.attributes.filter { !known.contains($0.key) }.map { "\($0.key)=\($0.value.plain)" }
                places[key] = entries.count
                entries.append(
                    Entry(
                        time: event.timestamp, agent: AgentWatch.Agent(site: stored.site, agent: stored.source),
                        command: command, request: request, by: event.text("by") ?? "",
                        details: details.joined(separator: " ")))
            }
        }
        self.entries = entries
    }
}

extension Value {
    fileprivate var plain: String {
        switch self {
        case .double(let number): "\(number)"
        case .integer(let number): "\(number)"
        case .boolean(let flag): "\(flag)"
        case .text(let text): text
        }
    }
}
