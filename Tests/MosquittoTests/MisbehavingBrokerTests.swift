import BrokerSupport
import Mosquitto
import Testing

/// What a healthy broker never does.
struct MisbehavingBrokerTests {
    @Test(
        "a refusing CONNACK never stops the attempts; a permanent one slows them down",
        arguments: [(ReasonCode.badUserNameOrPassword, true), (.clientIDNotValid, true), (.serverBusy, false)])
    func refuses(reason: ReasonCode, isPermanent: Bool) throws {
        let broker = try FakeBroker(.refuse(reason.rawValue))
        let session = try Session(broker.url)
        #expect(eventually { session.events.disconnections.count >= 4 })
        for disconnection in session.events.disconnections {
            #expect(disconnection.error?.code == .refused)
            #expect(disconnection.error?.reason == reason)
            #expect(disconnection.error?.isPermanent == isPermanent)
            #expect(!disconnection.wasConnected)
        }
        let delays = session.events.disconnections.prefix(4).map { $0.retryIn ?? .zero }
        // The session's bounds: 20 … 40 · 2ⁿ … 200 ms, random always 0.5.
        #expect(delays == (isPermanent ? [150, 150, 150, 150] : [30, 50, 90, 110]).map { .milliseconds($0) })
        session.close()
        broker.stop()
    }

    @Test(
        "a DISCONNECT of the broker is reported with its reason, and followed by a new connection",
        arguments: [true, false])
    func disconnects(afterConnack: Bool) throws {
        let broker = try FakeBroker(.disconnect(0x8B, afterConnack: afterConnack))
        let session = try Session(broker.url)
        if !afterConnack {
            _ = try session.connected()
            try session.client.publish([1], to: "a", .atLeastOnce(1))
        }
        #expect(eventually { !session.events.disconnections.isEmpty && broker.connections >= 2 })
        let disconnection = session.events.disconnections.first
        #expect(disconnection?.error?.code == .serverDisconnected)
        #expect(disconnection?.error?.reason == .serverShuttingDown)
        #expect(disconnection?.wasConnected == true)
        #expect(disconnection?.abandoned == (afterConnack ? [] : [1]))
        session.close()
        broker.stop()
    }

    @Test("two clients of one id do not fight at full speed")
    func takenOver() throws {
        let broker = try FakeBroker(.disconnect(0x8E, afterConnack: true))
        let session = try Session(broker.url)
        #expect(eventually { session.events.disconnections.count >= 2 })
        #expect(session.events.disconnections.first?.error?.reason == .sessionTakenOver)
        #expect(session.events.disconnections.first?.error?.isPermanent == true)
        #expect(session.events.disconnections.first?.retryIn == .milliseconds(150))
        session.close()
        broker.stop()
    }

    @Test("a broker that accepts and disconnects at once cannot reset the back-off")
    func noSpin() throws {
        let broker = try FakeBroker(.disconnect(0x8B, afterConnack: true))
        let session = try Session(broker.url)
        #expect(eventually { session.events.disconnections.count >= 5 })
        let delays = session.events.disconnections.prefix(5).map { $0.retryIn ?? .zero }
        #expect(delays == [30, 50, 90, 110, 110].map { .milliseconds($0) })
        #expect(broker.connections <= session.events.disconnections.count + 1)
        session.close()
        broker.stop()
    }

    @Test(
        "a failing acknowledgement is passed on",
        arguments: [ReasonCode.notAuthorized, .quotaExceeded, .noMatchingSubscribers])
    func acknowledges(reason: ReasonCode) throws {
        let broker = try FakeBroker(.acknowledge(reason.rawValue))
        let session = try Session(broker.url).connected()
        // More than the library's own window of 20, to see that each acknowledgement frees a place.
        for token in 0..<Token(60) {
            try session.client.publish([1], to: "a", .atLeastOnce(token))
        }
        #expect(eventually { session.events.acknowledgements.count == 60 })
        #expect(session.events.acknowledgements.allSatisfy { $0.reason == reason })
        #expect(session.events.disconnections.isEmpty)
        session.close()
        broker.stop()
    }

    @Test("no acknowledgement: the window fills, and reconnecting gives the tokens back")
    func neverAcknowledges() throws {
        let broker = try FakeBroker(.neverAcknowledge, receiveMaximum: 8)
        let session = try Session(broker.url).connected()
        #expect(session.events.connections.first?.window == 8)
        for token in 0..<Token(8) { try session.client.publish([1], to: "a", .atLeastOnce(token)) }
        let error = #expect(throws: MosquittoError.self) { try session.client.publish([1], to: "a", .atLeastOnce(8)) }
        #expect(error?.code == .windowFull)
        session.client.reconnect()
        #expect(eventually { session.events.connections.count == 2 })
        #expect(session.events.disconnections.first?.abandoned == Array(0..<8))
        try session.client.publish([1], to: "a", .atLeastOnce(0))
        #expect(!session.client.disconnect(timeout: .milliseconds(50)))
        #expect(session.events.disconnections.last?.abandoned == [0])
        #expect(session.events.disconnections.last?.retryIn == nil)
        broker.stop()
    }

    @Test("acknowledgements twice, or of unknown ids, change nothing")
    func strangeAcknowledgements() throws {
        for script in [FakeBroker.Script.acknowledgeTwice, .acknowledgeUnknown] {
            let broker = try FakeBroker(script, receiveMaximum: 4)
            let session = try Session(broker.url).connected()
            for token in 0..<Token(50) {
                #expect(eventually { (try? session.client.publish([1], to: "a", .atLeastOnce(token))) == true })
            }
            #expect(eventually { session.events.acknowledgements.count >= 50 })
            #expect(session.events.acknowledgements.map(\.token) == Array(0..<50))
            #expect(broker.publishes.count == 50)
            #expect(session.events.disconnections.isEmpty)
            session.close()
            broker.stop()
        }
    }

    @Test("a packet id is not used again while its publish is unanswered")
    func packetIDInUse() throws {
        let broker = try FakeBroker(.neverAcknowledge)
        let session = try Session(broker.url) { $0.maximumBacklog = 64 << 20 }.connected()
        try session.client.publish([1], to: "a", .atLeastOnce(1))
        #expect(
            try eventually {
                for _ in 0..<4096 { try session.client.publish([], to: "a", .atMostOnce) }
                return !session.events.disconnections.isEmpty
            })
        #expect(session.events.disconnections.first?.error?.code == .protocolViolation)
        #expect(session.events.disconnections.first?.abandoned == [1])
        session.client.disconnect(timeout: .zero)
        broker.stop()
    }

    @Test(
        "broken packets end the connection, not the client",
        arguments: [
            (FakeBroker.Script.closeMidPacket, [MosquittoError.Code.connectionLost]),
            (.garbage, [.protocolViolation, .connectionLost]),
            (.oversize(20_000), [.tooLarge]),
            (.greet([0x20, 6, 0, 0, 3, 0x21, 0, 0]), [.protocolViolation]),
            (.greet([0x20, 3, 0, 0, 0, 0x20, 3, 0, 0, 0]), [.protocolViolation]),
            (.greet([0x20, 2, 0, 0]), [.protocolViolation, .connectionLost]),
            (.greet([0x30, 4, 0, 1, 0x61, 0]), [.protocolViolation]),
            (.greet([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]), [.protocolViolation]),
        ] as [(FakeBroker.Script, [MosquittoError.Code])])
    func broken(script: FakeBroker.Script, codes: [MosquittoError.Code]) throws {
        let broker = try FakeBroker(script)
        let session = try Session(broker.url) { $0.maximumIncomingPacket = 10_000 }
        #expect(eventually { session.events.disconnections.count >= 3 })
        for disconnection in session.events.disconnections {
            #expect(codes.contains { $0 == disconnection.error?.code }, "\(disconnection)")
        }
        #expect(session.events.messages.isEmpty)
        let attempts = session.client.statistics.attempts
        #expect(attempts <= session.events.disconnections.count + 1)
        session.close()
        broker.stop()
    }

    @Test("a server that never answers is given up after the connect timeout")
    func hangs() throws {
        let broker = try FakeBroker(.hang)
        let session = try Session(broker.url) { $0.connectTimeout = .milliseconds(100) }
        #expect(eventually { session.events.disconnections.count >= 2 })
        #expect(session.events.disconnections.first?.error?.code == .timedOut)
        // While an attempt is under way, stopping does not wait for it.
        let began = ContinuousClock.now
        #expect(session.client.disconnect(timeout: .seconds(5)))
        #expect(ContinuousClock.now - began < .seconds(1))
        broker.stop()
    }

    @Test("a refused subscription is an event with its reason, on each connection")
    func refusedSubscription() throws {
        let broker = try FakeBroker(.refuseSubscription(0x87))
        let session = try Session(broker.url).connected()
        try session.client.subscribe("secret/#", qos: .atLeastOnce)
        #expect(eventually { session.events.subscriptions.contains { $0 == ("secret/#", .notAuthorized) } })
        session.client.reconnect()
        #expect(eventually { session.events.subscriptions.count == 2 })
        session.close()
        broker.stop()
    }
}
