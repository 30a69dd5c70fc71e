import Certificates
package import Configuration
package import Delivery
package import Mosquitto

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

    /// What a client needs to connect as `clientID`; reads the files of certificates and passwords now.
    ///
    /// `will`: what the broker publishes when the client is gone without a word. `credentials`: those that were read already.
    /// Throws `ConnectionError` when a file cannot be read, others can read a secret, or certificate and key do not fit together.
    package func options(
        clientID: String, will: Publication? = nil, credentials: MQTTCredentials? = nil
    ) throws(ConnectionError) -> MQTTOptions {
        var options = MQTTOptions(address: address, clientID: clientID)
        options.tls = tls
        options.keepAlive = .nanoseconds(keepAlive)
        options.will = will
        let credentials = if let credentials { credentials } else { try self.credentials() }
        options.credentials = credentials.login
        options.identity = credentials.identity
        return options
    }

    /// What the files say now.
    package func credentials() throws(ConnectionError) -> MQTTCredentials {
        do throws(CertificateError) {
            var credentials = MQTTCredentials()
            if let username {
                credentials.login = Credentials(userName: username, password: try passwordFile.map(Self.password))
            }
            if address.usesTLS {
                credentials.identity = try ClientCredentials(ca: tls.ca, certificate: tls.certificate, key: tls.key)
            }
            return credentials
        } catch {
            throw ConnectionError(error)
        }
    }

    private static func password(in path: String) throws(CertificateError) -> String {
        let bytes = try CredentialFile.loadSecret(path)
        return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }, as: UTF8.self)
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

    /// ``BrokerAccess/options(clientID:will:credentials:)`` of the section.
    package func options(
        clientID: String, will: Publication? = nil, credentials: MQTTCredentials? = nil
    ) throws(ConnectionError) -> MQTTOptions {
        try access.options(clientID: clientID, will: will, credentials: credentials)
    }
}
