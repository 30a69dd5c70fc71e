internal import CMosquitto
internal import CMosquittoGuard
internal import Certificates
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#else
internal import Musl
#endif

extension ConnectionLoop {
    /// What one turn of the loop found.
    private enum Turn {
        case goOn
        case ended(MosquittoError?)
    }

    /// While TLS shakes hands the library cannot tell whether it waits to write, so its state is looked at this often.
    private static let handshakeTick = Duration.milliseconds(250)
    /// `loop_misc` counts in seconds.
    private static let idleTick = Duration.seconds(1)
    /// POLLRDHUP of poll(2), which the C library shows only to `_GNU_SOURCE`.
    private static let peerClosed = 0x2000
    /// Packets read before writes get their turn.
    private static let readBurst = 32

    /// Waits until TCP stands, which the library does not check by itself.
    ///
    /// - Returns: nil when it does.
    func awaitTransport(_ handle: Handle, deadline: ContinuousClock.Instant) -> Ending? {
        let address = shared.options.address
        while !isStopping {
            var entries = [
                pollfd(fd: handle.socket, events: Int16(POLLOUT), revents: 0),
                pollfd(fd: shared.wake.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            let ready = poll(&entries, 2, ContinuousClock.now.duration(to: deadline).pollMilliseconds)
            if entries[1].revents != 0 { shared.wake.clear() }
            if ready > 0, entries[0].revents != 0 {
                var number: Int32 = 0
                var size = socklen_t(MemoryLayout<Int32>.size)
                getsockopt(handle.socket, SOL_SOCKET, SO_ERROR, &number, &size)
                return number == 0 ? nil : Ending(error: .system(number, address: address), mayTryNextFamily: true)
            }
            if ContinuousClock.now >= deadline {
                return Ending(error: .system(ETIMEDOUT, address: address), mayTryNextFamily: true)
            }
        }
        return Ending()
    }

    /// Serves one connection until it ends.
    ///
    /// - Returns: Why; nil after `disconnect`.
    func serve(_ handle: Handle, deadline: ContinuousClock.Instant) -> MosquittoError? {
        var sentDisconnect = false
        var lingering: Int32 = -1
        defer {
            if lingering >= 0 { close(lingering) }
            lastWord = nil
        }
        var isFirst = true
        while true {
            let isShakingHands = shared.options.address.usesTLS && openedAt == nil
            let events = wait(
                for: handle, isShakingHands: isShakingHands, deadline: openedAt == nil ? deadline : nil, poke: isFirst)
            isFirst = false
            if isShakingHands { handle.keep(&lastWord) }
            if case .ended(let error) = exchange(handle, events: events, isShakingHands: isShakingHands) {
                guard sentDisconnect else { return error }
                if let renewal = shared.link.withLock({ $0.fault }), renewal.code == .renewed, !isStopping {
                    Self.linger(&lingering)
                    return renewal
                }
                shared.link.withLock { $0.flushed = !$0.missedFarewell }
                return nil
            }
            if openedAt == nil, ContinuousClock.now >= deadline {
                return MosquittoError(
                    .timedOut,
                    "\(shared.options.address) takes connections but does not answer; is it an MQTT broker, and alive?")
            }
            if case .ended(let error) = followOrders(handle, sentDisconnect: &sentDisconnect) { return error }
            if sentDisconnect, lingering < 0 { lingering = fcntl(handle.socket, F_DUPFD_CLOEXEC, 0) }
        }
    }

    private func wait(
        for handle: Handle, isShakingHands: Bool, deadline: ContinuousClock.Instant?, poke: Bool
    ) -> Int16 {
        var events = Int16(POLLIN)
        if isShakingHands {
            // Not POLLOUT: `mosquitto_want_write` stays true after the first WANT_WRITE, and we would spin.
            events |= Int16(Self.peerClosed)
        } else if handle.wantsToWrite {
            events |= Int16(POLLOUT)
        }
        var timeout = isShakingHands ? Self.handshakeTick : Self.idleTick
        if let deadline { timeout = min(timeout, ContinuousClock.now.duration(to: deadline)) }
        if case .closing(let end) = shared.link.withLock({ $0.phase }) {
            timeout = min(timeout, ContinuousClock.now.duration(to: end))
        }
        if poke { timeout = .zero }
        var entries = [
            pollfd(fd: handle.socket, events: events, revents: 0),
            pollfd(fd: shared.wake.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        guard poll(&entries, 2, timeout.pollMilliseconds) > 0 else { return 0 }
        if entries[1].revents != 0 { shared.wake.clear() }
        return entries[0].revents
    }

    /// Reads before it writes: a broker that says DISCONNECT and closes is then heard before a write fails.
    private func exchange(_ handle: Handle, events: Int16, isShakingHands: Bool) -> Turn {
        let isBroken = events & Int16(Int(POLLHUP) | Int(POLLERR) | Self.peerClosed) != 0
        if isShakingHands || isBroken || events & Int16(POLLIN) != 0 {
            for _ in 0..<Self.readBurst {
                errno = 0
                let status = mosquitto_guarded_loop_read(handle.raw, 1)
                let number = errno
                deliver(handle)
                if status != MOSQ_ERR_SUCCESS.rawValue || handle.socket < 0 {
                    return .ended(explain(handle, status, systemError: number))
                }
                if number == EAGAIN || isShakingHands { break }
            }
            if isShakingHands, isBroken, openedAt == nil {
                // The library takes a reset in the handshake for "not yet".
                return .ended(.closedInHandshake(address: shared.options.address, detail: takeDetail()))
            }
        }
        if isShakingHands || handle.wantsToWrite {
            let status = mosquitto_loop_write(handle.raw, 1)
            let number = errno
            deliver(handle)
            if status != MOSQ_ERR_SUCCESS.rawValue || handle.socket < 0 {
                return .ended(explain(handle, status, systemError: number))
            }
        }
        // Before CONNACK only our own deadline counts.
        if openedAt == nil { return .goOn }
        let status = mosquitto_loop_misc(handle.raw)
        deliver(handle)
        if status != MOSQ_ERR_SUCCESS.rawValue || handle.socket < 0 {
            return .ended(explain(handle, status, systemError: 0))
        }
        return .goOn
    }

    /// Does what other threads asked for.
    private func followOrders(_ handle: Handle, sentDisconnect: inout Bool) -> Turn {
        if let bytes = context.oversizeBytes {
            return .ended(
                MosquittoError(
                    .tooLarge, "\(shared.options.address) sent a message of \(bytes) bytes, more than we said we take"))
        }
        let (phase, fault) = shared.link.withLock { ($0.phase, $0.fault) }
        switch phase {
        case .running:
            guard let fault else { break }
            guard fault.code == .renewed else { return .ended(fault) }
            if !sentDisconnect { say(farewellTo: handle, &sentDisconnect) }
        case .stopped:
            return .ended(nil)
        case .closing(let end):
            // Cut without DISCONNECT, so that the will speaks.
            if openedAt == nil || fault != nil || ContinuousClock.now >= end { return .ended(nil) }
            let isDone = shared.inFlight.withLock { $0.outstanding == 0 } && !handle.wantsToWrite
            if isDone, !sentDisconnect { say(farewellTo: handle, &sentDisconnect) }
        }
        return .goOn
    }

    private func say(farewellTo handle: Handle, _ sentDisconnect: inout Bool) {
        sentDisconnect = true
        mosquitto_disconnect_v5(handle.raw, 0, nil)
        shared.wake.signal()
    }

    /// Reads what is still on its way until the broker closes, for half a second at the most.
    ///
    /// The library closes its descriptor right after DISCONNECT. A socket that is closed with data unread resets the connection, which may take
    /// DISCONNECT from the broker's hands, and the will would speak: so another descriptor of the socket is kept until then.
    private static func linger(_ descriptor: inout Int32) {
        guard descriptor >= 0 else { return }
        let deadline = ContinuousClock.now + .milliseconds(500)
        var buffer = [UInt8](repeating: 0, count: 4096)
        while ContinuousClock.now < deadline {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&entry, 1, ContinuousClock.now.duration(to: deadline).pollMilliseconds) > 0,
                read(descriptor, &buffer, buffer.count) > 0
            else { break }
        }
        close(descriptor)
        descriptor = -1
    }

    /// Why the library closed the connection. What the broker said comes before what the socket did.
    private func explain(_ handle: Handle, _ status: Int32, systemError: Int32) -> MosquittoError {
        let address = shared.options.address
        if let refusal = context.refusal { return .refusal(refusal, address: address) }
        if let code = context.disconnectCode, code == 0 || code >= 0x80 {
            return .serverDisconnect(ReasonCode(rawValue: UInt8(truncatingIfNeeded: code)), address: address)
        }
        return MosquittoError(
            status: status, systemError: systemError, address: address, detail: takeDetail(),
            rejection: handle.rejection)
    }

    /// What the broker said in an alert that the library closed the connection too early to read, or what the library logged.
    private func takeDetail() -> String? {
        let logged = log.takeError()
        guard let word = lastWord.take() else { return logged }
        return word.read() ?? logged
    }

    /// Passes on what the callbacks noted, now that the library holds no lock.
    private func deliver(_ handle: Handle) {
        forwardLog()
        for note in context.takeNotes() {
            switch note {
            case .accepted(let sessionPresent, let limits):
                accept(handle, sessionPresent: sessionPresent, limits)
            case .acknowledged(let token, let reason):
                handler(.acknowledged(token, reason))
            case .subscribed(let filter, let reason):
                handler(.subscribed(filter, reason))
            case .message(let message):
                handler(.message(message))
            }
        }
    }

    private func accept(_ handle: Handle, sessionPresent: Bool, _ limits: ConnectionLimits) {
        let options = shared.options
        guard openedAt == nil else {
            shared.link.withLock {
                $0.fault = MosquittoError(.protocolViolation, "\(options.address) sent CONNACK twice; will reconnect")
            }
            return
        }
        let window = min(options.maximumOutstanding, limits.receiveMaximum.map(Int.init) ?? .max)
        let terms = ConnectionTerms(
            sessionPresent: sessionPresent, receiveMaximum: limits.receiveMaximum,
            maximumPacketSize: limits.maximumPacketSize, window: window, retainAvailable: limits.retainAvailable,
            maximumQoS: limits.maximumQoS, keepAlive: limits.keepAlive.map { .seconds(Int64($0)) } ?? options.keepAlive)
        openedAt = .now
        lastWord = nil
        shared.credentials.worked()
        if !log.isWanted { handle.silenceLog() }
        shared.link.withLock { link in
            link.statistics.connections += 1
            guard window > 0 else {
                // Section 3.2.2.3.3: 0 is a protocol error; the library would wait for ever.
                link.fault = MosquittoError(
                    .protocolViolation, "\(options.address) allows no QoS 1 message at all; check the broker")
                return
            }
            link.open = Link.Open(handle: handle, terms: terms)
            for (filter, qos) in link.subscriptions {
                link.sendSubscribe(filter, qos: qos, inFlight: shared.inFlight)
            }
            // `renew` finds no connection to end while one is being made.
            if case .running = link.phase, link.fault == nil, shared.credentials.isFresh {
                link.fault = .credentialsRenewed
            }
        }
        if window > 0 { handler(.connected(terms)) }
    }
}
