package import Configuration
package import Delivery
package import Mosquitto

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// How to reach a broker and be let in: the keys that every connection to one has.
package struct BrokerAccess: ConfigurationDecodable, Sendable {
    package var address: BrokerAddress
    package var tls: TLSFiles
    package var username: String?
    package var passwordFile: String?
    /// Nanoseconds, whole seconds.
    package var keepAlive: Int64

    package init(address: BrokerAddress, keepAlive: Int64 = 30_000_000_000) {
        self.address = address
        self.keepAlive = keepAlive
        tls = TLSFiles()
    }

    package init(from reader: inout MappingReader) {
        address = reader.required("url", as: .brokerAddress)
        tls = TLSFiles()
        tls.ca = reader.optional("ca", as: .absolutePath)
        tls.certificate = reader.optional("cert", as: .absolutePath)
        tls.key = reader.optional("key", as: .absolutePath)
        username = reader.optional("username", as: .nonEmptyString)
        passwordFile = reader.optional("password-file", as: .absolutePath)
        keepAlive = reader.value(
            "keepalive", as: .nanoseconds(in: 5_000_000_000...3_600_000_000_000), default: 30_000_000_000)
        checkTogether(reader)
    }

    private func checkTogether(_ reader: MappingReader) {
        if (tls.certificate == nil) != (tls.key == nil) {
            let present = tls.certificate == nil ? "key" : "cert"
            reader.report("'cert' and 'key' go together; add the other one", key: present)
        }
        for key in ["ca", "cert", "key"]
        where reader.contains(key) && reader.isSound("url") && !address.usesTLS {
            reader.report("needs TLS; write the url as mqtts://… or remove it", key: key)
        }
        if passwordFile != nil, username == nil {
            reader.report("needs a 'username' beside it", key: "password-file")
        }
    }

    /// What a client needs to connect as `clientID`; reads the password file now, so that a new password takes effect at the next
    /// start.
    ///
    /// `will`: what the broker publishes when the client is gone without a word.
    /// Throws `ConnectionError` when the password file cannot be read or is readable by everybody.
    package func options(clientID: String, will: Publication? = nil) throws(ConnectionError) -> MQTTOptions {
        var options = MQTTOptions(address: address, clientID: clientID)
        options.tls = tls
        options.keepAlive = .nanoseconds(keepAlive)
        options.will = will
        if let username {
            options.credentials = Credentials(userName: username, password: try passwordFile.map(Self.password))
        }
        return options
    }

    private static func password(in path: String) throws(ConnectionError) -> String {
        var status = stat()
        guard stat(path, &status) == 0 else { throw ConnectionError(.unreadable, path, "cannot be read", errno) }
        guard status.st_mode & 0o007 == 0 else {
            throw ConnectionError(.exposed, path, "can be read by everybody; run 'chmod o= \(path)'", 0)
        }
        let file: ConfigurationFile
        do throws(ConfigurationError) {
            file = try ConfigurationFile.load(path, limit: 64 * 1024)
        } catch {
            throw ConnectionError(.unreadable, path, "cannot be read", error.cause ?? 0)
        }
        return String(
            decoding: file.bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }, as: UTF8.self)
    }
}

/// The `mqtt:` section, the same in `agent.yaml` and `collector.yaml`.
package struct BrokerSettings: ConfigurationDecodable, Sendable {
    package var access: BrokerAccess
    package var topics: Topics

    package init(from reader: inout MappingReader) {
        access = BrokerAccess(from: &reader)
        topics = reader.value("root", as: .topicRoot, default: .standard)
    }

    package var address: BrokerAddress { access.address }

    /// ``BrokerAccess/options(clientID:will:)`` of the section.
    package func options(clientID: String, will: Publication? = nil) throws(ConnectionError) -> MQTTOptions {
        try access.options(clientID: clientID, will: will)
    }
}
