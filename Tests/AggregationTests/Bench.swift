import Aggregation
import Configuration
import Delivery
import Frames
import JSON
import Scenarios
import Telemetry
import Testing

/// A scenario with its runs and data, put together step by step.
struct Bench {
    let definition: ScenarioDefinition
    var ledger: RunLedger
    var aggregates: [RunKey: RunAggregate] = [:]
    var streams: [StreamAccount] = []
    var through = Timestamp(seconds: Bench.epoch)
    private var count: Int64 = 0

    /// 2026-11-22T08:00:00Z.
    static let epoch: Int64 = 1_795_334_400

    init(
        criteria: String = "{id: ok, statistic: proportion, outcome: success, at-least: 0.9, confidence: 0.95}",
        more: String = "", metrics: String = ""
    ) throws {
        definition = try Bench.definition(criteria: criteria, more: more, metrics: metrics)
        ledger = RunLedger(definition)
    }

    static func definition(criteria: String, more: String = "", metrics: String = "") throws -> ScenarioDefinition {
        let items = criteria.split(separator: "\n").map { "  - \($0)\n" }.joined()
        return try ScenarioDefinition(
            ConfigurationFile(
                name: "test.yaml",
                text: """
                    schema: fieldproof/scenario/v1
                    id: grasp-and-place
                    version: 1.2.0
                    title: {en: Grasp and place, zh: 抓取与放置}
                    setting: real
                    metrics:
                      cycle-time: {series: run.duration, unit: s}
                      grip-force: {series: gripper.force, unit: N, every: 10ms}
                      joint-heat: {series: joint.temperature, where: {joint: "*"}, unit: Cel}
                    \(metrics)criteria:
                    \(items)\(more)
                    """))
    }

    static func identifier(_ text: String) throws -> Identifier { try #require(Identifier(text)) }

    /// Adds a run of `seconds` that ends as told; nil for no stop. Runs follow each other with a second between them.
    @discardableResult
    mutating func attempt(
        _ outcome: String?, seconds: Int64 = 10, site: String = "deqing", isStopped: Bool = true
    ) throws -> RunKey {
        count += 1
        let site = try Bench.identifier(site)
        let run = try Bench.identifier("run-\(count)")
        let source = try Bench.identifier("collector")
        let start = through.advanced(byNanoseconds: 1_000_000_000)
        through = start.advanced(byNanoseconds: seconds * 1_000_000_000)
        ledger.insert(
            RunMarker(
                RunEvent(.start, scenario: definition.id, run: run, at: start, subject: "arm-1"), site: site,
                source: source))
        if isStopped {
            ledger.insert(
                RunMarker(
                    RunEvent(
                        .stop, scenario: definition.id, run: run, at: through, outcome: outcome,
                        failureMode: outcome == "failure" ? "dropped" : nil, intervention: false),
                    site: site, source: source))
        }
        return RunKey(site: site, run: run)
    }

    mutating func attempts(_ count: Int, _ outcome: String, seconds: Int64 = 10, site: String = "deqing") throws {
        for _ in 0..<count { try attempt(outcome, seconds: seconds, site: site) }
    }

    var runs: [Run] { ledger.runs(through: through) }

    func run(_ key: RunKey) throws -> Run { try #require(runs.first { RunKey($0) == key }) }

    static let digest = "sha256:" + String(repeating: "ab", count: 32)

    func summary(isInterim: Bool = false, registered: String? = digest) throws -> Summary {
        var all = aggregates
        for run in runs where all[RunKey(run)] == nil && run.window != nil {
            all[RunKey(run)] = RunFold(run: run, definition: definition).finish()
        }
        return try Summary(evidence(all, isInterim: isInterim, registered: registered))
    }

    func evidence(
        _ aggregates: [RunKey: RunAggregate], isInterim: Bool = false, registered: String? = digest
    ) -> Evidence {
        Evidence(
            definition: definition, digest: Bench.digest, registered: registered, runs: runs, aggregates: aggregates,
            streams: streams, period: Summary.Period(from: Timestamp(seconds: Bench.epoch), to: through),
            isInterim: isInterim,
            reproduction: Summary.Reproduction(
                software: "fieldproof 1.0.0", archive: Bench.digest, definitions: [Bench.digest]))
    }

    /// An account of a stream in which nothing is missing, unless told otherwise.
    static func account(
        accepted: UInt64 = 1000, lost: UInt64 = 0, pending: UInt64 = 0, missing: [ClosedRange<UInt64>] = []
    ) throws -> StreamAccount {
        StreamAccount(
            stream: try FrameSource().stream, through: 12, missing: missing, accepted: accepted,
            delivered: accepted - lost - pending, lost: lost, pending: pending, duplicates: 3)
    }
}

/// Encodes the frames of one stream.
struct FrameSource {
    let stream: Stream
    private var head: StreamHead
    private var encoder = FrameEncoder()

    init(agent: String = "cell-3", epoch: UInt64 = 1, priority: PriorityClass = .metric, site: String = "deqing") throws
    {
        stream = Stream(
            site: try Bench.identifier(site), agent: try Bench.identifier(agent), install: UUIDBytes(high: 7, low: 9),
            epoch: epoch, priority: priority)
        head = StreamHead(stream)
    }

    mutating func frame(_ samples: [Sample], events: [Event] = [], clock: ClockState? = nil, at wall: Timestamp? = nil)
        throws -> FrameDecoder
    {
        var batch = SampleBatch()
        for sample in samples { try batch.append(sample) }
        var bytes: [UInt8] = []
        let reading = ClockReading(
            boot: UUIDBytes(high: 1, low: 1), sinceBoot: 0, wall: wall ?? Timestamp(seconds: Bench.epoch),
            state: clock ?? ClockState(isSynchronised: true, maximumError: 2_000_000))
        let header = try encoder.encode(batch, FrameExtras(events: events), at: head, clock: reading, into: &bytes)
        head.advance(past: header, digest: FrameDigest(of: bytes))
        var decoder = FrameDecoder()
        try decoder.decode(bytes)
        return decoder
    }
}
