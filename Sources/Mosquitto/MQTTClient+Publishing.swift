internal import CMosquitto

#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif
internal import Synchronization

extension MQTTClient {
    /// Publishes from any thread; the library copies the bytes once into its packet, for QoS 1 once more to keep.
    ///
    /// QoS 1 is either taken, and then ends in ``MQTTEvent/acknowledged(_:_:)`` or ``Disconnection/abandoned``, or it
    /// throws, and then nothing was queued anywhere. The acknowledgement may come before this returns. QoS 0 is dropped
    /// and counted when there is no connection or its backlog is full.
    ///
    /// - Returns: false if a QoS 0 message was dropped.
    /// - Throws: ``MosquittoError/Code/notConnected``, ``MosquittoError/Code/windowFull``,
    ///   ``MosquittoError/Code/tooLarge``, ``MosquittoError/Code/invalidTopic``,
    ///   ``MosquittoError/Code/unsupportedByBroker`` or ``MosquittoError/Code/stopped``.
    @discardableResult
    package func publish(
        _ payload: UnsafeRawBufferPointer, to topic: String, _ mode: DeliveryMode, retain: Bool = false,
        contentType: String? = nil
    ) throws(MosquittoError) -> Bool {
        try Topic.checkName(topic)
        if let contentType, !Topic.isText(contentType) {
            throw MosquittoError(.invalidOption, "the content type has control characters; leave them out")
        }
        guard payload.count <= Int(MQTT_MAX_PAYLOAD) else {
            throw MosquittoError(.tooLarge, "a message of \(payload.count) bytes is beyond MQTT; split it")
        }
        let address = shared.options.address
        let taken = try shared.link.withLock { (link) throws(MosquittoError) -> Bool in
            guard case .running = link.phase else { throw .clientStopped }
            guard let open = link.open, link.fault == nil else {
                guard case .atMostOnce = mode else {
                    throw MosquittoError(.notConnected, "not connected to \(address); publish after it is")
                }
                link.statistics.droppedAtMostOnce += 1
                return false
            }
            let (outstanding, backlog) = shared.inFlight.withLock { ($0.outstanding, $0.backlogBytes) }
            let entry: InFlight.Entry
            switch mode {
            case .atMostOnce:
                if backlog > 0, backlog + payload.count > shared.options.maximumBacklog {
                    link.statistics.droppedAtMostOnce += 1
                    return false
                }
                entry = .atMostOnce(bytes: payload.count)
            case .atLeastOnce(let token):
                guard outstanding < open.terms.window else {
                    throw MosquittoError(
                        .windowFull, "\(outstanding) publishes are unacknowledged; wait for an acknowledgement")
                }
                entry = .atLeastOnce(token)
            }
            let status = Self.send(
                payload, to: topic, entry, retain: retain, contentType: contentType, on: &link,
                inFlight: shared.inFlight)
            if status == MOSQ_ERR_SUCCESS.rawValue { return true }
            if case .atMostOnce = mode, status == MOSQ_ERR_NO_CONN.rawValue {
                link.statistics.droppedAtMostOnce += 1
                return false
            }
            let error = MosquittoError(status: status, systemError: errno, address: address)
            // The owner has to look: the connection may be gone, or given up.
            shared.wake.signal()
            throw error
        }
        if taken { shared.wake.signal() }
        return taken
    }

    @discardableResult
    package func publish(
        _ payload: RawSpan, to topic: String, _ mode: DeliveryMode, retain: Bool = false, contentType: String? = nil
    ) throws(MosquittoError) -> Bool {
        try payload.withUnsafeBytes { (bytes) throws(MosquittoError) in
            try publish(bytes, to: topic, mode, retain: retain, contentType: contentType)
        }
    }

    @discardableResult
    package func publish(
        _ payload: [UInt8], to topic: String, _ mode: DeliveryMode, retain: Bool = false, contentType: String? = nil
    ) throws(MosquittoError) -> Bool {
        try publish(payload.span.bytes, to: topic, mode, retain: retain, contentType: contentType)
    }

    /// Queues the farewell past window and backlog: it is the last of this connection.
    ///
    /// - Returns: Whether the library took it.
    static func queue(_ farewell: Publication, on link: inout Link, inFlight: SharedInFlight) -> Bool {
        let entry: InFlight.Entry =
            farewell.qos == .atLeastOnce ? .farewell : .atMostOnce(bytes: farewell.payload.count)
        let status = farewell.payload.withUnsafeBytes { bytes in
            send(
                bytes, to: farewell.topic, entry, retain: farewell.retain, contentType: nil, on: &link,
                inFlight: inFlight)
        }
        return status == MOSQ_ERR_SUCCESS.rawValue
    }

    /// Hands one publish to the library, its entry made first. Under the lock of ``Link``, with a connection open.
    private static func send(
        _ payload: UnsafeRawBufferPointer, to topic: String, _ entry: InFlight.Entry, retain: Bool,
        contentType: String?, on link: inout Link, inFlight: SharedInFlight
    ) -> Int32 {
        let qos: QoS = if case .atMostOnce = entry { .atMostOnce } else { .atLeastOnce }
        var properties = PropertyList()
        if let contentType { properties.add(MQTT_PROP_CONTENT_TYPE, contentType) }
        defer { properties.free() }
        return link.draw(entry, inFlight: inFlight) { handle, identifier in
            mosquitto_publish_v5(
                handle.raw, &identifier, topic, Int32(payload.count), payload.baseAddress, Int32(qos.rawValue), retain,
                properties.head)
        }
    }
}

extension Link {
    /// Makes a library call that draws a packet id, with `entry` in the table before the call.
    ///
    /// The library wraps ids at 65536 without looking whether one is in use. Where the next one is, some packet has
    /// gone unanswered for 65535 others: the connection is given up, and the call counts as one without connection.
    ///
    /// `call` gets the handle and the library's `mid`, to be set by it.
    ///
    /// - Returns: The library's status.
    mutating func draw(
        _ entry: InFlight.Entry, inFlight: SharedInFlight, _ call: (Handle, inout Int32) -> Int32
    ) -> Int32 {
        guard var open else { return MOSQ_ERR_NO_CONN.rawValue }
        let identifier = InFlight.identifier(after: open.lastIdentifier)
        let isFree = inFlight.withLock { table in
            if table.contains(identifier) { return false }
            table.insert(entry, at: identifier)
            return true
        }
        guard isFree else {
            fault = MosquittoError(
                .protocolViolation, "the broker left a packet unanswered for 65535 others; will reconnect")
            return MOSQ_ERR_NO_CONN.rawValue
        }
        var drawn: Int32 = 0
        let status = call(open.handle, &drawn)
        if drawn != 0 {
            open.lastIdentifier = UInt16(truncatingIfNeeded: drawn)
            self.open = open
        }
        if status != MOSQ_ERR_SUCCESS.rawValue {
            // After NO_CONN the library keeps the message all the same; it dies with the handle.
            _ = inFlight.withLock { $0.remove(identifier) }
        } else if drawn != Int32(identifier) {
            fault = MosquittoError(.library, "libmosquitto drew packet id \(drawn), not \(identifier); will reconnect")
        }
        return status
    }
}
