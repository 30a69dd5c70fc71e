import Configuration
import Logging
import Telemetry

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Turns the bytes of many senders into samples and events.
///
/// A line counts as a whole or not at all, and a bad one costs only itself.
struct LineIntake {
    /// The longest line, in bytes, its newline not counted.
    static let longestLine = 65_536
    /// How many samples are gathered before the sink gets them.
    private static let batchSize = 4096

    private let input: String
    private let settings: LineSettings
    private let tags: [Tag]
    private let sink: any SampleSink
    private let logger: Logger
    private var parser = LineParser()
    private var cache = LineCache()
    private var samples: [Sample] = []
    private var overLimit = 0
    private var badLines = 0
    private var throttle: LogThrottle

    init(_ settings: LineSettings, environment: InputEnvironment, sink: any SampleSink) {
        self.settings = settings
        self.sink = sink
        input = environment.name
        tags = environment.deviceTags(settings.device)
        logger = environment.logger
        throttle = LogThrottle(now: monotonicNanoseconds())
        samples.reserveCapacity(256)
    }

    /// Takes every line that is whole.
    ///
    /// - Parameters:
    ///   - bytes: what has come and was not used up yet.
    ///   - source: who sent them.
    ///   - arrival: the time of lines without one.
    ///   - ending: what becomes of the rest.
    /// - Returns: how many bytes were used up; the others are to be given again with what follows them.
    mutating func take(
        _ bytes: UnsafeRawBufferPointer, from source: inout LineSource, arrival: Timestamp, ending: LineSource.Ending
    ) -> Int {
        var start = 0
        if source.isDiscarding {
            guard let newline = bytes.firstNewline else { return bytes.count }
            start = newline + 1
            source.isDiscarding = false
            source.line += 1
        }
        source.openTextSince = nil
        while start < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
            let newline = rest.firstNewline
            let isWhole = newline != nil || ending == .datagram
            if !isWhole, ending != .closed { break }
            do throws(LineProblem) {
                guard isWhole else {
                    throw LineProblem(
                        "the connection ended inside the line; end every line with a newline", at: rest.count)
                }
                guard newline ?? 0 <= Self.longestLine else { throw Self.tooLong }
                switch try parser.parse(rest, isLast: ending == .datagram) {
                case .nothing(let end):
                    start += end
                case .unfinished(let isTextOpen):
                    if ending == .open {
                        source.openTextSince = monotonicNanoseconds()
                        return start
                    }
                    throw isTextOpen
                        ? LineProblem("the text is not closed; write '\"' after it", at: rest.openQuote)
                        : LineProblem("the line is not ended; end every line with a newline", at: rest.count)
                case .point(let point):
                    guard point.end <= Self.longestLine + 1 else { throw Self.tooLong }
                    try accept(point, rest, arrival: arrival)
                    start += point.end
                    source.line += parser.newlinesInText(rest)
                }
            } catch {
                reject(error, from: source)
                start += rest.lineEnd(from: 0)
            }
            source.line += 1
        }
        if ending == .open || ending == .overdueText, bytes.count - start > Self.longestLine {
            reject(Self.tooLong, from: source)
            source.isDiscarding = true
            start = bytes.count
        }
        return start
    }

    /// Gives the sink what has gathered.
    mutating func flush() {
        if !samples.isEmpty {
            sink.accept(samples, priority: settings.priority)
            samples.removeAll(keepingCapacity: true)
        }
        if badLines > 0 { sink.reject(badLines, from: input, reason: "bad line") }
        if overLimit > 0 { sink.reject(overLimit, from: input, reason: "limit on series") }
        (badLines, overLimit) = (0, 0)
    }

    private static let tooLong = LineProblem(
        "the line is longer than \(longestLine) bytes; spread its fields over several lines", at: longestLine)

    private mutating func accept(
        _ point: LinePoint, _ bytes: UnsafeRawBufferPointer, arrival: Timestamp
    ) throws(LineProblem) {
        var timestamp = arrival
        if let given = point.timestamp {
            let (scaled, overflow) = given.multipliedReportingOverflow(by: settings.precision.factor)
            guard !overflow else {
                let unit = settings.precision.rawValue
                throw LineProblem(
                    "the timestamp is beyond the year 2262 in \(unit); correct 'precision' or the sender",
                    at: point.timestampOffset)
            }
            timestamp = Timestamp(nanoseconds: scaled)
        }
        let head = UnsafeRawBufferPointer(rebasing: bytes[point.head])
        if let known = cache.head(head) {
            try acceptFields(known: known, point, bytes, timestamp)
        } else {
            let head = try LineHead(bytes, in: point.head)
            if let event = try head.event(parser.fields, bytes, at: timestamp) {
                flush()
                sink.accept(event)
            } else {
                try acceptFields(new: head, point, bytes, timestamp)
            }
        }
        if samples.count >= Self.batchSize { flush() }
    }

    /// The way of nearly every line: all its fields were seen before.
    private mutating func acceptFields(
        known head: Int, _ point: LinePoint, _ bytes: UnsafeRawBufferPointer, _ timestamp: Timestamp
    ) throws(LineProblem) {
        let first = samples.count
        var cursor: Int?
        for field in parser.fields {
            let key = UnsafeRawBufferPointer(rebasing: bytes[field.key])
            guard let entry = cache.entry(head: head, field: key, cursor: &cursor) else {
                samples.removeSubrange(first...)
                try acceptFields(new: LineHead(bytes, in: point.head), point, bytes, timestamp)
                return
            }
            do throws(LineProblem) {
                try Self.demand(field, isState: entry.isState)
                samples.append(
                    Sample(series: entry.series, timestamp: timestamp, value: try bytes.telemetryValue(field.value)))
            } catch {
                samples.removeSubrange(first...)
                throw error
            }
        }
    }

    /// Registers what was not seen before. Everything is checked before the first field is registered, so that a bad
    /// line leaves no series behind.
    private mutating func acceptFields(
        new head: LineHead, _ point: LinePoint, _ bytes: UnsafeRawBufferPointer, _ timestamp: Timestamp
    ) throws(LineProblem) {
        let headBytes = UnsafeRawBufferPointer(rebasing: bytes[point.head])
        var ready: [(series: Series, key: Range<Int>, value: Value)] = []
        for field in parser.fields {
            let key = try bytes.unescaped(field.key, named: "field key")
            let name = try head.seriesName(field: key, at: field.key.lowerBound)
            var cursor: Int?
            let keyBytes = UnsafeRawBufferPointer(rebasing: bytes[field.key])
            if let known = cache.head(headBytes).flatMap({ cache.entry(head: $0, field: keyBytes, cursor: &cursor) }) {
                try Self.demand(field, isState: known.isState)
            }
            // Neither true nor a word is so many of anything.
            let unit = field.value.isState ? .one : settings.units[name] ?? .one
            let series = Series(
                name, tags: tags + head.tags, unit: unit, kind: field.value.isState ? .state : .gauge)
            ready.append((series, field.key, try bytes.telemetryValue(field.value)))
        }
        for (series, key, value) in ready {
            guard let id = sink.register(series) else {
                overLimit += 1
                continue
            }
            samples.append(Sample(series: id, timestamp: timestamp, value: value))
            let keyBytes = UnsafeRawBufferPointer(rebasing: bytes[key])
            var cursor: Int?
            if cache.head(headBytes).flatMap({ cache.entry(head: $0, field: keyBytes, cursor: &cursor) }) == nil {
                cache.insert(head: headBytes, field: keyBytes, series: id, isState: series.kind == .state)
            }
        }
    }

    private static func demand(_ field: LineField, isState: Bool) throws(LineProblem) {
        guard field.value.isState != isState else { return }
        throw LineProblem(
            isState
                ? "the field was text or true/false before and is a number now; give it another name"
                : "the field was a number before and is text or true/false now; give it another name",
            at: field.key.lowerBound)
    }

    private mutating func reject(_ problem: LineProblem, from source: LineSource) {
        badLines += 1
        guard let held = throttle.admit(at: monotonicNanoseconds()) else { return }
        let more = held > 0 ? "; \(held) more bad lines since the last one shown" : ""
        logger.warning(
            "bad line dropped: \(source), line \(source.line), column \(problem.offset + 1): \(problem.message)\(more)")
    }
}

extension LineParser {
    /// How many newlines stand inside the quoted texts of the point last returned.
    fileprivate func newlinesInText(_ bytes: UnsafeRawBufferPointer) -> Int {
        var count = 0
        for field in fields {
            guard case .text(let range, _) = field.value else { continue }
            for index in range where bytes[index] == UInt8(ascii: "\n") { count += 1 }
        }
        return count
    }
}

extension UnsafeRawBufferPointer {
    fileprivate var firstNewline: Int? {
        guard let base = baseAddress, let found = memchr(base, Int32(UInt8(ascii: "\n")), count) else { return nil }
        return UnsafeRawPointer(found) - base
    }

    /// Where the last quote of the first line stands: the one that was never closed.
    fileprivate var openQuote: Int {
        self[..<(firstNewline ?? count)].lastIndex(of: UInt8(ascii: "\"")) ?? 0
    }

    func telemetryValue(_ value: LineValue) throws(LineProblem) -> Value {
        switch value {
        case .double(let number): .double(number)
        case .integer(let number): .integer(number)
        case .boolean(let flag): .boolean(flag)
        case .text(let range, let hasEscapes): .text(try unquoted(range, hasEscapes: hasEscapes))
        }
    }
}
