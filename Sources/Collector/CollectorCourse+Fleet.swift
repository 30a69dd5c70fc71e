import Connection
import Delivery
import Logging
import Mosquitto
import Platform
import Storage
import Telemetry

// MARK: - What is known of agents

extension CollectorCourse {
    /// What an agent says of itself, on `status`, `meta` or `pulse`.
    mutating func noteForFleet(_ message: Message, site: Identifier, agent: Identifier, _ channel: Topics.Channel) {
        // An empty one takes back what the broker kept, and says nothing.
        guard agent != .collector, !message.payload.isEmpty else { return }
        let named = AgentWatch.Agent(site: site, agent: agent)
        let (now, wall) = (clock.monotonic, clock.now)
        do throws(DeliveryError) {
            switch channel {
            case .meta:
                try fleet.note(meta: message.payload, of: named, isRetained: message.isRetained, at: now, wall)
            case .pulse:
                try fleet.note(pulse: message.payload, of: named, isRetained: message.isRetained, at: now, wall)
            default:
                let isOnline = message.payload.elementsEqual("online".utf8)
                guard isOnline || message.payload.elementsEqual("offline".utf8) else { return }
                fleet.note(isOnline: isOnline, of: named, isRetained: message.isRetained, at: now, wall)
            }
        } catch {
            counters.refuse(FrameRefusal.documentWord)
            refused.note(error, on: message.topic, at: now, logger)
        }
    }

    /// Writes down what has changed, if it is time.
    mutating func saveFleet(to store: some Store, at now: Int64) throws(StoreError) {
        guard now >= fleet.dueAt else { return }
        try store.save(fleet.rows(clock.now))
        fleet.saved(at: now)
    }
}
