import Connection
import Delivery
import Mosquitto
import Platform
package import Telemetry

/// Publishes one run marker and waits for the broker's word on it.
package struct RunMarkerPublisher: Sendable {
    private let settings: CollectorSettings

    package init(_ settings: CollectorSettings) { self.settings = settings }

    /// - Throws: `CollectorError` when the broker is away, refuses, or has nobody to give the marker to: it would be lost.
    package func publish(_ marker: RunEvent, at site: Identifier) throws {
        let events = Mailbox<MQTTEvent>(capacity: 64)
        let name = "fieldproof-run-\(UUIDBytes.random().description.prefix(12))"
        let client = try MQTTClient(try settings.broker.options(clientID: name)) { _ = events.post($0) }
        try client.start()
        defer { client.disconnect(timeout: .seconds(2)) }
        try exchange(marker, at: site, client, events)
    }

    private func exchange(_ marker: RunEvent, at site: Identifier, _ client: MQTTClient, _ mailbox: Mailbox<MQTTEvent>)
        throws
    {
        let clock = SystemClock()
        let deadline = clock.monotonic + 10_000_000_000
        var events: [MQTTEvent] = []
        while clock.monotonic < deadline {
            mailbox.take(into: &events, until: deadline)
            for event in events {
                switch event {
                case .connected:
                    try client.publish(marker.json, to: settings.broker.topics.run(site: site), .atLeastOnce(1))
                case .disconnected(let disconnection):
                    throw CollectorError(
                        .unavailable, disconnection.error?.message ?? "the broker closed the connection")
                case .acknowledged(_, let reason):
                    try judge(reason, site)
                    return
                default: break
                }
            }
            events.removeAll()
        }
        throw CollectorError(.unavailable, "the broker at \(settings.broker.address) does not answer")
    }

    private func judge(_ reason: ReasonCode, _ site: Identifier) throws(CollectorError) {
        if reason == .noMatchingSubscribers {
            throw CollectorError(
                .unavailable,
                "nobody at site '\(site)' is listening: neither an agent nor the collector is connected, so the marker "
                    + "was not recorded")
        }
        if reason.isFailure {
            throw CollectorError(.refused, "the broker refuses the marker (\(reason)); check its ACL")
        }
    }
}
