import Logging
import Telemetry

/// Turns the points of records into samples: knows the series of what was seen before, gathers samples until the sink
/// gets them, and counts and logs what is dropped.
///
/// A record is `group`, `add` for each of its points, and then ``commit()``, or ``abandon()`` when it turns out to be
/// bad: so a record counts as a whole or not at all, and a bad one leaves no series behind. Points of series that were
/// seen before cost no allocation.
struct PointIntake {
    /// How many samples are gathered before the sink gets them.
    private static let batchSize = 4096
    /// Stands for a series that is not registered yet.
    private static let unregistered = SeriesID(rawValue: .max)

    /// What all points of one record share.
    struct Group {
        fileprivate let head: Int?
        /// The group's bytes, when no record of it was seen before.
        fileprivate let key: [UInt8]
        fileprivate var cursor: Int?

        /// Whether no record of the group was seen before.
        var isNew: Bool { head == nil }
    }

    /// Who sends the records, for complaints; the number of the record now read is added to it.
    var source: String
    /// The number of the record that is being read, from 1; 0 when records have none.
    var record = 0
    /// What the way a record came adds to its series, such as the topic it was published to.
    var context: PointContext?
    /// What is wrong with all samples of the record, beside what its points say.
    var quality: Quality = []

    private let input: String
    private let tags: [Tag]
    private let units: [String: Unit]
    private let priority: PriorityClass
    private let sink: any SampleSink
    private let logger: Logger
    private var cache = SeriesCache()
    private var samples: [Sample] = []
    /// Where the samples of the record that is being read begin.
    private var begin = 0
    private var fresh: [FreshPoint] = []
    private var scratch: [UInt8] = []
    private var overLimit = 0
    private var refused = [Int](repeating: 0, count: RecordProblem.Reason.allCases.count)
    private var throttle: LogThrottle

    /// - Parameters:
    ///   - source: who sends the records, as a person knows it.
    ///   - tags: what every series has; a record's own tags win.
    ///   - units: the units of series by their names; they win over what a record says.
    ///   - priority: the class of the samples.
    ///   - environment: names the input in counters.
    ///   - sink: gets the samples.
    init(
        _ source: String, tags: [Tag], units: [String: Unit], priority: PriorityClass, environment: InputEnvironment,
        sink: any SampleSink
    ) {
        self.source = source
        self.tags = tags
        self.units = units
        self.priority = priority
        self.sink = sink
        input = environment.name
        logger = environment.logger
        throttle = LogThrottle(now: monotonicNanoseconds())
        samples.reserveCapacity(256)
    }

    // MARK: - A record

    /// Begins a group of points.
    ///
    /// - Parameter bytes: what, with a field's bytes and the context, tells its series from all others.
    /// - Returns: what ``add(_:to:_:at:quality:column:series:)`` wants; void after the record.
    mutating func group(_ bytes: UnsafeRawBufferPointer) -> Group {
        guard let context else { return group(exactly: bytes) }
        scratch.removeAll(keepingCapacity: true)
        scratch.append(contentsOf: context.key)
        // No byte of a topic or a tag; keeps `a` + `bc` and `ab` + `c` apart.
        scratch.append(0)
        scratch.append(contentsOf: bytes)
        return scratch.withUnsafeBytes { group(exactly: $0) }
    }

    private func group(exactly bytes: UnsafeRawBufferPointer) -> Group {
        let head = cache.head(bytes)
        return Group(head: head, key: head == nil ? Array(bytes) : [])
    }

    /// Adds a point to the record.
    ///
    /// - Parameters:
    ///   - field: what tells the point's series from others of its group.
    ///   - group: what ``group(_:)`` gave in this record.
    ///   - value: true, false and text go to states, numbers to all other series.
    ///   - time: when it was measured.
    ///   - quality: what is wrong with it.
    ///   - column: where it stands in the record, for complaints.
    ///   - series: the point's series, without what the context and the settings add. Asked only when it was not seen
    ///     before.
    /// - Throws: what `series` throws, and a `RecordProblem` when the value is a number and the series a state, or the
    ///   other way round.
    mutating func add(
        _ field: UnsafeRawBufferPointer, to group: inout Group, _ value: Value, at time: Timestamp,
        quality: Quality = [], column: Int = 0, series: () throws(RecordProblem) -> Series
    ) throws(RecordProblem) {
        if let head = group.head, let known = cache.entry(head: head, field: field, cursor: &group.cursor) {
            try Self.demand(value, isState: known.isState, at: column)
            samples.append(
                Sample(series: known.series, timestamp: time, value: value, quality: quality.union(self.quality)))
            return
        }
        let series = completed(try series())
        try Self.demand(value, isState: series.kind == .state, at: column)
        let key = group.head.map { Array(cache.bytes(ofHead: $0)) } ?? group.key
        fresh.append(FreshPoint(head: key, field: Array(field), series: series, place: samples.count))
        samples.append(
            Sample(series: Self.unregistered, timestamp: time, value: value, quality: quality.union(self.quality)))
    }

    /// The record is good: its samples go on their way.
    mutating func commit() {
        if !fresh.isEmpty { registerFresh() }
        begin = samples.count
        if begin >= Self.batchSize { flush() }
    }

    /// The record is bad: none of its samples is kept.
    mutating func abandon() {
        if samples.count > begin { samples.removeSubrange(begin...) }
        fresh.removeAll(keepingCapacity: true)
    }

    /// Gives the sink an event, after all samples that came before it.
    mutating func accept(_ event: Event) {
        flush()
        sink.accept(event)
    }

    /// Gives the sink what has gathered. Not inside a record.
    mutating func flush() {
        if !samples.isEmpty {
            sink.accept(samples, priority: priority)
            samples.removeAll(keepingCapacity: true)
            begin = 0
        }
        for (index, reason) in RecordProblem.Reason.allCases.enumerated() where refused[index] > 0 {
            sink.reject(refused[index], from: input, reason: reason.rawValue)
            refused[index] = 0
        }
        if overLimit > 0 { sink.reject(overLimit, from: input, reason: "limit on series") }
        overLimit = 0
    }

    // MARK: - What is dropped

    /// Counts something dropped of the record that is being read, and logs it unless too much was logged lately.
    mutating func refuse(_ problem: RecordProblem) {
        let (source, record) = (source, record)
        refuse(problem, at: record > 0 ? "\(source), record \(record)" : source)
    }

    /// Counts something dropped, and logs it unless too much was logged lately.
    ///
    /// - Parameters:
    ///   - problem: what is wrong.
    ///   - place: which record of whom.
    ///   - reason: what to count it as, if not as what the problem says.
    mutating func refuse(
        _ problem: RecordProblem, at place: @autoclosure () -> String, as reason: RecordProblem.Reason? = nil
    ) {
        let reason = reason ?? problem.reason
        for (index, one) in RecordProblem.Reason.allCases.enumerated() where one == reason { refused[index] += 1 }
        guard let held = throttle.admit(at: monotonicNanoseconds()) else { return }
        let noun = reason == .badLine ? "bad lines" : "such messages"
        let more = held > 0 ? "; \(held) more \(noun) since the last one shown" : ""
        logger.warning(
            "\(reason.rawValue) dropped: \(place()), column \(problem.offset + 1): \(problem.message)\(more)")
    }

    // MARK: - Series

    private func completed(_ series: Series) -> Series {
        let name = context?.prefix.map { "\($0).\(series.name)" } ?? series.name
        return Series(
            name, tags: tags + (context?.tags ?? []) + series.tags,
            // Neither true nor a word is so many of anything.
            unit: series.kind == .state ? .one : units[name] ?? series.unit, kind: series.kind,
            provenance: series.provenance)
    }

    /// Registers what was not seen before. Nothing of a record is registered before all of it has been read.
    private mutating func registerFresh() {
        var dropped = 0
        for point in fresh {
            guard let id = sink.register(point.series) else {
                dropped += 1
                continue
            }
            samples[point.place].series = id
            point.head.withUnsafeBytes { head in
                point.field.withUnsafeBytes { field in
                    var cursor: Int?
                    // A record may have one field twice.
                    if cache.head(head).flatMap({ cache.entry(head: $0, field: field, cursor: &cursor) }) == nil {
                        cache.insert(head: head, field: field, series: id, isState: point.series.kind == .state)
                    }
                }
            }
        }
        fresh.removeAll(keepingCapacity: true)
        guard dropped > 0 else { return }
        overLimit += dropped
        var kept = begin
        for index in begin..<samples.count where samples[index].series != Self.unregistered {
            samples[kept] = samples[index]
            kept += 1
        }
        samples.removeSubrange(kept...)
    }

    private static func demand(_ value: Value, isState: Bool, at column: Int) throws(RecordProblem) {
        guard value.isState != isState else { return }
        throw RecordProblem(
            isState
                ? "the field was text or true/false before and is a number now; give it another name"
                : "the field was a number before and is text or true/false now; give it another name",
            at: column, .badValue)
    }
}

/// What the way a record came adds to its series.
struct PointContext {
    /// Tells this context from all others of an intake.
    var key: [UInt8]
    /// Go before the record's own tags, which win.
    var tags: [Tag] = []
    /// Goes before the series' names, with a dot between.
    var prefix: String?
}

/// A point whose series is not registered yet.
private struct FreshPoint {
    let head: [UInt8]
    let field: [UInt8]
    let series: Series
    /// Its index among the samples.
    let place: Int
}

extension Value {
    /// A state is not a number: the two cannot share a series.
    var isState: Bool {
        switch self {
        case .double, .integer: false
        case .boolean, .text: true
        }
    }
}
