import Telemetry

/// Lets through at most so many samples of a series in so much time: a bucket of tokens that fills steadily.
///
/// It goes by the samples' own times, so that a backlog which comes at once is judged as it was measured.
struct RateLimit: Sendable {
    /// Tokens in a full bucket.
    let count: Int
    /// Nanoseconds for one token.
    private let interval: Int64
    /// The time at which the bucket was, or will be, empty of debts: the generic cell rate algorithm (ITU-T I.371, annex A).
    private var arrival: Int64?

    init(count: Int, per nanoseconds: Int64) {
        self.count = max(1, count)
        interval = max(1, nanoseconds / Int64(max(1, count)))
    }

    mutating func admits(_ time: Timestamp) -> Bool {
        let now = time.nanoseconds
        let tolerance = interval * Int64(count - 1)
        // A clock that was stepped back must not silence a series until it has caught up.
        guard let due = arrival, due - now <= tolerance + interval else {
            arrival = now + interval
            return true
        }
        guard due - now <= tolerance else { return false }
        arrival = max(due, now) + interval
        return true
    }
}
