internal import Synchronization

/// The way from any thread to the connection of the moment.
///
/// Its lock is held across library calls that publish or subscribe, and so is *never* taken in a callback: the library
/// holds its own mutexes there. In threaded mode those calls only queue, and call nothing back but the log.
struct Link {
    enum Phase {
        case running
        /// `disconnect` began: flush until the deadline, then end.
        case closing(deadline: ContinuousClock.Instant)
        case stopped
    }

    var phase = Phase.running
    /// Set while a CONNACK stands: from then on publishing is possible.
    var open: Open?
    /// In the order in which they were made.
    var subscriptions: [(filter: String, qos: QoS)] = []
    /// Someone wants this connection to end.
    var fault: MosquittoError?
    /// Whether all that was queued when `disconnect` began went out.
    var flushed = false
    var missedFarewell = false
    var statistics = MQTTStatistics()

    struct Open {
        let handle: Handle
        let terms: ConnectionTerms
        /// The id the handle drew last.
        var lastIdentifier: UInt16 = 0
    }
}

/// The table that callbacks (owner thread) and publishers share. Never held across a library call.
final class SharedInFlight: Sendable {
    private let table = Mutex(InFlight())

    func withLock<Result: Sendable>(_ body: (inout InFlight) -> Result) -> Result { table.withLock { body(&$0) } }
}

/// What the client, its owner thread and its publishers share.
final class SharedState: Sendable {
    let options: MQTTOptions
    let wake: WakeUp
    let link = Mutex(Link())
    let inFlight = SharedInFlight()
    let credentials: CredentialBook

    init(_ options: MQTTOptions) throws(MosquittoError) {
        self.options = options
        credentials = CredentialBook(MQTTCredentials(login: options.credentials, identity: options.identity))
        wake = try WakeUp()
    }
}
