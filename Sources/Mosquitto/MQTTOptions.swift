package import Certificates

/// A user name, with a password where the broker wants one.
package struct Credentials: Sendable, Equatable {
    package var userName: String
    package var password: String?

    package init(userName: String, password: String? = nil) {
        self.userName = userName
        self.password = password
    }
}

/// Who a client is to a broker: what can change while it runs (``MQTTClient/renew(_:)``).
package struct MQTTCredentials: Sendable {
    package var login: Credentials?
    /// Certificates that were read already; used instead of the files of ``MQTTOptions/tls``.
    package var identity: ClientCredentials?

    package init(login: Credentials? = nil, identity: ClientCredentials? = nil) {
        self.login = login
        self.identity = identity
    }
}

/// Paths of PEM files. They are read at every connect.
package struct TLSFiles: Sendable, Equatable {
    /// Who may sign the broker's certificate; without it, the certificates of the system.
    package var ca: String?
    /// This client's certificate chain; comes with ``key``.
    package var certificate: String?
    package var key: String?

    package init(ca: String? = nil, certificate: String? = nil, key: String? = nil) {
        self.ca = ca
        self.certificate = certificate
        self.key = key
    }
}

/// How sure a delivery to the broker is. QoS 2 is left out on purpose: the layers above drop duplicates themselves.
package enum QoS: UInt8, Sendable, Comparable {
    case atMostOnce = 0
    case atLeastOnce = 1

    package static func < (left: QoS, right: QoS) -> Bool { left.rawValue < right.rawValue }
}

/// A message kept for later: a will, or a farewell.
package struct Publication: Sendable, Equatable {
    package var topic: String
    package var payload: [UInt8]
    package var qos: QoS
    package var retain: Bool

    package init(topic: String, payload: [UInt8], qos: QoS = .atLeastOnce, retain: Bool = false) {
        self.topic = topic
        self.payload = payload
        self.qos = qos
        self.retain = retain
    }
}

/// How loud a line of the library's log is.
package enum LogLevel: Sendable, Equatable {
    case debug, info, notice, warning, error
}

/// Everything that one client has to know before it connects.
package struct MQTTOptions: Sendable {
    package var address: BrokerAddress
    package var clientID: String
    package var credentials: Credentials?
    package var tls = TLSFiles()
    /// Used instead of ``tls`` where there is one.
    package var identity: ClientCredentials?
    /// 5 s … 65535 s, in whole seconds. A dead peer is found after at most twice this.
    package var keepAlive: Duration = .seconds(30)
    package var will: Publication?
    /// Whether the broker forgets the session of an earlier connection of this client id.
    package var cleanStart = true
    /// How long the broker keeps subscriptions and messages of this client after it is gone.
    package var sessionExpiry: Duration = .zero
    /// How many QoS 1 messages the broker may have under way to us.
    package var receiveMaximum: UInt16 = 100
    /// Bytes of the largest packet that the broker may send us; it drops what is larger.
    package var maximumIncomingPacket: UInt32 = 4 << 20
    /// How many QoS 1 publishes may be unacknowledged. The broker may allow fewer: see ``ConnectionTerms/window``.
    package var maximumOutstanding = 64
    /// Bytes of QoS 0 payload that may wait for the socket; beyond it QoS 0 is dropped and counted.
    package var maximumBacklog = 1 << 20
    /// From the first packet to the broker until its CONNACK.
    package var connectTimeout: Duration = .seconds(10)
    package var backoff = Backoff()
    /// Gets the library's log, on the owner thread. Lines beyond 256 per turn of the loop are dropped.
    package var log: (@Sendable (LogLevel, String) -> Void)?

    package init(address: BrokerAddress, clientID: String) {
        self.address = address
        self.clientID = clientID
    }
}
