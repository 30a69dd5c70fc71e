import Mosquitto
import Telemetry

/// Whether the broker is there, and since when.
struct BrokerLink {
    private(set) var isUp = false
    private(set) var connections = 0
    private(set) var since: Timestamp?
    private var isReported = false
    private var lastToken: Token = 1 << 63

    mutating func connected(at time: Timestamp) {
        isUp = true
        isReported = false
        connections += 1
        since = time
    }

    /// True when this is news: the first failure since the connection was up, not each further attempt.
    mutating func disconnected(_ disconnection: Disconnection) -> Bool {
        isUp = false
        defer { isReported = true }
        return !isReported
    }

    /// A token that no frame has, for publications whose answer nobody waits for.
    mutating func nextToken() -> Token {
        lastToken += 1
        return lastToken
    }
}
