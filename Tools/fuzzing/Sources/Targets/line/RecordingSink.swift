import Inputs
import Synchronization
import Telemetry

/// What a sink was given.
struct Recording: Sendable {
    enum Item: Sendable {
        case sample(Sample)
        case event(Event)
    }

    /// In the order of their ids.
    var series: [Series] = []
    var items: [Item] = []
    var rejected: [String: Int] = [:]

    /// Equality of series, samples and events, to the bit.
    func sameRecords(as other: Recording) -> Bool {
        series == other.series
            && items.elementsEqual(other.items) { left, right in
                switch (left, right) {
                case (.sample(let left), .sample(let right)):
                    left.series == right.series && left.timestamp == right.timestamp && left.quality == right.quality
                        && left.value.isIdentical(to: right.value)
                case (.event(let left), .event(let right)):
                    left.name == right.name && left.timestamp == right.timestamp
                        && left.attributes.elementsEqual(right.attributes) {
                            $0.key == $1.key && $0.value.isIdentical(to: $1.value)
                        }
                default: false
                }
            }
    }
}

/// Keeps everything, and knows few series only, so that the limit is met too.
final class RecordingSink: SampleSink {
    private static let seriesLimit = 64

    private let state = Mutex(Recording())

    var recording: Recording { state.withLock { $0 } }

    func register(_ series: Series) -> SeriesID? {
        state.withLock { state in
            if let known = state.series.firstIndex(of: series) { return SeriesID(rawValue: UInt32(known)) }
            guard state.series.count < Self.seriesLimit else { return nil }
            state.series.append(series)
            return SeriesID(rawValue: UInt32(state.series.count - 1))
        }
    }

    func accept(_ samples: [Sample], priority: PriorityClass) {
        state.withLock { $0.items += samples.map { .sample($0) } }
    }

    func accept(_ event: Event) {
        state.withLock { $0.items.append(.event(event)) }
    }

    func reject(_ count: Int, from input: String, reason: String) {
        state.withLock { $0.rejected[reason, default: 0] += count }
    }
}
