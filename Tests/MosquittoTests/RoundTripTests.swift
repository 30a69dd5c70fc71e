import BrokerSupport
import Mosquitto
import Synchronization
import Testing

/// Against a real mosquitto.
struct RoundTripTests {
    @Test("what is published arrives, with its properties, at both qualities of service")
    func roundTrip() throws {
        let broker = try BrokerProcess()
        let session = try Session(broker.url).connected()
        try session.client.subscribe("a/+", qos: .atLeastOnce)
        #expect(eventually { session.events.subscriptions.contains { $0 == ("a/+", .grantedQoS1) } })
        try session.client.publish("one".bytes, to: "a/1", .atLeastOnce(1), contentType: "text/plain")
        try session.client.publish([UInt8](repeating: 7, count: 300_000), to: "a/2", .atMostOnce)
        try session.client.publish([], to: "a/3", .atLeastOnce(3))
        #expect(eventually { session.events.messages.count == 3 && session.events.acknowledgements.count == 2 })
        let messages = session.events.messages.sorted { $0.topic < $1.topic }
        #expect(messages.map(\.topic) == ["a/1", "a/2", "a/3"])
        #expect(messages[0].payload == "one".bytes)
        #expect(messages[0].contentType == "text/plain")
        #expect(messages[0].qos == .atLeastOnce)
        #expect(!messages[0].isRetained)
        #expect(messages[1].payload.count == 300_000)
        #expect(messages[1].qos == .atMostOnce)
        #expect(messages[2].payload.isEmpty)
        #expect(session.events.acknowledgements.map(\.token) == [1, 3])
        #expect(session.client.statistics.backlogBytes == 0)
        session.close()
        #expect(
            session.events.disconnections == [
                Disconnection(error: nil, retryIn: nil, wasConnected: true, abandoned: [])
            ])
    }

    @Test("after unsubscribing nothing comes any more")
    func unsubscribe() throws {
        let broker = try BrokerProcess()
        let session = try Session(broker.url).connected()
        try session.client.subscribe("a", qos: .atLeastOnce)
        try session.client.subscribe("b", qos: .atLeastOnce)
        #expect(eventually { session.events.subscriptions.count == 2 })
        try session.client.unsubscribe("a")
        try session.client.publish([1], to: "a", .atLeastOnce(1))
        try session.client.publish([2], to: "b", .atLeastOnce(2))
        #expect(eventually { !session.events.messages.isEmpty })
        #expect(session.events.messages.map(\.topic) == ["b"])
        #expect(session.events.acknowledgements.first?.reason == .noMatchingSubscribers)
        session.close()
    }

    @Test("user properties of other clients are read, in order")
    func userProperties() throws {
        let broker = try BrokerProcess()
        let session = try Session(broker.url).connected()
        try session.client.subscribe("p", qos: .atLeastOnce)
        #expect(eventually { !session.events.subscriptions.isEmpty })
        try Command.run(
            "mosquitto_pub",
            ["-V", "5", "-p", "\(broker.port)", "-t", "p", "-m", "x"]
                + ["a", "b", "a"].enumerated().flatMap {
                    ["-D", "publish", "user-property", $0.element, "\($0.offset)"]
                })
        #expect(eventually { !session.events.messages.isEmpty })
        #expect(
            session.events.messages.first?.userProperties.map { "\($0.name)=\($0.value)" } == ["a=0", "b=1", "a=2"])
        session.close()
    }

    @Test("ten thousand QoS 1 publishes from four threads are acknowledged one to one")
    func acknowledgements() throws {
        var options = BrokerProcess.Options()
        options.extra = ["max_inflight_messages 100", "max_queued_messages 0"]
        let broker = try BrokerProcess(options)
        let session = try Session(broker.url) { $0.maximumOutstanding = 64 }.connected()
        #expect(session.events.connections.first?.window == 64)
        let count: Token = 10_000
        let next = Atomic<UInt64>(0)
        let fullWindows = Atomic(0)
        let workers = (0..<4).map { _ in
            Worker {
                while true {
                    let token = next.wrappingAdd(1, ordering: .relaxed).oldValue
                    if token >= count { return }
                    let payload = withUnsafeBytes(of: token.bigEndian) { [UInt8]($0) }
                    let isSent = eventually {
                        do {
                            return try session.client.publish(payload, to: "t", .atLeastOnce(token))
                        } catch {
                            #expect((error as? MosquittoError)?.code == .windowFull)
                            fullWindows.add(1, ordering: .relaxed)
                            return false
                        }
                    }
                    #expect(isSent)
                }
            }
        }
        workers.forEach { $0.join() }
        #expect(eventually { session.events.acknowledgements.count >= count })
        #expect(session.events.acknowledgements.map(\.token).sorted() == Array(0..<count))
        #expect(session.events.acknowledgements.allSatisfy { $0.reason == .noMatchingSubscribers })
        #expect(session.client.statistics.outstanding == 0)
        #expect(session.events.disconnections.isEmpty)
        session.close()
        #expect(session.events.acknowledgements.count == count)
    }

    @Test("a client that dies leaves its will; one that says goodbye leaves its farewell")
    func willAndFarewell() throws {
        let broker = try BrokerProcess()
        let watcher = try Session(broker.url, id: "watcher").connected()
        try watcher.client.subscribe("+/status", qos: .atLeastOnce)
        #expect(eventually { !watcher.events.subscriptions.isEmpty })
        func status(_ agent: String, _ text: String) -> Publication {
            Publication(topic: "\(agent)/status", payload: text.bytes, retain: true)
        }
        let polite = try Session(broker.url, id: "polite") { $0.will = status("polite", "will") }.connected()
        #expect(polite.client.disconnect(farewell: status("polite", "offline"), timeout: .seconds(5)))
        #expect(throws: MosquittoError.self) { try polite.client.publish([], to: "a", .atLeastOnce(1)) }

        // A second client of the same id makes the broker cut the first, as death of its process would.
        let first = try Session(broker.url, id: "twin") {
            $0.will = status("twin", "will")
            $0.backoff = Backoff(minimum: .seconds(60), base: .seconds(60), random: { 0 })
        }.connected()
        let second = try Session(broker.url, id: "twin").connected()
        #expect(eventually { !first.events.disconnections.isEmpty })
        #expect(first.events.disconnections.first?.wasConnected == true)

        #expect(eventually { watcher.events.messages.count == 2 })
        #expect(watcher.events.messages.map { String(decoding: $0.payload, as: UTF8.self) } == ["offline", "will"])

        // Retained: a late watcher learns it too.
        let late = try Session(broker.url, id: "late").connected()
        try late.client.subscribe("+/status", qos: .atLeastOnce)
        #expect(eventually { late.events.messages.count == 2 })
        #expect(late.events.messages.allSatisfy { $0.isRetained })
        [watcher, first, second, late].forEach { $0.close() }
    }

    @Test("a client that is cut off without DISCONNECT leaves its will")
    func cutOff() throws {
        let broker = try BrokerProcess()
        let watcher = try Session(broker.url, id: "watcher").connected()
        try watcher.client.subscribe("w", qos: .atLeastOnce)
        #expect(eventually { !watcher.events.subscriptions.isEmpty })
        let victim = try Session(broker.url, id: "victim") { $0.will = Publication(topic: "w", payload: [9]) }
            .connected()
        // Not flushed in time means cut without DISCONNECT, which is what the broker sees of a killed process.
        #expect(!victim.client.disconnect(timeout: .zero))
        #expect(eventually { watcher.events.messages.map(\.payload) == [[9]] })
        watcher.close()
    }

    @Test("a publish that the ACL denies is acknowledged as a failure")
    func denied() throws {
        var options = BrokerProcess.Options()
        options.acl = "user arm\ntopic write up/arm\n"
        options.users = [("arm", "secret")]
        options.allowAnonymous = false
        let broker = try BrokerProcess(options)
        let session = try Session(broker.url, id: "arm") {
            $0.credentials = Credentials(userName: "arm", password: "secret")
        }.connected()
        try session.client.publish([1], to: "up/other", .atLeastOnce(1))
        try session.client.publish([1], to: "up/arm", .atLeastOnce(2))
        #expect(eventually { session.events.acknowledgements.count == 2 })
        #expect(session.events.acknowledgements.map(\.reason) == [.notAuthorized, .noMatchingSubscribers])
        session.close()

        let stranger = try Session(broker.url, id: "stranger") {
            $0.credentials = Credentials(userName: "arm", password: "guess")
        }
        #expect(eventually { stranger.events.disconnections.count >= 2 })
        let error = stranger.events.disconnections.first?.error
        #expect(error?.code == .refused)
        #expect(error?.isPermanent == true)
        #expect(error?.reason == .notAuthorized || error?.reason == .badUserNameOrPassword)
        // A permanent refusal waits at the slow bound: half the maximum and more.
        #expect(stranger.events.disconnections.allSatisfy { $0.retryIn ?? .zero >= .milliseconds(100) })
        stranger.close()
    }
}
