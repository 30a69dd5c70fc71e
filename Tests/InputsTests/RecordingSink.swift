import Inputs
import Synchronization
import Telemetry

/// A sink that remembers everything, for tests to look at.
final class RecordingSink: SampleSink {
    struct Recorded: Hashable {
        let series: Series
        let sample: Sample
    }

    private struct State {
        var ids: [Series: SeriesID] = [:]
        var series: [Series] = []
        var samples: [Recorded] = []
        var events: [Event] = []
        var rejected: [String: Int] = [:]
        var priorities: Set<PriorityClass> = []
    }

    private let state = Mutex(State())
    private let limit: Int

    /// - Parameter limit: how many series are registered at most.
    init(limit: Int = .max) { self.limit = limit }

    func register(_ series: Series) -> SeriesID? {
        state.withLock { state in
            if let known = state.ids[series] { return known }
            guard state.series.count < limit else { return nil }
            let id = SeriesID(rawValue: UInt32(state.series.count))
            state.ids[series] = id
            state.series.append(series)
            return id
        }
    }

    func accept(_ samples: [Sample], priority: PriorityClass) {
        state.withLock { state in
            state.priorities.insert(priority)
            for sample in samples {
                state.samples.append(Recorded(series: state.series[Int(sample.series.rawValue)], sample: sample))
            }
        }
    }

    func accept(_ event: Event) { state.withLock { $0.events.append(event) } }

    func reject(_ count: Int, from input: String, reason: String) {
        state.withLock { $0.rejected[reason, default: 0] += count }
    }

    var series: [Series] { state.withLock { $0.series } }
    var samples: [Recorded] { state.withLock { $0.samples } }
    var events: [Event] { state.withLock { $0.events } }
    var rejected: [String: Int] { state.withLock { $0.rejected } }
    var priorities: Set<PriorityClass> { state.withLock { $0.priorities } }

    /// `name,tag=value = number @ nanoseconds` of every sample.
    var lines: [String] {
        samples.map { "\($0.series.key) = \($0.sample.value.plain) @ \($0.sample.timestamp.nanoseconds)" }
    }

    /// Lets nobody give anything while `body` runs, like a box that is too busy.
    func holding(_ body: () throws -> Void) rethrows { try state.withLock { _ in try body() } }

    /// Forgets samples, events and rejections; series keep their ids.
    func clear() {
        state.withLock { state in
            state.samples = []
            state.events = []
            state.rejected = [:]
        }
    }
}

extension Value {
    var plain: String {
        switch self {
        case .double(let value): "\(value)"
        case .integer(let value): "\(value)i"
        case .boolean(let value): "\(value)"
        case .text(let value): "\"\(value)\""
        }
    }
}
