import Telemetry

/// When each scenario's summary may be published again: on change, and at most every five seconds.
struct SummaryPublisher {
    private static let interval: Int64 = 5_000_000_000
    private var notBefore: [Identifier: Int64] = [:]
    private var isWaiting = false

    /// The time at which a summary that is waiting may go out.
    var dueAt: Int64? { isWaiting ? notBefore.values.min() : nil }

    mutating func isDue(_ scenario: Identifier, at now: Int64) -> Bool {
        let isDue = now >= notBefore[scenario] ?? .min
        isWaiting = !isDue
        return isDue
    }

    mutating func published(_ scenario: Identifier, at now: Int64, _ isPublished: Bool) {
        if isPublished { notBefore[scenario] = now + Self.interval }
    }

    /// A new connection: whatever is retained at the broker may be old.
    mutating func forget() { notBefore.removeAll() }
}
