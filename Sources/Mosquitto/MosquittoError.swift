/// What went wrong between this process and its broker.
///
/// ``code`` is for programs, ``message`` is for people and says what to do. The number that the library, the broker or
/// the kernel gave is kept in ``rawCode``; ``family`` says whose number it is.
package struct MosquittoError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of fault, stable across library versions.
    package struct Code: Sendable, Hashable, CustomStringConvertible {
        package let description: String

        private init(_ description: String) { self.description = description }

        package static let invalidOption = Code("invalid option")
        package static let invalidTopic = Code("invalid topic")
        package static let unresolvedHost = Code("unresolved host")
        package static let unreachable = Code("unreachable")
        package static let timedOut = Code("timed out")
        package static let tls = Code("TLS")
        /// The broker's certificate is not valid yet by the clock of this machine.
        package static let wrongClock = Code("wrong clock")
        /// The client ended the connection itself, to make another with new credentials.
        package static let renewed = Code("renewed")
        /// The broker answered CONNECT with a refusal.
        package static let refused = Code("refused")
        /// The broker sent DISCONNECT.
        package static let serverDisconnected = Code("disconnected by the broker")
        package static let connectionLost = Code("connection lost")
        package static let keepAliveExpired = Code("keep-alive expired")
        package static let protocolViolation = Code("protocol violation")
        package static let notConnected = Code("not connected")
        /// As many QoS 1 publishes are unacknowledged as options and broker allow.
        package static let windowFull = Code("window full")
        package static let tooLarge = Code("too large")
        package static let unsupportedByBroker = Code("unsupported by the broker")
        /// `disconnect` has begun, or the client was never started.
        package static let stopped = Code("stopped")
        package static let library = Code("library")
    }

    /// Whose number ``MosquittoError/rawCode`` is.
    package enum Family: Sendable, Hashable {
        /// `MOSQ_ERR_…` of libmosquitto.
        case library
        /// A reason code of MQTT 5, section 2.4.
        case reason
        /// `errno`.
        case system
        /// A code of `getaddrinfo`.
        case resolver
        /// Found by this module; the number is 0.
        case none
    }

    package var code: Code
    package var family: Family
    package var rawCode: Int32
    /// One line: what happened and what to do.
    package var message: String

    package init(_ code: Code, _ message: String, family: Family = .none, rawCode: Int32 = 0) {
        self.code = code
        self.family = family
        self.rawCode = rawCode
        self.message = message
    }

    package var description: String { message }

    /// The broker's own reason, where it gave one.
    package var reason: ReasonCode? {
        family == .reason ? UInt8(exactly: rawCode).map(ReasonCode.init(rawValue:)) : nil
    }

    /// Whether trying again soon is pointless, because a person has to change something: credentials, rights, the
    /// client id, certificates. The client keeps trying all the same, at its slow bound.
    package var isPermanent: Bool {
        if let reason { return reason.needsOperator }
        return code == .tls || code == .invalidOption
    }

    /// Whether other credentials might have been taken, when this ended an attempt. Not every broker says why it closes a connection.
    var isAboutCredentials: Bool {
        code == .tls || code == .connectionLost || reason == .badUserNameOrPassword || reason == .notAuthorized
            || reason == .clientIDNotValid || reason == .banned
    }
}
