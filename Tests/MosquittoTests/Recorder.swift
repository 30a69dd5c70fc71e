import BrokerSupport
import Mosquitto
import Synchronization

/// A client's mailbox for tests: keeps every event, and waits for conditions over them.
final class Recorder: Sendable {
    private let events = Mutex<[MQTTEvent]>([])

    func append(_ event: MQTTEvent) { events.withLock { $0.append(event) } }

    var all: [MQTTEvent] { events.withLock { $0 } }

    var connections: [ConnectionTerms] { all.compactMap { if case .connected(let terms) = $0 { terms } else { nil } } }
    var disconnections: [Disconnection] {
        all.compactMap { if case .disconnected(let disconnection) = $0 { disconnection } else { nil } }
    }
    var messages: [Message] { all.compactMap { if case .message(let message) = $0 { message } else { nil } } }
    var acknowledgements: [(token: Token, reason: ReasonCode)] {
        all.compactMap { if case .acknowledged(let token, let reason) = $0 { (token, reason) } else { nil } }
    }
    var subscriptions: [(filter: String, reason: ReasonCode)] {
        all.compactMap { if case .subscribed(let filter, let reason) = $0 { (filter, reason) } else { nil } }
    }
}

/// A started client with its events.
struct Session {
    let client: MQTTClient
    let events = Recorder()

    /// Takes options that suit tests, and lets `configure` change them: fast back-off without randomness.
    ///
    /// - Throws: What the client throws.
    init(_ url: String, id: String = "client", _ configure: (inout MQTTOptions) -> Void = { _ in }) throws {
        var options = MQTTOptions(address: try BrokerAddress(url: url), clientID: id)
        options.keepAlive = .seconds(5)
        options.backoff = Backoff(
            minimum: .milliseconds(20), base: .milliseconds(40), maximum: .milliseconds(200), random: { 0.5 })
        configure(&options)
        client = try MQTTClient(options) { [events] in events.append($0) }
        try client.start()
    }

    /// Waits for the first connection.
    func connected() throws -> Session {
        guard eventually({ !events.connections.isEmpty }) else {
            throw SupportFailure("not connected: \(events.disconnections.map { $0.error?.message ?? "-" })")
        }
        return self
    }

    func close() { client.disconnect(timeout: .seconds(2)) }
}

extension String {
    var bytes: [UInt8] { [UInt8](utf8) }
}
