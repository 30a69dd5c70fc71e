import BrokerSupport
import Mosquitto
import Testing

/// Faults of the broker and of the way to it.
struct RecoveryTests {
    @Test("a broker killed and restarted finds its clients again, with their subscriptions, and nothing is sent twice")
    func restart() throws {
        let broker = try BrokerProcess()
        let session = try Session(broker.url).connected()
        try session.client.subscribe("a", qos: .atLeastOnce)
        #expect(eventually { session.events.subscriptions.count == 1 })
        // Hung, it takes the publishes and acknowledges none.
        broker.pause()
        for token in 1...5 { try session.client.publish([UInt8(token)], to: "a", .atLeastOnce(Token(token))) }
        broker.kill()
        #expect(eventually { !session.events.disconnections.isEmpty })
        #expect(session.events.disconnections.first?.abandoned == [1, 2, 3, 4, 5])
        let error = #expect(throws: MosquittoError.self) { try session.client.publish([], to: "a", .atLeastOnce(6)) }
        #expect(error?.code == .notConnected)
        #expect(try !session.client.publish([], to: "a", .atMostOnce))
        #expect(session.client.statistics.droppedAtMostOnce == 1)
        #expect(eventually { session.events.disconnections.count >= 2 })
        #expect(session.events.disconnections[1].error?.code == .unreachable)
        #expect(session.events.disconnections[1].error?.message.contains("no broker answers at 127.0.0.1") == true)

        try broker.start()
        #expect(eventually { session.events.connections.count == 2 && session.events.subscriptions.count == 2 })
        try session.client.publish([77], to: "a", .atLeastOnce(77))
        #expect(eventually { session.events.acknowledgements.contains { $0.token == 77 } })
        #expect(eventually { !session.events.messages.isEmpty })
        // The subscription stood before 77: had the library resent 1 to 5, they would have come first.
        #expect(session.events.messages.map(\.payload) == [[77]])
        #expect(session.events.acknowledgements.map(\.token) == [77])
        session.close()
    }

    @Test("the library resends nothing on a new connection")
    func noResend() throws {
        let broker = try FakeBroker(.neverAcknowledge)
        let session = try Session(broker.url) { $0.cleanStart = false }.connected()
        for token in 1...3 { try session.client.publish([UInt8(token)], to: "a", .atLeastOnce(Token(token))) }
        #expect(eventually { broker.publishes.count == 3 })
        broker.cut()
        #expect(eventually { session.events.connections.count == 2 })
        try session.client.publish([9], to: "a", .atLeastOnce(9))
        #expect(eventually { broker.publishes.count >= 4 })
        #expect(broker.publishes.map(\.payload) == [[1], [2], [3], [9]])
        #expect(broker.publishes.allSatisfy { !$0.isDuplicate })
        #expect(session.events.disconnections.first?.abandoned == [1, 2, 3])
        session.client.disconnect(timeout: .zero)
        broker.stop()
    }

    @Test("a hung broker is found by the keep-alive")
    func hung() throws {
        let broker = try BrokerProcess()
        let session = try Session(broker.url) { $0.connectTimeout = .seconds(1) }.connected()
        broker.pause()
        try session.client.publish([1], to: "a", .atLeastOnce(1))
        #expect(eventually(within: .seconds(14)) { !session.events.disconnections.isEmpty })
        #expect(session.events.disconnections.first?.error?.code == .keepAliveExpired)
        #expect(session.events.disconnections.first?.abandoned == [1])
        // Its kernel still accepts; only the connect timeout tells.
        #expect(eventually { session.events.disconnections.count >= 2 })
        #expect(session.events.disconnections.dropFirst().first?.error?.code == .timedOut)
        broker.resume()
        #expect(eventually { session.events.connections.count >= 2 })
        session.close()
    }

    @Test("an idle connection lives on pings")
    func idle() throws {
        let broker = try BrokerProcess()
        let session = try Session(broker.url).connected()
        #expect(eventually(within: .seconds(14)) { broker.log.components(of: "Received PINGREQ").count >= 2 })
        #expect(session.events.disconnections.isEmpty)
        session.close()
    }

    @Test("QoS 0 is dropped and counted, and QoS 1 refused, when the broker takes no more")
    func backlog() throws {
        let broker = try BrokerProcess()
        let session = try Session(broker.url) {
            $0.maximumBacklog = 100_000
            $0.maximumOutstanding = 3
        }.connected()
        broker.pause()
        let payload = [UInt8](repeating: 1, count: 50_000)
        var taken = 0
        // Some megabytes go into the kernel's buffers first.
        #expect(
            try eventually {
                if try session.client.publish(payload, to: "a", .atMostOnce) { taken += 1 }
                return session.client.statistics.droppedAtMostOnce >= 100
            })
        #expect(session.client.statistics.backlogBytes <= 100_000)
        #expect(taken > 2)
        for token in 1...3 { try session.client.publish([1], to: "a", .atLeastOnce(Token(token))) }
        let error = #expect(throws: MosquittoError.self) { try session.client.publish([1], to: "a", .atLeastOnce(4)) }
        #expect(error?.code == .windowFull)
        broker.resume()
        #expect(eventually { session.events.acknowledgements.map(\.token) == [1, 2, 3] })
        #expect(session.client.statistics.backlogBytes == 0)
        session.close()
    }

    @Test("a persistent session keeps messages while its client is away")
    func persistentSession() throws {
        let broker = try BrokerProcess()
        func collector() throws -> Session {
            try Session(broker.url, id: "collector") {
                $0.cleanStart = false
                $0.sessionExpiry = .seconds(600)
            }.connected()
        }
        let before = try collector()
        #expect(before.events.connections.first?.sessionPresent == false)
        try before.client.subscribe("a", qos: .atLeastOnce)
        #expect(eventually { !before.events.subscriptions.isEmpty })
        before.close()
        let agent = try Session(broker.url, id: "agent").connected()
        try agent.client.publish([5], to: "a", .atLeastOnce(5))
        #expect(eventually { agent.events.acknowledgements.first?.reason == .success })
        let after = try collector()
        #expect(after.events.connections.first?.sessionPresent == true)
        #expect(eventually { after.events.messages.map(\.payload) == [[5]] })
        [agent, after].forEach { $0.close() }
    }

    @Test("a name with IPv6 and IPv4 addresses reaches a broker that listens on IPv4 alone")
    func localhost() throws {
        let broker = try BrokerProcess()
        let session = try Session("mqtt://localhost:\(broker.port)").connected()
        #expect(session.events.disconnections.isEmpty)
        session.close()
    }

    @Test("a host that does not exist is reported as such, and tried again")
    func unknownHost() throws {
        let session = try Session("mqtt://does-not-exist.invalid")
        #expect(eventually(within: .seconds(25)) { session.events.disconnections.count >= 2 })
        #expect(session.events.disconnections.first?.error?.code == .unresolvedHost)
        #expect(session.events.disconnections.first?.error?.message.contains("does-not-exist.invalid") == true)
        session.close()
    }
}

extension String {
    fileprivate func components(of part: String) -> [Range<Index>] { ranges(of: part) }
}
