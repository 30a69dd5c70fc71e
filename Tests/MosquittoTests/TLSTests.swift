import BrokerSupport
import Mosquitto
import Testing

/// Certificates made by openssl for the test.
struct TLSTests {
    @Test("TLS with a client certificate carries messages")
    func accepted() throws {
        let material = try TLSMaterial()
        var options = BrokerProcess.Options()
        options.tls = material
        options.requireClientCertificate = true
        let broker = try BrokerProcess(options)
        let session = try Session(broker.url) {
            $0.tls = TLSFiles(
                ca: material.caPath, certificate: material.clientCertificate, key: material.clientKey)
        }.connected()
        try session.client.subscribe("a", qos: .atLeastOnce)
        try session.client.publish([UInt8](repeating: 3, count: 200_000), to: "a", .atLeastOnce(1))
        #expect(eventually { session.events.messages.first?.payload.count == 200_000 })
        #expect(eventually { session.events.acknowledgements.count == 1 })
        session.close()
    }

    @Test("a certificate for another host, or of another CA, is refused and named as the cause")
    func refused() throws {
        let material = try TLSMaterial(hostNames: ["other.example"], addresses: ["127.0.0.9"])
        let foreign = try TLSMaterial()
        var options = BrokerProcess.Options()
        options.tls = material
        let broker = try BrokerProcess(options)
        for (ca, cause) in [
            (material.caPath, "and not for 'localhost'"), (foreign.caPath, "not the CA that is trusted here"),
        ] {
            let session = try Session(broker.url) { $0.tls.ca = ca }
            #expect(eventually { session.events.disconnections.count >= 2 })
            let error = session.events.disconnections.first?.error
            #expect(error?.code == .tls)
            #expect(error?.isPermanent == true)
            #expect(error?.message.contains(cause) == true, "\(error?.message ?? "")")
            #expect(session.events.connections.isEmpty)
            session.close()
        }
    }

    @Test("a file that is no certificate is named")
    func notACertificate() throws {
        let folder = try TemporaryFolder("tls")
        let path = try folder.write("not a certificate", to: "ca.pem")
        let error = #expect(throws: MosquittoError.self) { try Session("mqtts://localhost:1") { $0.tls.ca = path } }
        #expect(error?.code == .tls)
        #expect(error?.message == "\(path): holds no certificate in PEM")
    }

    @Test("a server that closes in the handshake, or speaks no TLS, is tried again without spinning")
    func brokenHandshake() throws {
        for script in [FakeBroker.Script.hang, .greet([1])] {
            let broker = try FakeBroker(script)
            let session = try Session("mqtts://localhost:\(broker.port)") { $0.connectTimeout = .milliseconds(200) }
            #expect(eventually { broker.connections >= 1 })
            #expect(eventually { session.events.disconnections.count >= 3 })
            #expect(session.events.connections.isEmpty)
            session.close()
            broker.stop()
        }
    }
}
