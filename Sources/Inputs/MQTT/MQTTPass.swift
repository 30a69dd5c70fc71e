import Logging
import Telemetry

/// What the readers of one input share: the moment, the samples gathered, which series there are, and how to complain.
///
/// A series is looked up by where it came from, a topic and a place in its payload, so that a message like one before it registers nothing.
/// All of it is bounded: a sender of ever new topics costs time, not memory.
struct MQTTPass {
    /// Where a value comes from.
    struct Place: Hashable {
        let topic: String
        let field: String
    }

    private struct Known {
        let id: SeriesID?
        let isState: Bool
    }

    private static let mostPlaces = 65_536
    /// Bytes of the texts by which they are known.
    private static let mostPlaceBytes = 8 << 20
    /// The longest place in a payload, in bytes.
    private static let longestField = 1024

    let input: String
    private let sink: any SampleSink
    private let logger: Logger
    private var known: [Place: Known] = [:]
    private var knownBytes = 0
    private var told: Set<String> = []
    private var throttle: LogThrottle
    private(set) var samples: [Sample] = []
    private var rejected: [String: Int] = [:]
    /// When the message arrived.
    private(set) var arrival: Timestamp
    /// What is wrong with all that the message says.
    private(set) var quality: Quality = []
    /// The ids of devices by the names that topics have for them.
    private var devices = NameBook(.identifier, limit: 10_000)
    /// What a reader wants to hear besides its own filters, and no longer; the intake passes it on.
    var subscribe: [String] = []
    var unsubscribe: [String] = []

    init(_ environment: InputEnvironment, sink: any SampleSink) {
        input = environment.name
        self.sink = sink
        logger = environment.logger
        throttle = LogThrottle(now: monotonicNanoseconds())
        arrival = environment.now()
    }

    mutating func begin(at arrival: Timestamp, quality: Quality) {
        self.arrival = arrival
        self.quality = quality
    }

    /// Adds a value.
    ///
    /// - Parameters:
    ///   - value: a value of a series that is a state must be text or boolean, and of one that is not a number.
    ///   - topic: where it came from.
    ///   - field: where in the payload it stands.
    ///   - time: when it was measured; nil for when it arrived.
    ///   - series: what it is a value of; called only when the place is new.
    mutating func add(
        _ value: Value, of topic: String, _ field: String, at time: Timestamp? = nil, series: () -> Series
    ) {
        let place = Place(topic: topic, field: field)
        let isState = value.kind == .state
        let found: Known
        if let known = known[place] {
            found = known
        } else {
            let made = series()
            let isSound =
                field.utf8.count <= Self.longestField && Series.isValidName(made.name)
                && made.tags.allSatisfy { Tag.isValidValue($0.value) }
            guard isSound else {
                complain(topic, "'\(field.prefix(64))' gives no name or tag that a series can have", "bad name")
                return
            }
            found = Known(id: sink.register(made), isState: made.kind == .state)
            let size = topic.utf8.count + field.utf8.count
            if known.count >= Self.mostPlaces || knownBytes + size > Self.mostPlaceBytes {
                known.removeAll(keepingCapacity: false)
                knownBytes = 0
            }
            known[place] = found
            knownBytes += size
        }
        guard found.isState == isState else {
            complain(
                topic, "'\(field.prefix(64))' was a number and is a state now, or the other way round", "bad value")
            return
        }
        guard let id = found.id else {
            reject("limit on series")
            return
        }
        samples.append(Sample(series: id, timestamp: time ?? arrival, value: value, quality: quality))
    }

    /// Gives an event over, after the samples that came before it.
    mutating func event(_ name: String, at time: Timestamp? = nil, _ attributes: [Event.Attribute]) {
        guard Series.isValidName(name), !Event.reservedNames.contains(name) else { return }
        flush()
        sink.accept(Event(name, at: time ?? arrival, attributes: attributes))
    }

    /// The id of a device; nil, and counted, when it can have none.
    mutating func device(_ written: some StringProtocol, topic: String) -> String? {
        switch devices.entry(for: String(written)) {
        case .name(let name): return name
        case .taken(let other):
            complain(topic, "the device '\(written)' has the same id as '\(other)'; rename one of them", "name taken")
        case .unusable:
            complain(
                topic,
                "'\(written.prefix(64))' gives no id: it has no letter or digit, or is longer than \(NameBook.longest) bytes",
                "bad name")
        case .full: complain(topic, "there are more devices than are followed", "too many devices")
        }
        return nil
    }

    /// Looks series up anew: what is known about them has changed.
    mutating func forgetSeries() {
        known.removeAll(keepingCapacity: true)
        knownBytes = 0
    }

    mutating func reject(_ reason: String, count: Int = 1) { rejected[reason, default: 0] += count }

    /// Counts a message or value as dropped and says why, but not a thousand times a second.
    mutating func complain(_ topic: String, _ message: String, _ reason: String, count: Int = 1) {
        reject(reason, count: count)
        guard let held = throttle.admit(at: monotonicNanoseconds()) else { return }
        let more = held > 0 ? "; \(held) more since the last one shown" : ""
        logger.warning("\(reason): \(topic.prefix(200)): \(message)\(more)")
    }

    /// Says something once in the life of the input.
    mutating func tellOnce(_ message: String) {
        guard told.count < 1000, told.insert(message).inserted else { return }
        logger.notice("\(message)")
    }

    mutating func flush(_ priority: PriorityClass = .metric) {
        if !samples.isEmpty {
            sink.accept(samples, priority: priority)
            samples.removeAll(keepingCapacity: true)
        }
        guard !rejected.isEmpty else { return }
        for (reason, count) in rejected { sink.reject(count, from: input, reason: reason) }
        rejected.removeAll(keepingCapacity: true)
    }
}

extension Value {
    /// The kind of series that holds such values.
    var kind: Series.Kind {
        switch self {
        case .double, .integer: .gauge
        case .boolean, .text: .state
        }
    }
}
