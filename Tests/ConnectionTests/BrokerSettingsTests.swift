import BrokerSupport
import Certificates
import Configuration
import Connection
import Delivery
import Foundation
import Mosquitto
import Telemetry
import Testing

/// A file of nothing but `mqtt:`.
private struct Section: ConfigurationDecodable {
    var broker: BrokerSettings

    init(from reader: inout MappingReader) {
        broker = reader.required("mqtt", as: .mapping(BrokerSettings.self))
    }
}

private func settings(_ body: String) throws -> BrokerSettings {
    try ConfigurationFile(name: "box.yaml", text: "mqtt: {\(body)}\n").decode(Section.self).broker
}

@Suite("The mqtt: section")
struct BrokerSettingsTests {
    struct Complaint: Sendable, CustomTestStringConvertible {
        let body: String
        let messages: [String]
        var testDescription: String { body }

        init(_ body: String, _ messages: String...) {
            self.body = body
            self.messages = messages
        }
    }

    private static let rootRule = "must be topic levels without '+', '#' or a leading '$', such as 'fieldproof'"
    private static let urlAdvice = "write mqtt://host:port or mqtts://host:port"

    static let complaints = [
        Complaint("", "box.yaml:1:7: mqtt.url: missing; give a url such as mqtt://127.0.0.1:1883"),
        Complaint(
            "url: 'mqtts://b', cert: /c.pem",
            "box.yaml:1:32: mqtt.cert: 'cert' and 'key' go together; add the other one"),
        Complaint(
            "url: 'mqtts://b', key: /c.key",
            "box.yaml:1:31: mqtt.key: 'cert' and 'key' go together; add the other one"),
        Complaint(
            "url: 'mqtt://b', ca: /ca.pem",
            "box.yaml:1:29: mqtt.ca: needs TLS; write the url as mqtts://… or remove it"),
        Complaint(
            "url: 'mqtt://b', cert: /c.pem, key: /c.key",
            "box.yaml:1:31: mqtt.cert: needs TLS; write the url as mqtts://… or remove it",
            "box.yaml:1:44: mqtt.key: needs TLS; write the url as mqtts://… or remove it"),
        Complaint(
            "url: 'mqtt://b', password-file: /p",
            "box.yaml:1:40: mqtt.password-file: needs a 'username' beside it"),
        Complaint(
            "url: 'http://b', ca: /ca.pem",
            "box.yaml:1:13: mqtt.url: 'http://b' is no broker url: the scheme is neither mqtt nor mqtts; \(urlAdvice)"),
        Complaint(
            "url: 'mqtt://user:secret@b'",
            "box.yaml:1:13: mqtt.url: 'mqtt://…@b' is no broker url: credentials do not belong in the url; " + urlAdvice
        ),
        Complaint(
            "url: 'mqtt://b:70000'",
            "box.yaml:1:13: mqtt.url: 'mqtt://b:70000' is no broker url: the port '70000' is not in 1…65535; \(urlAdvice)"
        ),
        Complaint("url: 'mqtt://b', root: 'a/+/b'", "box.yaml:1:31: mqtt.root: \(rootRule)"),
        Complaint("url: 'mqtt://b', root: ''", "box.yaml:1:31: mqtt.root: \(rootRule)"),
        Complaint("url: 'mqtt://b', root: '$SYS'", "box.yaml:1:31: mqtt.root: \(rootRule)"),
        Complaint("url: 'mqtt://b', root: 'a//b'", "box.yaml:1:31: mqtt.root: \(rootRule)"),
        Complaint(
            "url: 'mqtt://b', keepalive: 1s",
            "box.yaml:1:36: mqtt.keepalive: must be between 5s and 1h, found the text '1s'"),
        Complaint(
            "url: 'mqtts://b', ca: ca.pem",
            "box.yaml:1:30: mqtt.ca: must be an absolute path, which begins with '/', found the text 'ca.pem'"),
        Complaint(
            "url: 'mqtt://b', pasword-file: /p",
            "box.yaml:1:25: mqtt.pasword-file: unknown key; did you mean 'password-file'?"),
    ]

    @Test("what is wrong is said at its place, and nothing else", arguments: complaints)
    func wrong(_ complaint: Complaint) throws {
        let error = #expect(throws: ConfigurationError.self) { try settings(complaint.body) }
        #expect(error?.description == complaint.messages.joined(separator: "\n"))
    }

    @Test("with nothing but a url there are sensible defaults")
    func defaults() throws {
        let settings = try settings("url: 'mqtt://b'")
        #expect(settings.address == BrokerAddress(host: "b", port: 1883))
        #expect(settings.topics == .standard)
        let options = try settings.options(clientID: "box-01")
        #expect(options.clientID == "box-01")
        #expect(options.credentials == nil)
        #expect(options.will == nil)
        #expect(options.keepAlive == .seconds(30))
        #expect(options.tls == TLSFiles())
        #expect(options.cleanStart)
    }

    @Test("everything that is set reaches the client's options")
    func everything() throws {
        let folder = try TemporaryFolder("connection")
        let password = try secret("geheim\r\nsecond line\n", in: folder, mode: 0o640)
        let material = try TLSMaterial()
        let files = TLSFiles(ca: material.caPath, certificate: material.clientCertificate, key: material.clientKey)
        let settings = try settings(
            "url: 'mqtts://b:8884', root: lab/west, ca: \(material.caPath), cert: \(material.clientCertificate), "
                + "key: \(material.clientKey), username: box, password-file: \(password), keepalive: 45s")
        let will = Publication(topic: "t", payload: [1], qos: .atLeastOnce, retain: true)
        let options = try settings.options(clientID: "box-01", will: will)
        #expect(options.address == BrokerAddress(host: "b", port: 8884, usesTLS: true))
        #expect(settings.topics == Topics(root: "lab/west"))
        #expect(options.tls == files)
        #expect(options.identity?.validity != nil)
        #expect(options.credentials == Credentials(userName: "box", password: "geheim"))
        #expect(options.keepAlive == .seconds(45))
        #expect(options.will == will)
    }

    @Test("a user name may stand alone")
    func userOnly() throws {
        let options = try settings("url: 'mqtt://b', username: box").options(clientID: "box")
        #expect(options.credentials == Credentials(userName: "box", password: nil))
    }

    @Test("a password is read when options are made")
    func rereading() throws {
        let folder = try TemporaryFolder("connection")
        let path = try secret("one", in: folder, mode: 0o600)
        let settings = try settings("url: 'mqtt://b', username: box, password-file: \(path)")
        #expect(try settings.options(clientID: "box").credentials?.password == "one")
        _ = try secret("two\n", in: folder, mode: 0o600)
        #expect(try settings.options(clientID: "box").credentials?.password == "two")
    }

    @Test("a password that everybody can read is refused", arguments: [0o644, 0o604, 0o602, 0o601])
    func exposed(mode: Int) throws {
        let folder = try TemporaryFolder("connection")
        let path = try secret("one", in: folder, mode: mode)
        let settings = try settings("url: 'mqtt://b', username: box, password-file: \(path)")
        let error = #expect(throws: ConnectionError.self) { try settings.options(clientID: "box") }
        #expect(error?.code == .exposed)
        #expect(error?.description == "\(path): can be read by everybody; run 'chmod o= \(path)'")
    }

    @Test("a password file that is not there is named, with the system's reason")
    func missing() throws {
        let settings = try settings("url: 'mqtt://b', username: box, password-file: /nonexistent/password")
        let error = #expect(throws: ConnectionError.self) { try settings.options(clientID: "box") }
        #expect(error?.code == .unreadable)
        #expect(error?.description == "/nonexistent/password: cannot be read: No such file or directory")
    }

    @Test("no message shows the password")
    func silence() throws {
        let folder = try TemporaryFolder("connection")
        let path = try secret("geheim", in: folder, mode: 0o644)
        let settings = try settings("url: 'mqtt://b', username: box, password-file: \(path)")
        let error = #expect(throws: ConnectionError.self) { try settings.options(clientID: "box") }
        #expect(error?.description.contains("geheim") == false)
    }

    private func secret(_ text: String, in folder: TemporaryFolder, mode: Int) throws -> String {
        let path = try folder.write(text, to: "password")
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return path
    }
}
