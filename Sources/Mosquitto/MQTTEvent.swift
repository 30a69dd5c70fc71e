/// Chosen by the caller to recognise a QoS 1 publish when its acknowledgement comes.
package typealias Token = UInt64

/// How a message is to reach the broker.
package enum DeliveryMode: Sendable, Equatable {
    /// QoS 0.
    case atMostOnce
    /// QoS 1. The token must be unique among the caller's unacknowledged ones.
    case atLeastOnce(Token)
}

/// A name and a value that the sender attached (MQTT 5, section 3.3.2.3.7).
package struct UserProperty: Sendable, Equatable {
    package let name: String
    package let value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// A message that the broker delivered.
///
/// The library has already acknowledged it: a process that dies now has lost what the broker believes delivered.
package struct Message: Sendable, Equatable {
    package let topic: String
    package let payload: [UInt8]
    package let qos: QoS
    package let isRetained: Bool
    package let contentType: String?
    package let userProperties: [UserProperty]

    package init(
        topic: String, payload: [UInt8], qos: QoS = .atLeastOnce, isRetained: Bool = false, contentType: String? = nil,
        userProperties: [UserProperty] = []
    ) {
        self.topic = topic
        self.payload = payload
        self.qos = qos
        self.isRetained = isRetained
        self.contentType = contentType
        self.userProperties = userProperties
    }
}

/// What the broker's CONNACK allows.
package struct ConnectionTerms: Sendable, Equatable {
    /// Whether the broker kept a session of this client id.
    package let sessionPresent: Bool
    /// The broker's limit of QoS 1 publishes under way; nil if it named none.
    package let receiveMaximum: UInt16?
    /// Bytes of the largest packet the broker accepts; nil if it named none.
    package let maximumPacketSize: UInt32?
    /// How many QoS 1 publishes may be unacknowledged now: the smaller of the option and the broker's limit.
    package let window: Int
    package let retainAvailable: Bool
    package let maximumQoS: QoS
    /// The broker may have changed what the options asked for.
    package let keepAlive: Duration

    package init(
        sessionPresent: Bool, receiveMaximum: UInt16? = nil, maximumPacketSize: UInt32? = nil, window: Int,
        retainAvailable: Bool = true, maximumQoS: QoS = .atLeastOnce, keepAlive: Duration = .seconds(30)
    ) {
        self.sessionPresent = sessionPresent
        self.receiveMaximum = receiveMaximum
        self.maximumPacketSize = maximumPacketSize
        self.window = window
        self.retainAvailable = retainAvailable
        self.maximumQoS = maximumQoS
        self.keepAlive = keepAlive
    }
}

/// A connection ended, or an attempt to connect failed.
package struct Disconnection: Sendable, Equatable {
    /// nil after `disconnect`.
    package let error: MosquittoError?
    /// Until the next attempt; nil when the client has stopped for good.
    package let retryIn: Duration?
    /// False for an attempt that never got a CONNACK.
    package let wasConnected: Bool
    /// QoS 1 publishes that will never be acknowledged. The library does not resend them: do so from your own log.
    package let abandoned: [Token]

    package init(error: MosquittoError?, retryIn: Duration?, wasConnected: Bool, abandoned: [Token] = []) {
        self.error = error
        self.retryIn = retryIn
        self.wasConnected = wasConnected
        self.abandoned = abandoned
    }
}

/// What happens to a client, in the order in which it happened on the wire.
package enum MQTTEvent: Sendable, Equatable {
    case connected(ConnectionTerms)
    case disconnected(Disconnection)
    /// Once per accepted QoS 1 publish, unless ``Disconnection/abandoned`` names it. A failing reason means that the
    /// broker dropped the message.
    case acknowledged(Token, ReasonCode)
    case message(Message)
    /// A filter was taken or, with a failing reason, refused; on every connect anew.
    case subscribed(String, ReasonCode)
}

/// Counters since the client was made, and levels of the moment.
package struct MQTTStatistics: Sendable, Equatable {
    package var attempts = 0
    package var connections = 0
    package var droppedAtMostOnce = 0
    /// QoS 1 publishes not yet acknowledged.
    package var outstanding = 0
    /// Bytes of QoS 0 payload that wait for the socket.
    package var backlogBytes = 0
}
