import Connection
import Logging
import Mosquitto
import Synchronization
import Telemetry

/// Hears what devices publish to an MQTT broker.
package struct MQTTInput: Input {
    package static let kind = "mqtt"
    package static let summary = "what devices publish to an MQTT broker, with presets for common families"
    package static let sample = """
        - type: mqtt
          # The broker, which may be the agent's own; it must speak MQTT 5. mqtts:// for TLS.
          url: mqtt://127.0.0.1:1883
          # As in the agent's own section: ca, cert and key, or username and password-file.
          # username: fieldproof
          # password-file: /etc/fieldproof/mqtt-password
          # By default the agent's id with the name of this input behind it; never the id of another client.
          # client-id: arm-07-mqtt
          # 1: at least once while the connection stands; 0: at most once.
          # Either way, what is published while it is broken is not heard.
          qos: 1
          # What the broker kept from before is no fresh sample: skip, mark (as unreliable) or take.
          retained: skip
          # Larger messages are dropped.
          message-size: 1MiB
          # Of what presets give: metric (default), or bulk for raw data at a high rate, which goes first when the disk is full.
          class: metric
          # Families of devices whose topics are known: zigbee2mqtt, tasmota, esphome, homeassistant, vda5050.
          presets:
            - preset: zigbee2mqtt
              # The levels above those of the family, here the default.
              base: zigbee2mqtt
              # Stands before the names of its series: room.temperature.
              # prefix: room
          # Topics of your own. '+' and '#' as in MQTT; a level {name} becomes a tag, {device} the device.
          topics:
            # The payload is the value.
            - topic: "plant/{line}/oven/{zone}/temperature"
              format: {type: value, series: oven.temperature, unit: Cel}
            # The payload is JSON; it may be line protocol, SenML, CSV and others too.
            - topic: "cells/{device}/state"
              format:
                type: json
                fields:
                  cell.voltage: {pointer: /power/voltage, unit: V}
                  cell.charge: {pointer: /soc, unit: "%"}
                # When it was measured: rfc3339, s, ms, us or ns; without it, when it arrived.
                time: {pointer: /at, format: rfc3339}
            # Every message is an event.
            - {topic: "doors/{device}/opened", event: door.opened}
        """

    private let settings: MQTTSettings
    private let environment: InputEnvironment

    package init(_ settings: MQTTSettings, environment: InputEnvironment) throws(InputError) {
        self.settings = settings
        self.environment = environment
        guard clientID != environment.device else {
            throw InputError(
                .settings, input: environment.name,
                "the client id '\(clientID)' is the agent's own, and the two would push each other off the broker; change 'client-id'"
            )
        }
    }

    private var clientID: String { settings.clientID ?? "\(environment.device)-\(environment.name)" }

    /// The client's own thread takes each message off the wire and gives its samples to the sink before it reads the next: there is no queue
    /// that could overflow, and a box that is slow holds the broker back.
    package func run(into sink: any SampleSink, until stop: Waker) throws(InputError) {
        let listener = MQTTListener(settings, environment: environment, sink: sink)
        let client = try makeClient { [environment] event in listener.handle(event, at: environment.now()) }
        listener.attach(client)
        do throws(MosquittoError) {
            for filter in listener.filters { try client.subscribe(filter, qos: settings.qos) }
            try client.start()
        } catch {
            throw InputError(.settings, input: environment.name, error.message)
        }
        while !stop.wait(nanoseconds: 60_000_000_000) {}
        client.disconnect(timeout: .seconds(1))
        listener.detach()
    }

    private func makeClient(_ handler: @escaping @Sendable (MQTTEvent) -> Void) throws(InputError) -> MQTTClient {
        var options: MQTTOptions
        do throws(ConnectionError) {
            options = try settings.access.options(clientID: clientID)
            // Read anew at each connect, so that renewed files need no restart.
            options.identity = nil
        } catch {
            throw InputError(
                error.code == .exposed ? .settings : .absent, input: environment.name, error.description)
        }
        // With room for the topic and properties; what is larger still the broker keeps to itself (MQTT 5, section 3.1.2.11.4).
        options.maximumIncomingPacket = UInt32(clamping: settings.messageSize + 65_536 + 1024)
        do throws(MosquittoError) {
            return try MQTTClient(options, handler: handler)
        } catch {
            throw InputError(.settings, input: environment.name, error.message)
        }
    }
}

/// What happens to the client, on the client's thread.
private final class MQTTListener: Sendable {
    private struct State {
        var intake: MQTTIntake
        var source: SourceState
        /// Weak in effect: taken away before the client ends, which owns the handler that owns this.
        var client: MQTTClient?
    }

    private let state: Mutex<State>
    private let qos: QoS

    init(_ settings: MQTTSettings, environment: InputEnvironment, sink: any SampleSink) {
        qos = settings.qos
        state = Mutex(
            State(
                intake: MQTTIntake(settings, environment: environment, sink: sink),
                source: SourceState("mqtt://\(settings.access.address)", of: environment)))
    }

    var filters: [String] { state.withLock { $0.intake.filters } }

    func attach(_ client: MQTTClient) { state.withLock { $0.client = client } }

    func detach() { state.withLock { $0.client = nil } }

    func handle(_ event: MQTTEvent, at time: Timestamp) {
        switch event {
        case .connected: state.withLock { $0.source.answered() }
        case .disconnected(let end):
            // The client waits by itself before it tries again.
            if let error = end.error { state.withLock { _ = $0.source.failed(error.message) } }
        case .subscribed(let filter, let reason):
            if reason.isFailure { state.withLock { $0.intake.refused(filter, reason.description) } }
        case .message(let message):
            let own = MQTTMessage(topic: message.topic, payload: message.payload, isRetained: message.isRetained)
            let (changes, client) = state.withLock { state in
                state.source.answered()
                return (state.intake.take(own, at: time), state.client)
            }
            guard let client else { return }
            // Topics were checked when they were learnt; a client that ends meanwhile refuses them, which is as well.
            for topic in changes.unsubscribe { try? client.unsubscribe(topic) }
            for topic in changes.subscribe { try? client.subscribe(topic, qos: qos) }
        case .acknowledged: break
        }
    }
}
