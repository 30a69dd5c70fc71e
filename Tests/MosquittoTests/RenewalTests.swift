import BrokerSupport
import Certificates
import Synchronization
import Testing

@testable import Mosquitto

/// Against a real mosquitto that wants certificates made by openssl for the test.
struct RenewalTests {
    private static func identity(_ material: TLSMaterial, ca: TLSMaterial? = nil) throws -> ClientCredentials {
        try ClientCredentials(
            ca: (ca ?? material).caPath, certificate: material.clientCertificate, key: material.clientKey)
    }

    private static func broker(_ material: TLSMaterial) throws -> BrokerProcess {
        var options = BrokerProcess.Options()
        options.tls = material
        options.requireClientCertificate = true
        return try BrokerProcess(options)
    }

    @Test("renewed credentials replace the connection in good order: the will does not speak")
    func renewed() throws {
        let material = try TLSMaterial()
        let broker = try Self.broker(material)
        let watcher = try Session(broker.url, id: "watcher") { $0.identity = try? Self.identity(material) }.connected()
        try watcher.client.subscribe("will", qos: .atLeastOnce)
        #expect(eventually { !watcher.events.subscriptions.isEmpty })
        let session = try Session(broker.url) {
            $0.identity = try? Self.identity(material)
            $0.will = Publication(topic: "will", payload: [1])
        }.connected()
        session.client.renew(MQTTCredentials(identity: try Self.identity(material)))
        #expect(eventually { session.events.connections.count == 2 })
        #expect(session.events.disconnections.first?.error?.code == .renewed)
        try session.client.publish([2], to: "will", .atLeastOnce(7))
        #expect(eventually { watcher.events.messages.map(\.payload).contains([2]) })
        #expect(watcher.events.messages.map(\.payload) == [[2]])
        session.close()
        watcher.close()
    }

    @Test("credentials that the broker does not take are not used when those before them are")
    func former() throws {
        let (material, foreign) = (try TLSMaterial(), try TLSMaterial())
        let broker = try Self.broker(material)
        let session = try Session(broker.url) { $0.identity = try? Self.identity(material) }.connected()
        session.client.renew(MQTTCredentials(identity: try Self.identity(foreign, ca: material)))
        #expect(eventually { session.events.connections.count == 2 })
        let refusal = session.events.disconnections.dropFirst().first?.error
        #expect(refusal?.code == .tls || refusal?.code == .connectionLost, "\(refusal?.message ?? "")")
        session.close()
    }

    @Test("credentials that come while a connection is being made replace it once it stands")
    func renewedInHandshake() throws {
        let broker = try FakeBroker(.neverAcknowledge)
        let (events, late) = (Recorder(), LateRenewal())
        var options = MQTTOptions(address: try BrokerAddress(url: broker.url), clientID: "client")
        options.credentials = Credentials(userName: "old")
        options.backoff = Backoff(
            minimum: .milliseconds(20), base: .milliseconds(40), maximum: .milliseconds(200), random: { 0.5 })
        // The library tells of CONNACK before the connection stands.
        options.log = { _, line in if line.contains("CONNACK") { late.renew() } }
        let client = try MQTTClient(options) { events.append($0) }
        late.wait(with: client)
        try client.start()
        #expect(eventually { events.connections.count == 2 })
        #expect(events.disconnections.first?.error?.code == .renewed)
        let names = broker.connects.map { String(decoding: $0, as: UTF8.self) }
        #expect(names.first?.contains("old") == true)
        #expect(names.last?.contains("new") == true)
        client.disconnect(timeout: .seconds(2))
        broker.stop()
    }

    @Test("the newest credentials are tried first, those before them after a refusal, and in turn")
    func book() {
        let book = CredentialBook(MQTTCredentials(login: Credentials(userName: "old")))
        let refused = MosquittoError(.tls, "refused")
        let lost = MosquittoError(.unreachable, "away")
        func name() -> String? { book.current.login?.userName }
        #expect(!book.failed(refused, false))
        book.renew(MQTTCredentials(login: Credentials(userName: "new")))
        #expect(name() == "new")
        #expect(!book.failed(lost, false), "a network that is away says nothing about credentials")
        #expect(name() == "new")
        #expect(book.failed(refused, false))
        #expect(name() == "old")
        book.worked()
        #expect(!book.failed(lost, true))
        #expect(name() == "new")
        book.worked()
        #expect(!book.failed(refused, false))
        #expect(name() == "new", "those that have worked are the only ones")
    }

    @Test("credentials that are replaced before they worked do not take the place of those that did")
    func replacedUnproven() {
        let book = CredentialBook(MQTTCredentials(login: Credentials(userName: "a")))
        let refused = MosquittoError(.tls, "refused")
        func name() -> String? { book.current.login?.userName }
        #expect(name() == "a")
        book.worked()
        book.renew(MQTTCredentials(login: Credentials(userName: "b")))
        #expect(name() == "b")
        #expect(!book.failed(MosquittoError(.unreachable, "away"), false))
        book.renew(MQTTCredentials(login: Credentials(userName: "c")))
        #expect(name() == "c")
        #expect(book.failed(refused, false))
        #expect(name() == "a")
    }

    @Test("credentials that come while a connection is being made are next, and those it was made with are kept")
    func renewedMeanwhile() {
        let book = CredentialBook(MQTTCredentials(login: Credentials(userName: "a")))
        let refused = MosquittoError(.tls, "refused")
        func name() -> String? { book.current.login?.userName }
        #expect(name() == "a")
        book.worked()
        book.renew(MQTTCredentials(login: Credentials(userName: "b")))
        #expect(name() == "b")
        book.renew(MQTTCredentials(login: Credentials(userName: "c")))
        #expect(book.isFresh)
        book.worked()
        #expect(book.isFresh, "the connection that stands is not made with them")
        #expect(name() == "c")
        #expect(book.failed(refused, false))
        #expect(name() == "b", "the last that worked")
        book.renew(MQTTCredentials(login: Credentials(userName: "d")))
        #expect(book.failed(refused, false))
        #expect(name() == "d", "a refusal of others says nothing of them")
    }
}

/// Renews the credentials of a client once, whenever it is told to.
private final class LateRenewal: Sendable {
    private let client = Mutex<MQTTClient?>(nil)

    func wait(with client: MQTTClient) { self.client.withLock { $0 = client } }

    func renew() {
        let client = client.withLock { $0.take() }
        client?.renew(MQTTCredentials(login: Credentials(userName: "new")))
    }
}
