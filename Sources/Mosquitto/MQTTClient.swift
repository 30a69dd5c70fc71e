internal import Synchronization

/// An MQTT 5 client for a program that never gives up.
///
/// One thread owns the connection. It connects, reads, writes, pings, and connects again after any fault, for as long
/// as the client lives. Events reach the handler on that thread, outside every lock and library call, so that it may
/// publish; it must not block, nor call ``disconnect(farewell:timeout:)``.
package final class MQTTClient: Sendable {
    let shared: SharedState
    private let handler: @Sendable (MQTTEvent) -> Void
    private let thread = Mutex<OwnerThread?>(nil)

    /// Checks the options, files included; opens no connection.
    ///
    /// - Throws: ``MosquittoError/Code/invalidOption``, ``MosquittoError/Code/invalidTopic`` (of the will) or
    ///   ``MosquittoError/Code/tls``.
    package init(_ options: MQTTOptions, handler: @escaping @Sendable (MQTTEvent) -> Void) throws(MosquittoError) {
        try options.validate()
        shared = try SharedState(options)
        self.handler = handler
    }

    deinit {
        shared.link.withLock { $0.phase = .stopped }
        shared.wake.signal()
    }

    /// Starts the owner thread. A second call does nothing.
    ///
    /// - Throws: ``MosquittoError/Code/library`` when the system has no thread left; ``MosquittoError/Code/stopped``
    ///   after ``disconnect(farewell:timeout:)``.
    package func start() throws(MosquittoError) {
        try thread.withLock { (thread) throws(MosquittoError) in
            if thread != nil { return }
            guard case .running = shared.link.withLock({ $0.phase }) else { throw .clientStopped }
            let (shared, handler) = (shared, handler)
            thread = try OwnerThread { ConnectionLoop(shared: shared, handler: handler).run() }
        }
    }

    /// Drops the connection and makes a new one, after the usual delay. For a broker that stopped acknowledging.
    package func reconnect() {
        shared.link.withLock { link in
            if link.open != nil, link.fault == nil {
                link.fault = MosquittoError(.connectionLost, "dropped on request; will reconnect")
            }
        }
        shared.wake.signal()
    }

    /// Takes other credentials from now on: ends a connection in good order, so that no will speaks, and makes a new one at once. Those that
    /// worked are kept until the new ones have, and tried in turn when the broker refuses these.
    package func renew(_ credentials: MQTTCredentials) {
        shared.credentials.renew(credentials)
        shared.link.withLock { link in
            if link.open != nil, link.fault == nil {
                link.fault = .credentialsRenewed
            }
        }
        shared.wake.signal()
    }

    /// Sends `farewell` last, waits until all is sent and acknowledged, ends the connection and joins the thread.
    ///
    /// Not flushed in time, the connection is cut without DISCONNECT, so that the broker publishes the will instead.
    /// Blocks for at most `timeout`, and a quarter second to end the thread.
    ///
    /// The farewell is for instance the retained status `offline`. It is not sent without a connection: the will has
    /// then spoken already.
    ///
    /// - Returns: Whether all was flushed.
    @discardableResult
    package func disconnect(farewell: Publication? = nil, timeout: Duration) -> Bool {
        let deadline = ContinuousClock.now + timeout
        let thread = thread.withLock { $0 }
        shared.link.withLock { link in
            guard case .running = link.phase else { return }
            link.phase = thread == nil ? .stopped : .closing(deadline: deadline)
            // Without a connection there is nothing to flush; with one, the loop decides.
            link.flushed = farewell == nil && link.open == nil
            if let farewell {
                link.missedFarewell = !Self.queue(farewell, on: &link, inFlight: shared.inFlight)
            }
        }
        shared.wake.signal()
        guard let thread else { return farewell == nil }
        guard !thread.isCurrent, thread.join(until: deadline + .milliseconds(250)) else { return false }
        return shared.link.withLock { $0.flushed }
    }

    package var statistics: MQTTStatistics {
        var statistics = shared.link.withLock { $0.statistics }
        (statistics.outstanding, statistics.backlogBytes) = shared.inFlight.withLock {
            ($0.outstanding, $0.backlogBytes)
        }
        return statistics
    }
}

extension MosquittoError {
    static var clientStopped: MosquittoError {
        MosquittoError(.stopped, "the client is shutting down; make a new one to publish again")
    }

    static var credentialsRenewed: MosquittoError {
        MosquittoError(.renewed, "the credentials were renewed; connecting with them")
    }
}
