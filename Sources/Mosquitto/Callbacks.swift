internal import CMosquitto
internal import Synchronization

/// What the library's callbacks note down, and where.
///
/// Callbacks run with the library's mutexes held, so they only take notes; the loop reads these after the library's
/// call has returned, and calls the handler then. Confined to the owner thread, except for ``log`` and ``inFlight``,
/// which publishers reach too: both are constants that guard themselves.
final class CallbackContext {
    enum Note {
        case accepted(sessionPresent: Bool, ConnectionLimits)
        case acknowledged(Token, ReasonCode)
        case subscribed(String, ReasonCode)
        case message(Message)
    }

    let inFlight: SharedInFlight
    let log: LibraryLog
    let maximumIncomingPacket: Int
    private(set) var notes: [Note] = []
    /// Why CONNACK refused.
    private(set) var refusal: ReasonCode?
    /// The first code of `on_disconnect`; the library may call it twice. From 0x80 on it is the broker's reason.
    private(set) var disconnectCode: Int32?
    /// A message came that is larger than we said we take.
    private(set) var oversizeBytes: Int?

    init(inFlight: SharedInFlight, log: LibraryLog, maximumIncomingPacket: UInt32) {
        self.inFlight = inFlight
        self.log = log
        self.maximumIncomingPacket = Int(maximumIncomingPacket)
    }

    func takeNotes() -> [Note] {
        defer { notes.removeAll(keepingCapacity: true) }
        return notes
    }

    func reset() {
        notes.removeAll()
        (refusal, disconnectCode, oversizeBytes) = (nil, nil, nil)
    }

    fileprivate func connected(reason: Int32, flags: Int32, properties: ReceivedProperties) {
        let reason = ReasonCode(rawValue: UInt8(truncatingIfNeeded: reason))
        guard reason == .success else {
            refusal = reason
            return
        }
        notes.append(.accepted(sessionPresent: flags & 1 != 0, ConnectionLimits(properties)))
    }

    fileprivate func settled(_ identifier: Int32, reason: Int32) {
        guard let entry = inFlight.withLock({ $0.remove(UInt16(truncatingIfNeeded: identifier)) }) else { return }
        if case .atLeastOnce(let token) = entry {
            notes.append(.acknowledged(token, ReasonCode(rawValue: UInt8(truncatingIfNeeded: reason))))
        }
    }

    fileprivate func subscribed(_ identifier: Int32, reasons: UnsafeBufferPointer<Int32>) {
        let entry = inFlight.withLock { $0.remove(UInt16(truncatingIfNeeded: identifier)) }
        guard case .subscribe(let filter) = entry else { return }
        // One filter per SUBSCRIBE, so one code; a broker that sends none has not granted anything.
        let reason = reasons.first.map { ReasonCode(rawValue: UInt8(truncatingIfNeeded: $0)) } ?? .unspecified
        notes.append(.subscribed(filter, reason))
    }

    fileprivate func received(_ message: mosquitto_message, properties: ReceivedProperties) {
        let count = Int(message.payloadlen)
        if count > maximumIncomingPacket {
            oversizeBytes = count
            return
        }
        guard let topic = message.topic else { return }
        let payload = UnsafeRawBufferPointer(start: message.payload, count: message.payload == nil ? 0 : count)
        notes.append(
            .message(
                Message(
                    topic: String(cString: topic), payload: [UInt8](payload),
                    qos: message.qos == 0 ? .atMostOnce : .atLeastOnce, isRetained: message.retain,
                    contentType: properties.string(MQTT_PROP_CONTENT_TYPE),
                    userProperties: properties.userProperties)))
    }

    fileprivate func disconnected(_ code: Int32) { disconnectCode = disconnectCode ?? code }

    fileprivate static func from(_ object: UnsafeMutableRawPointer?) -> CallbackContext? {
        object.map { Unmanaged<CallbackContext>.fromOpaque($0).takeUnretainedValue() }
    }
}

/// The limits in a CONNACK.
struct ConnectionLimits {
    let receiveMaximum: UInt16?
    let maximumPacketSize: UInt32?
    let retainAvailable: Bool
    let maximumQoS: QoS
    let keepAlive: UInt16?

    init(_ properties: ReceivedProperties) {
        receiveMaximum = properties.int16(MQTT_PROP_RECEIVE_MAXIMUM)
        maximumPacketSize = properties.int32(MQTT_PROP_MAXIMUM_PACKET_SIZE)
        retainAvailable = properties.byte(MQTT_PROP_RETAIN_AVAILABLE) != 0
        maximumQoS = properties.byte(MQTT_PROP_MAXIMUM_QOS) == 0 ? .atMostOnce : .atLeastOnce
        keepAlive = properties.int16(MQTT_PROP_SERVER_KEEP_ALIVE)
    }
}

extension Handle {
    /// The closures are `@Sendable`, lest one made in a `@main` type inherit the main actor and trap on our thread.
    func setCallbacks() {
        mosquitto_connect_v5_callback_set(raw) { @Sendable _, object, reason, flags, properties in
            CallbackContext.from(object)?.connected(
                reason: reason, flags: flags, properties: ReceivedProperties(head: properties))
        }
        mosquitto_disconnect_v5_callback_set(raw) { @Sendable _, object, reason, _ in
            CallbackContext.from(object)?.disconnected(reason)
        }
        mosquitto_publish_v5_callback_set(raw) { @Sendable _, object, identifier, reason, _ in
            CallbackContext.from(object)?.settled(identifier, reason: reason)
        }
        mosquitto_message_v5_callback_set(raw) { @Sendable _, object, message, properties in
            guard let message else { return }
            CallbackContext.from(object)?.received(message.pointee, properties: ReceivedProperties(head: properties))
        }
        mosquitto_subscribe_v5_callback_set(raw) { @Sendable _, object, identifier, count, reasons, _ in
            let reasons = UnsafeBufferPointer(start: reasons, count: reasons == nil ? 0 : max(0, Int(count)))
            CallbackContext.from(object)?.subscribed(identifier, reasons: reasons)
        }
        mosquitto_log_callback_set(raw) { @Sendable _, object, level, line in
            guard let line, let context = CallbackContext.from(object) else { return }
            context.log.append(level: level, line)
        }
    }

    /// Spares the library from formatting a line per packet that nobody reads.
    func silenceLog() { mosquitto_log_callback_set(raw, nil) }
}
