import Logging
import Telemetry

/// Gathers what datagrams say, and gives its summary when an interval ends.
///
/// A name that was seen before costs a look-up by the bytes the sender wrote, and no allocation.
struct StatsdIntake {
    private static let mostMembers = 10_000
    /// Numbers that all summaries and sets together may hold: 16 MiB of them.
    private static let mostNumbers = 2_097_152
    /// The longest name with its tags, in bytes.
    private static let longestKey = 1024

    private let settings: StatsdSettings
    private let input: String
    private let tags: [Tag]
    private let sink: any SampleSink
    private let logger: Logger
    private var table = ByteTable()
    private var aggregates: [StatsdAggregate] = []
    private var names: NameBook
    /// The type of each series that was made, by its key: one name is of one type.
    private var kinds: [String: StatsdMetric.Kind] = [:]
    /// What all aggregates hold now.
    private var numbers = 0
    private var key: [UInt8] = []
    private var samples: [Sample] = []
    private var badMetrics = 0
    private var overLimit = 0
    private var throttle: LogThrottle
    /// When the interval began.
    private var begin: Timestamp

    init(_ settings: StatsdSettings, environment: InputEnvironment, sink: any SampleSink) {
        self.settings = settings
        self.sink = sink
        input = environment.name
        tags = environment.deviceTags(settings.device)
        logger = environment.logger
        // A name that is refused is remembered too, so that it is refused at once.
        names = NameBook(.series, limit: settings.names * 2 + 1000)
        throttle = LogThrottle(now: monotonicNanoseconds())
        begin = environment.now()
    }

    /// Takes the metrics of a datagram, one a line; a bad one costs only itself.
    mutating func take(_ datagram: UnsafeRawBufferPointer, from sender: @autoclosure () -> String) {
        var cursor = ByteCursor(datagram)
        while let line = cursor.line() {
            var bytes = line.rest
            if bytes.last == UInt8(ascii: "\r") { bytes = UnsafeRawBufferPointer(rebasing: bytes.dropLast()) }
            if bytes.allSatisfy(\.isBlank) { continue }
            do throws(StatsdProblem) {
                try take(StatsdMetric(bytes))
            } catch {
                badMetrics += 1
                if let held = throttle.admit(at: monotonicNanoseconds()) {
                    let more = held > 0 ? "; \(held) more bad metrics since the last one shown" : ""
                    logger.warning("bad metric dropped: \(sender()): \(error.message)\(more)")
                }
            }
        }
    }

    private mutating func take(_ metric: StatsdMetric) throws(StatsdProblem) {
        guard metric.name.count + metric.tags.count <= Self.longestKey else {
            throw StatsdProblem("the name is longer than \(Self.longestKey) bytes with its tags")
        }
        key.removeAll(keepingCapacity: true)
        key.append(metric.kind.rawValue)
        key.append(contentsOf: metric.name)
        key.append(UInt8(ascii: "#"))
        key.append(contentsOf: metric.tags)
        let known = key.withUnsafeBytes { table.number(of: $0) }
        if known == nil { try Self.check(metric) }
        let number: Int
        if let known { number = known } else { number = try add(metric) }
        let before = aggregates[number].size
        defer { numbers += aggregates[number].size - before }
        // Of the type, not of the value: what it takes is lent in place, and nothing is copied.
        try Self.update(&aggregates[number], metric, hasRoom: numbers < Self.mostNumbers)
    }

    /// A bad value must not leave a name behind.
    private static func check(_ metric: StatsdMetric) throws(StatsdProblem) {
        var scratch = StatsdAggregate(series: [], state: .init(metric.kind))
        try update(&scratch, metric, hasRoom: true)
    }

    private mutating func add(_ metric: StatsdMetric) throws(StatsdProblem) -> Int {
        guard aggregates.count < settings.names else {
            throw StatsdProblem("there are more names than 'names' allows; raise it, or send fewer")
        }
        let name = try StatsdName(metric, prefix: settings.prefix, names: &names)
        let made = series(metric.kind, name)
        let identity = Series(name.name, tags: name.tags).key
        if let other = kinds[identity], other != metric.kind {
            throw StatsdProblem("'\(name.name)' was of another type before; give it another name")
        }
        // The same tags in another order are the same series, which an aggregate of its own would give twice.
        guard kinds[identity] == nil else {
            throw StatsdProblem("'\(name.name)' comes with its tags in another order; send them in one order")
        }
        kinds[identity] = metric.kind
        let ids = made.map { sink.register($0) }
        // What the box has no series for is remembered, so that it costs little, and holds nothing.
        let isRefused = ids.allSatisfy { $0 == nil }
        aggregates.append(StatsdAggregate(series: ids, state: isRefused ? .refused : .init(metric.kind)))
        return key.withUnsafeBytes { table.insert($0) }
    }

    /// What a name gives: one series, or those of a summary.
    private func series(_ kind: StatsdMetric.Kind, _ name: StatsdName) -> [Series] {
        let all = tags + name.tags
        let unit = settings.units[name.name] ?? (kind == .timer ? .millisecond : .one)
        switch kind {
        case .counter: return [Series(name.name, tags: all, unit: unit, kind: .counter)]
        case .gauge: return [Series(name.name, tags: all, unit: unit)]
        case .set: return [Series(name.name, tags: all)]
        case .timer, .histogram:
            let parts = ["mean", "min", "max"] + settings.percentiles.map(Self.percentileName)
            return [Series("\(name.name).count", tags: all, kind: .counter)]
                + parts.map { Series("\(name.name).\($0)", tags: all, unit: unit) }
        }
    }

    /// `p99`, and `p99_9` of 99.9.
    private static func percentileName(_ percentile: Double) -> String {
        let whole = Int(percentile)
        return Double(whole) == percentile ? "p\(whole)" : "p" + "\(percentile)".map { $0 == "." ? "_" : $0 }
    }

    /// Adds a value, or several; `hasRoom` is whether the aggregate may hold more numbers than now.
    private static func update(
        _ aggregate: inout StatsdAggregate, _ metric: StatsdMetric, hasRoom: Bool
    ) throws(StatsdProblem) {
        if case .refused = aggregate.state {
            aggregate.isFresh = true
            return
        }
        if case .set(var members) = aggregate.state {
            // Moved out and in, so that the set is not copied.
            aggregate.state = .counter(0)
            defer { aggregate.state = .set(members) }
            var hasher = Hasher()
            hasher.combine(bytes: metric.values)
            let member = hasher.finalize()
            if !members.contains(member) {
                guard members.count < mostMembers else {
                    throw StatsdProblem("a set has more than \(mostMembers) members")
                }
                guard hasRoom else { throw StatsdProblem("all sets and timers together have too many members") }
                members.insert(member)
            }
            aggregate.isFresh = true
            return
        }
        var rest = metric.values
        repeat {
            let end = rest.firstIndex(of: UInt8(ascii: ":")) ?? rest.count
            let text = UnsafeRawBufferPointer(rebasing: rest[..<end])
            guard let value = text.decimalNumber, value.isFinite else {
                throw StatsdProblem("the value '\(text.prefixText)' is no number")
            }
            switch aggregate.state {
            case .counter(let total):
                guard value >= 0 else { throw StatsdProblem("a counter cannot go down; use a gauge") }
                aggregate.state = .counter(try finite(total + value / metric.rate))
            case .gauge(let before):
                // A sign makes a change of it; so a gauge below zero is set to 0 first.
                let isChange = text.first == UInt8(ascii: "+") || text.first == UInt8(ascii: "-")
                aggregate.state = .gauge(try finite(isChange ? before + value : value))
            case .summary(var sketch, let count):
                let weight = 1 / metric.rate
                _ = try finite(sketch.sum + value * weight)
                aggregate.state = .counter(0)
                sketch.add(value, weight: weight, mayGrow: hasRoom)
                aggregate.state = .summary(sketch, count: count + weight)
            case .set, .refused: break
            }
            aggregate.isFresh = true
            rest = UnsafeRawBufferPointer(rebasing: rest[min(end + 1, rest.count)...])
        } while !rest.isEmpty
    }

    /// A sum that is none stays so: one wrong value would take a name away for good.
    private static func finite(_ result: Double) throws(StatsdProblem) -> Double {
        guard result.isFinite else { throw StatsdProblem("the sum with this value is larger than any number") }
        return result
    }

    /// Ends the interval: gives the sink what came in it, and begins the next.
    mutating func flush(at now: Timestamp) {
        for index in aggregates.indices where aggregates[index].isFresh {
            give(index, at: now)
        }
        if !samples.isEmpty {
            sink.accept(samples, priority: settings.priority)
            samples.removeAll(keepingCapacity: true)
        }
        if badMetrics > 0 { sink.reject(badMetrics, from: input, reason: "bad metric") }
        if overLimit > 0 { sink.reject(overLimit, from: input, reason: "limit on series") }
        (badMetrics, overLimit) = (0, 0)
        begin = now
    }

    private mutating func give(_ index: Int, at now: Timestamp) {
        let series = aggregates[index].series
        let wasGiven = aggregates[index].wasGiven
        let before = aggregates[index].size
        defer { numbers += aggregates[index].size - before }
        // Moved out and in, so that nothing is copied.
        var state = aggregates[index].state
        aggregates[index].state = .counter(0)
        switch state {
        case .counter(let total):
            // From where it counts: without it the first interval would be lost to whoever looks at differences.
            if !wasGiven { add(series[0], .integer(0), at: begin) }
            add(series[0], Self.count(total), at: now)
        case .gauge(let value): add(series[0], .double(value), at: now)
        case .set(var members):
            state = .counter(0)
            add(series[0], .integer(Int64(members.count)), at: now)
            members.removeAll(keepingCapacity: members.count < 64)
            state = .set(members)
        case .summary(var sketch, let count):
            state = .counter(0)
            if !wasGiven { add(series[0], .integer(0), at: begin) }
            add(series[0], Self.count(count), at: now)
            add(series[1], .double(sketch.mean), at: now)
            add(series[2], .double(sketch.least), at: now)
            add(series[3], .double(sketch.greatest), at: now)
            for (place, percentile) in settings.percentiles.enumerated() {
                add(series[4 + place], .double(sketch.quantile(percentile / 100)), at: now)
            }
            sketch.clear()
            state = .summary(sketch, count: count)
        case .refused: overLimit += series.count
        }
        aggregates[index].state = state
        aggregates[index].isFresh = false
        aggregates[index].wasGiven = true
    }

    /// Whole counts as integers; a sample rate such as 0.3 gives others.
    private static func count(_ total: Double) -> Value {
        let rounded = total.rounded()
        // Tenths add up to nearly one.
        guard abs(total - rounded) < 1e-6, let whole = Int64(exactly: rounded) else { return .double(total) }
        return .integer(whole)
    }

    private mutating func add(_ series: SeriesID?, _ value: Value, at time: Timestamp) {
        guard let series else {
            overLimit += 1
            return
        }
        samples.append(Sample(series: series, timestamp: time, value: value))
    }
}
