internal import CMosquitto
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

extension MQTTClient {
    /// Remembers a filter and subscribes on this and every later connection; each time the broker's answer comes as
    /// ``MQTTEvent/subscribed(_:_:)``. A filter that is already there gets the new QoS.
    ///
    /// - Throws: ``MosquittoError/Code/invalidTopic`` or ``MosquittoError/Code/stopped``.
    package func subscribe(_ filter: String, qos: QoS) throws(MosquittoError) {
        try Topic.checkFilter(filter)
        try shared.link.withLock { (link) throws(MosquittoError) in
            guard case .running = link.phase else { throw .clientStopped }
            if let index = link.subscriptions.firstIndex(where: { $0.filter == filter }) {
                link.subscriptions[index].qos = qos
            } else {
                link.subscriptions.append((filter, qos))
            }
            link.sendSubscribe(filter, qos: qos, inFlight: shared.inFlight)
        }
        shared.wake.signal()
    }

    /// Forgets a filter; a message already on its way may still come.
    ///
    /// - Throws: ``MosquittoError/Code/invalidTopic`` or ``MosquittoError/Code/stopped``.
    package func unsubscribe(_ filter: String) throws(MosquittoError) {
        try Topic.checkFilter(filter)
        try shared.link.withLock { (link) throws(MosquittoError) in
            guard case .running = link.phase else { throw .clientStopped }
            link.subscriptions.removeAll { $0.filter == filter }
            guard var open = link.open else { return }
            var identifier: Int32 = 0
            _ = mosquitto_unsubscribe_v5(open.handle.raw, &identifier, filter, nil)
            if identifier != 0 {
                open.lastIdentifier = UInt16(truncatingIfNeeded: identifier)
                link.open = open
            }
        }
        shared.wake.signal()
    }
}

extension Link {
    /// Sends one SUBSCRIBE if there is a connection; a failure ends the connection, so the next one tries again.
    mutating func sendSubscribe(_ filter: String, qos: QoS, inFlight: SharedInFlight) {
        guard open != nil, fault == nil else { return }
        let status = draw(.subscribe(filter), inFlight: inFlight) { handle, identifier in
            mosquitto_subscribe_v5(handle.raw, &identifier, filter, Int32(qos.rawValue), 0, nil)
        }
        if status != MOSQ_ERR_SUCCESS.rawValue, status != MOSQ_ERR_NO_CONN.rawValue {
            fault = MosquittoError(
                .library, "cannot subscribe to \(filter); will reconnect", family: .library, rawCode: status)
        }
    }
}
