import BrokerSupport
import Certificates
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
}
