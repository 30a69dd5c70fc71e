import Mosquitto
import Telemetry

/// Whether the broker is there, and since when.
struct BrokerLink {
    private(set) var isUp = false
    private(set) var connections = 0
    private(set) var since: Timestamp?
    private var reported: Set<MosquittoError.Code?> = []
    private var lastToken: Token = 1 << 63

    mutating func connected(at time: Timestamp) {
        isUp = true
        reported = []
        connections += 1
        since = time
    }

    /// True when this is news: the first failure of its kind since the connection was up, not each further attempt. That a broker
    /// restarted is soon forgotten; that it came back with an expired certificate somebody has to know.
    mutating func disconnected(_ disconnection: Disconnection) -> Bool {
        isUp = false
        return reported.insert(disconnection.error?.code).inserted
    }

    /// A token that no frame has, for publications whose answer nobody waits for.
    mutating func nextToken() -> Token {
        lastToken += 1
        return lastToken
    }
}
