import Telemetry

/// When each scenario's summary may be published again: at most every five seconds after a change of runs, and at most every minute
/// when there is only more data of the same runs.
struct SummaryPublisher {
    private static let pause: [RunBook.News: Int64] = [.runs: 5_000_000_000, .data: 60_000_000_000]
    private var publishedAt: [Identifier: Int64] = [:]
    private var waiting: [Identifier: Int64] = [:]

    /// The time at which the next summary that is waiting may go out.
    var dueAt: Int64? { waiting.values.min() }

    mutating func isDue(_ scenario: Identifier, _ news: RunBook.News, at now: Int64) -> Bool {
        waiting[scenario] = nil
        guard let pause = Self.pause[news] else { return false }
        let time = publishedAt[scenario].map { $0 + pause } ?? .min
        if now < time { waiting[scenario] = time }
        return now >= time
    }

    mutating func published(_ scenario: Identifier, at now: Int64) { publishedAt[scenario] = now }

    /// A new connection: whatever is retained at the broker may be old.
    mutating func forget() { publishedAt.removeAll() }
}
