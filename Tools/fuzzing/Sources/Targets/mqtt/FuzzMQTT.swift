import FuzzSupport
import Inputs
import Logging
import Synchronization
import Telemetry

/// Messages of devices: a byte for the settings, then messages, each its topic (retained behind `* `), the byte 31, its payload and the byte 30.
/// Whatever comes, series have names and units, numbers are finite, and what is remembered and subscribed to is bounded.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzzMQTT(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    fuzz(data, count, base: 4 << 20, factor: 4096) { bytes in
        guard let first = bytes.first else { return }
        let sink = CheckingSink()
        let logger = Logger(label: "fuzz") { _ in SilentHandler() }
        let arrival = Timestamp(nanoseconds: 1_700_000_000_123_456_789)
        var messages = FuzzedMessages(
            Int(first) % FuzzedMessages.courses, into: sink,
            environment: InputEnvironment(name: "fuzz", device: "box", now: { arrival }, logger: logger))
        for (number, message) in bytes.dropFirst().split(separator: 30).enumerated() {
            let end = message.firstIndex(of: 31) ?? message.endIndex
            var topic = String(decoding: message[..<end], as: UTF8.self)
            let isRetained = topic.hasPrefix("* ")
            if isRetained { topic.removeFirst(2) }
            let changes = messages.take(
                topic, Array(message[end...].dropFirst()), isRetained: isRetained,
                arrival: arrival.advanced(byNanoseconds: Int64(number) * 1_000_000_000))
            demand(changes <= 16 + message.count, "a message changes few subscriptions")
        }
    }
}

/// Looks at everything that it is given.
private final class CheckingSink: SampleSink {
    private let series = Mutex<[Series]>([])

    func register(_ new: Series) -> SeriesID? {
        demand(Series.isValidName(new.name), "'\(new.name)' is a name")
        demand(new.unit.isKnown, "'\(new.unit)' is a unit")
        return series.withLock { series in
            guard series.count < 256 else { return nil }
            series.append(new)
            return SeriesID(rawValue: UInt32(series.count - 1))
        }
    }

    func accept(_ samples: [Sample], priority: PriorityClass) {
        let known = series.withLock { $0 }
        for sample in samples {
            demand(Int(sample.series.rawValue) < known.count, "a sample is of a series")
            let isState = known[Int(sample.series.rawValue)].kind == .state
            switch sample.value {
            case .double(let number): demand(!isState && number.isFinite, "numbers are finite, and no states")
            case .integer: demand(!isState, "a number is no state")
            case .boolean, .text: break
            }
        }
    }

    func accept(_ event: Event) { demand(Series.isValidName(event.name), "'\(event.name)' is a name") }

    func reject(_ count: Int, from input: String, reason: String) { demand(count > 0, "something was dropped") }
}

/// Has every message made, and shows none.
private struct SilentHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { demand(!event.message.description.isEmpty, "a message has words") }
}
