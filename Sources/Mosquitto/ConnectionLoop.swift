internal import CMosquitto
internal import Certificates
internal import Synchronization

/// The life of one client on its owner thread: attempt, serve, report, wait, and again.
///
/// Each connection gets a handle of its own: see <doc:OneHandlePerConnection>.
final class ConnectionLoop {
    let shared: SharedState
    let handler: @Sendable (MQTTEvent) -> Void
    let log: LibraryLog
    let context: CallbackContext
    private var contexts = TLSContexts()
    /// When CONNACK came; nil before it.
    var openedAt: ContinuousClock.Instant?
    /// While TLS shakes hands.
    var lastWord: LastWord?

    /// How an attempt ended.
    struct Ending {
        /// nil: because `disconnect` was called.
        var error: MosquittoError?
        /// The next address family of the host may do better.
        var mayTryNextFamily = false
        var abandoned: [Token] = []
    }

    init(shared: SharedState, handler: @escaping @Sendable (MQTTEvent) -> Void) {
        self.shared = shared
        self.handler = handler
        log = LibraryLog(isWanted: shared.options.log != nil)
        context = CallbackContext(
            inFlight: shared.inFlight, log: log, maximumIncomingPacket: shared.options.maximumIncomingPacket)
    }

    func run() {
        let backoff = shared.options.backoff
        var failures = 0
        while true {
            openedAt = nil
            let ending = isStopping ? Ending() : attempt()
            let wasConnected = openedAt != nil
            // A broker that accepts and at once disconnects must not be able to reset the back-off.
            if let openedAt, openedAt.duration(to: .now) >= backoff.ceiling(failures: failures) { failures = 0 }
            let stops = isStopping
            var delay = stops ? nil : backoff.delay(failures: failures, isPermanent: ending.error?.isPermanent == true)
            if !stops, ending.error?.code == .renewed || shared.credentials.failed(ending.error, wasConnected) {
                delay = backoff.minimum
            }
            failures += 1
            forwardLog()
            handler(
                .disconnected(
                    Disconnection(
                        error: ending.error, retryIn: delay, wasConnected: wasConnected, abandoned: ending.abandoned)))
            guard let delay else {
                shared.link.withLock { $0.phase = .stopped }
                return
            }
            pause(delay)
        }
    }

    var isStopping: Bool {
        shared.link.withLock { if case .running = $0.phase { false } else { true } }
    }

    /// One attempt over all address families of the host, and the connection it leads to.
    private func attempt() -> Ending {
        shared.link.withLock { $0.statistics.attempts += 1 }
        let families: [AddressFamily?]
        do throws(MosquittoError) {
            families = try AddressFamily.candidates(for: shared.options.address)
        } catch {
            return Ending(error: error)
        }
        var ending = Ending()
        for family in families where !isStopping {
            ending = attempt(family: family)
            if !ending.mayTryNextFamily { break }
        }
        return ending
    }

    private func attempt(family: AddressFamily?) -> Ending {
        context.reset()
        _ = log.takeError()
        let handle: Handle
        do throws(MosquittoError) {
            let credentials = shared.credentials.current
            handle = try Handle.make(
                shared.options, login: credentials.login, tls: contexts.next(shared.options, credentials),
                context: context)
        } catch {
            return Ending(error: error)
        }
        // Publishers lose sight of the handle before it goes; what they gave it goes with it, and is reported.
        defer { handle.destroy() }
        let deadline = ContinuousClock.now + shared.options.connectTimeout
        let (status, systemError) = handle.beginConnecting(shared.options, family: family)
        var ending: Ending
        if status == MOSQ_ERR_SUCCESS.rawValue {
            if let failure = awaitTransport(handle, deadline: deadline) {
                ending = failure
            } else {
                ending = Ending(error: serve(handle, deadline: deadline))
            }
        } else {
            let error = MosquittoError(
                status: status, systemError: systemError, address: shared.options.address, detail: log.takeError(),
                rejection: handle.rejection)
            ending = Ending(error: error, mayTryNextFamily: !error.isPermanent)
        }
        shared.link.withLock { link in
            link.open = nil
            link.fault = nil
        }
        ending.abandoned = shared.inFlight.withLock { $0.abandonAll() }
        return ending
    }

    private func pause(_ delay: Duration) {
        let deadline = ContinuousClock.now + delay
        while !isStopping, !shared.credentials.isFresh, shared.wake.wait(until: deadline) { shared.wake.clear() }
    }

    func forwardLog() {
        guard let forward = shared.options.log else { return }
        for (level, line) in log.takeLines() { forward(level, line) }
    }
}
