import Logging
import Telemetry

/// Turns what a scrape gave into samples.
///
/// A series that was there in the last scrape costs a look-up by the bytes that the server wrote, and no allocation.
struct ScrapeIntake {
    /// A series of the server's, or one that is left out.
    private struct Entry {
        let id: SeriesID?
        let isCounter: Bool
        /// The timestamp of the last sample, where the server gives them: the same one again is no fresh sample.
        var last: Double?
    }

    /// The longest name with its labels that is followed, in bytes: they are remembered as they were written.
    private static let longestKey = 1024

    private let settings: PrometheusSettings
    private let input: String
    private let tags: [Tag]
    private let sink: any SampleSink
    private let logger: Logger
    private var table = ByteTable()
    private var entries: [Entry] = []
    private var names: NameBook
    private var kept = 0
    private var samples: [Sample] = []
    private var throttle: LogThrottle
    private var rejected: [String: Int] = [:]
    /// The family that the lines belong to now, and its type.
    private var family: [UInt8] = []
    private var type = ExpositionSeries.MetricType.untyped
    private let up: SeriesID?
    private let duration: SeriesID?
    private let count: SeriesID?

    init(_ settings: PrometheusSettings, environment: InputEnvironment, sink: any SampleSink) {
        self.settings = settings
        self.sink = sink
        input = environment.name
        logger = environment.logger
        tags = environment.deviceTags(settings.device)
        names = NameBook(.series, limit: 65_536)
        throttle = LogThrottle(now: monotonicNanoseconds())
        let own = tags + [Tag("instance", String(settings.target.instance.suffix(255)))]
        func name(_ name: String) -> String { settings.prefix.map { "\($0).\(name)" } ?? name }
        up = sink.register(Series(name("up"), tags: own, kind: .state))
        duration = sink.register(Series(name("scrape.duration"), tags: own, unit: .second))
        count = sink.register(Series(name("scrape.samples"), tags: own))
    }

    /// A scrape that gave nothing.
    mutating func failed(at time: Timestamp) {
        add(up, .boolean(false), at: time)
        flush()
    }

    /// Takes a scrape as a whole.
    ///
    /// - Parameters:
    ///   - body: the text.
    ///   - isOpenMetrics: whether its timestamps are in seconds and it ends with `# EOF`.
    ///   - time: when it was asked for: the time of all its samples that have none.
    ///   - elapsed: how long it took, nanoseconds.
    /// - Returns: whether all of it was there.
    mutating func take(
        _ body: UnsafeRawBufferPointer, isOpenMetrics: Bool, at time: Timestamp, elapsed: Int64
    ) -> Bool {
        family.removeAll(keepingCapacity: true)
        type = .untyped
        var cursor = ByteCursor(body)
        var line = 0
        var isWhole = !isOpenMetrics
        // The table only grows within one scrape, so that a series is always found where it was put.
        if entries.count > settings.series * 2 + 10_000 || table.byteCount > usualKeyBytes { forget() }
        while var text = cursor.line() {
            line += 1
            text.skipSpaces()
            if text.isAtEnd || text.current == UInt8(ascii: "\r") { continue }
            if text.current == UInt8(ascii: "#") {
                if takeComment(&text) { isWhole = true }
                continue
            }
            do throws(ExpositionProblem) {
                try take(ExpositionLine(text.rest), isOpenMetrics: isOpenMetrics, at: time)
            } catch {
                complain("bad line", "line \(line), column \(error.offset + 1): \(error.message)")
            }
        }
        let taken = samples.count
        add(up, .boolean(isWhole), at: time)
        add(duration, .double(Double(elapsed) / 1e9), at: time)
        add(count, .integer(Int64(taken)), at: time)
        flush()
        return isWhole
    }

    /// Bytes of the names with their labels; beyond, what is known is forgotten before the next scrape, and beyond twice as many new ones are refused.
    private var usualKeyBytes: Int { max(4 << 20, settings.series * 256) }

    /// Begins anew with the server's series, of which some are gone: the ids stay the same.
    private mutating func forget() {
        table.removeAll()
        entries.removeAll()
        kept = 0
    }

    /// - Returns: whether it is `# EOF`.
    private mutating func takeComment(_ text: inout ByteCursor) -> Bool {
        text.advance()
        let word = text.word()
        if word.isEqual("EOF") || word.isEqual("EOF\r") { return true }
        guard word.isEqual("TYPE") else { return false }
        let name = text.word()
        family.removeAll(keepingCapacity: true)
        family.append(contentsOf: name)
        var kind = text.word()
        if kind.last == UInt8(ascii: "\r") { kind = UnsafeRawBufferPointer(rebasing: kind.dropLast()) }
        type = ExpositionSeries.MetricType(kind)
        return false
    }

    private mutating func take(
        _ line: ExpositionLine, isOpenMetrics: Bool, at time: Timestamp
    ) throws(ExpositionProblem) {
        let number: Int
        if let known = table.number(of: line.key) {
            number = known
        } else {
            guard line.key.count <= Self.longestKey else {
                throw ExpositionProblem("the name is longer than \(Self.longestKey) bytes with its labels", at: 0)
            }
            let entry = try entry(line)
            guard entries.count < settings.series * 4 + 20_000, table.byteCount < usualKeyBytes * 2 else {
                // A server that never says the same twice.
                reject("limit on series")
                return
            }
            number = table.insert(line.key)
            entries.append(entry)
        }
        guard let id = entries[number].id else { return }
        // Of a summary without observations, and of whatever has no value now.
        if line.value.isNaN { return }
        var moment = time
        if settings.timestamps == .honour, let given = line.timestamp {
            if given == entries[number].last { return }
            entries[number].last = given
            // To the microsecond: a double of seconds has no more at today's dates.
            let microseconds = (given * (isOpenMetrics ? 1e6 : 1e3)).rounded()
            guard abs(microseconds) < 9.2e15 else {
                reject("bad time")
                return
            }
            moment = Timestamp(nanoseconds: Int64(microseconds) * 1000)
        }
        add(id, Self.value(line.value, entries[number].isCounter), at: moment)
    }

    /// A count that is whole is an integer.
    private static func value(_ number: Double, _ isCounter: Bool) -> Value {
        if isCounter, abs(number) < 9.007_199_254_740_992e15, let whole = Int64(exactly: number) {
            return .integer(whole)
        }
        return .double(number)
    }

    /// What becomes of a series that is new. One that is left out is remembered too, so that it costs no more than the others.
    private mutating func entry(_ line: ExpositionLine) throws(ExpositionProblem) -> Entry {
        let written = line.name.text
        guard settings.match.isEmpty || settings.match.matches(written), !settings.exclude.matches(written) else {
            return Entry(id: nil, isCounter: false)
        }
        let own = try ExpositionSeries.tags(line)
        let name: String
        switch names.entry(for: written) {
        case .name(let made): name = settings.prefix.map { "\($0).\(made)" } ?? made
        case .taken(let other):
            throw ExpositionProblem("'\(written.prefix(64))' becomes the same name as '\(other)'", at: 0)
        case .unusable: throw ExpositionProblem("'\(written.prefix(64))' gives no series name", at: 0)
        case .full:
            throw ExpositionProblem(
                "there are more names than are remembered; narrow 'match', so that '\(written.prefix(64))' has room",
                at: 0)
        }
        guard Series.isValidName(name) else { throw ExpositionProblem("the name is longer than 255 bytes", at: 0) }
        guard kept < settings.series else {
            complain(
                "limit on series", "there are more than \(settings.series) series; narrow 'match', or raise 'series'")
            return Entry(id: nil, isCounter: false)
        }
        let type = isOfFamily(line.name) ? type : .untyped
        let kind = ExpositionSeries.kind(written, type)
        let unit = settings.units[name] ?? ExpositionSeries.unit(written, type)
        guard let id = sink.register(Series(name, tags: tags + own, unit: unit, kind: kind)) else {
            reject("limit on series")
            return Entry(id: nil, isCounter: false)
        }
        kept += 1
        return Entry(id: id, isCounter: kind == .counter)
    }

    /// Whether a sample's name is the family's, or that with a suffix of one word.
    private func isOfFamily(_ name: UnsafeRawBufferPointer) -> Bool {
        guard !family.isEmpty, name.count >= family.count, name.prefix(family.count).elementsEqual(family) else {
            return false
        }
        let suffix = UnsafeRawBufferPointer(rebasing: name.dropFirst(family.count))
        return suffix.isEmpty || suffix.isEqual("_total") || suffix.isEqual("_bucket") || suffix.isEqual("_sum")
            || suffix.isEqual("_count") || suffix.isEqual("_created") || suffix.isEqual("_info")
            || suffix.isEqual("_gsum") || suffix.isEqual("_gcount")
    }

    private mutating func add(_ series: SeriesID?, _ value: Value, at time: Timestamp) {
        guard let series else {
            reject("limit on series")
            return
        }
        samples.append(Sample(series: series, timestamp: time, value: value))
    }

    private mutating func reject(_ reason: String) { rejected[reason, default: 0] += 1 }

    private mutating func complain(_ reason: String, _ message: String) {
        reject(reason)
        guard let held = throttle.admit(at: monotonicNanoseconds()) else { return }
        let more = held > 0 ? "; \(held) more since the last one shown" : ""
        logger.warning("\(reason): \(settings.target): \(message)\(more)")
    }

    private mutating func flush() {
        if !samples.isEmpty {
            sink.accept(samples, priority: settings.priority)
            samples.removeAll(keepingCapacity: true)
        }
        guard !rejected.isEmpty else { return }
        for (reason, count) in rejected { sink.reject(count, from: input, reason: reason) }
        rejected.removeAll(keepingCapacity: true)
    }
}
