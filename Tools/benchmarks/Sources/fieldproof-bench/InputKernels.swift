import Frames
import Inputs
import Logging
import Synchronization
import Telemetry

/// Takes samples and counts them.
final class CountingSink: SampleSink {
    private let known = Mutex<[Series: SeriesID]>([:])
    private let taken = Atomic(0)
    private let refused = Atomic(0)

    var count: Int { taken.load(ordering: .relaxed) }
    var rejections: Int { refused.load(ordering: .relaxed) }

    func register(_ series: Series) -> SeriesID? {
        known.withLock { known in
            let id = known[series] ?? SeriesID(rawValue: UInt32(known.count))
            known[series] = id
            return id
        }
    }

    func accept(_ samples: [Sample], priority: PriorityClass) { taken.add(samples.count, ordering: .relaxed) }

    func accept(_ event: Event) {}

    func reject(_ count: Int, from input: String, reason: String) { refused.add(count, ordering: .relaxed) }
}

extension InputEnvironment {
    static func measured(_ origin: Origin) -> InputEnvironment {
        InputEnvironment(
            name: "bench", device: origin.agent.text, now: { Timestamp(seconds: Origin.begin) },
            logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
    }
}

/// Lines of Influx line protocol into samples of known series.
final class LineParsing: Kernel {
    let round = 8
    let samplesPerPass: Int
    let bytesPerPass: Double?
    private let texts: [[UInt8]]
    private let sink = CountingSink()
    private var lines: MeasuredLines
    private var index = 0

    init(_ mix: SampleMix, _ origin: Origin) throws {
        texts = mix.frames(round).map { Array(mix.lines(of: $0).utf8) }
        samplesPerPass = mix.samplesPerFrame
        bytesPerPass = Double(texts.reduce(0) { $0 + $1.count }) / Double(round)
        lines = MeasuredLines(into: sink, environment: .measured(origin))
        pass()
        guard sink.count == samplesPerPass, sink.rejections == 0 else {
            throw BenchmarkError("\(samplesPerPass) samples as lines gave \(sink.count) samples")
        }
    }

    func pass() {
        lines.take(texts[index], arrival: Timestamp(seconds: Origin.begin))
        index = (index + 1) % round
    }
}

extension SampleMix {
    /// Samples as lines: those of one time, subject and tags as fields of one line.
    fileprivate func lines(of samples: [Sample]) -> String {
        var heads: [String] = []
        var fields: [String: [String]] = [:]
        for sample in samples {
            let series = definitions[Int(sample.series.rawValue)].series
            let words = series.name.split(separator: ".", maxSplits: 1)
            let tags = series.tags.map { ",\($0.key)=\($0.value)" }.joined()
            let head = "\(words[0])\(tags) \(sample.timestamp.nanoseconds)"
            let text =
                switch sample.value {
                case .integer(let number): "\(number)i"
                case .double(let number): "\(number)"
                case .boolean(let flag): "\(flag)"
                case .text(let text): "\"\(text)\""
                }
            if fields[head] == nil { heads.append(head) }
            fields[head, default: []].append("\(words.count > 1 ? words[1] : "value")=\(text)")
        }
        return heads.map { head in
            let parts = head.split(separator: " ")
            return "\(parts[0]) \((fields[head] ?? []).joined(separator: ",")) \(parts[1])\n"
        }.joined()
    }
}

/// Records of text of one format into samples of known series.
final class RecordParsing: Kernel {
    let round = 8
    let samplesPerPass: Int
    let bytesPerPass: Double?
    private let texts: [[UInt8]]
    private let sink = CountingSink()
    private var records: MeasuredRecords
    private var index = 0

    init(_ format: String, record: String, _ origin: Origin) throws {
        var random = SplitMix64(seed: 7)
        texts = (0..<round).map { _ in
            let lines = (0..<128).map { _ in
                record.split(separator: "#", omittingEmptySubsequences: false).reduce(into: "") { line, part in
                    if !line.isEmpty { line += "\(Double(random.next() % 100_000) / 100)" }
                    line += part
                }
            }
            return Array((lines.joined(separator: "\n") + "\n").utf8)
        }
        bytesPerPass = Double(texts.reduce(0) { $0 + $1.count }) / Double(round)
        let counted = sink
        records = MeasuredRecords(format, into: counted, environment: .measured(origin))
        records.take(texts[0], arrival: Timestamp(seconds: Origin.begin))
        samplesPerPass = counted.count
        guard samplesPerPass >= 128, sink.rejections == 0 else {
            throw BenchmarkError("128 records of \(format) gave \(samplesPerPass) samples")
        }
    }

    func pass() {
        records.take(texts[index], arrival: Timestamp(seconds: Origin.begin))
        index = (index + 1) % round
    }
}

/// One reading of this machine by the host input.
final class HostReading: Kernel {
    let round = 8
    let samplesPerPass: Int
    let bytesPerPass: Double? = nil
    private var host: MeasuredHost
    private let sink = CountingSink()

    init(_ origin: Origin) {
        let counted = sink
        host = MeasuredHost(into: counted, environment: .measured(origin))
        // Shares of time are given from the second reading on.
        host.read(at: Timestamp(seconds: Origin.begin))
        let first = counted.count
        host.read(at: Timestamp(seconds: Origin.begin))
        samplesPerPass = counted.count - first
    }

    func pass() { host.read(at: Timestamp(seconds: Origin.begin)) }
}
