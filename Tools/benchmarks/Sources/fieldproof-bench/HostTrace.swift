import Frames
import Inputs
import Synchronization
import Telemetry

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Keeps what the host input gives of this machine.
private final class RecordingSink: SampleSink {
    private struct State {
        var ids: [Series: SeriesID] = [:]
        var names: [String] = []
        var bytes: [UInt8] = []
    }

    private let state = Mutex(State())

    func register(_ series: Series) -> SeriesID? {
        state.withLock { state in
            if let id = state.ids[series] { return id }
            let id = SeriesID(rawValue: UInt32(state.names.count))
            state.ids[series] = id
            state.names.append(([series.name] + series.tags.map { "\($0.key)=\($0.value)" }).joined(separator: " "))
            return id
        }
    }

    func accept(_ samples: [Sample], priority: PriorityClass) {
        state.withLock { state in
            for sample in samples { state.bytes += Trace.bytes(of: sample) }
        }
    }

    func accept(_ event: Event) {}

    func reject(_ count: Int, from input: String, reason: String) {}

    var names: [String] { state.withLock { $0.names } }
    var bytes: [UInt8] { state.withLock { $0.bytes } }
}

enum HostTrace {
    /// Reads this machine once a second with the host input, and leaves the trace `host` in `folder`.
    static func record(seconds: Int, in folder: String, _ origin: Origin) throws {
        let sink = RecordingSink()
        var host = MeasuredHost(into: sink, environment: .measured(origin))
        for _ in 0..<seconds {
            sleep(1)
            var now = timespec()
            clock_gettime(CLOCK_REALTIME, &now)
            host.read(at: Timestamp(nanoseconds: Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)))
        }
        try Trace.write(sink.bytes, to: "\(folder)/host.trace")
        try Trace.write(Array((sink.names.joined(separator: "\n") + "\n").utf8), to: "\(folder)/host.series")
        let title = "host metrics of this machine at 1 Hz, \(sink.names.count) series; one reading in a frame\n1\n"
        try Trace.write(Array(title.utf8), to: "\(folder)/host.title")
    }
}
