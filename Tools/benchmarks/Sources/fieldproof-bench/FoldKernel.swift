import Aggregation
import Configuration
import Frames
import Scenarios
import Telemetry

/// Decoded frames into the aggregate of the run that they belong to.
final class Folding: Kernel {
    let round = 1
    let samplesPerPass: Int
    let bytesPerPass: Double? = nil
    private let frames: [FrameDecoder]
    private let stream: Stream
    private let series: [SeriesID: Series]
    private let definition: ScenarioDefinition
    private let run: Run
    private var aggregate: RunAggregate?

    init(_ mix: SampleMix, _ origin: Origin, samples: Int) throws {
        let count = max(60, samples / mix.samplesPerFrame)
        frames = try mix.encoded(count, at: origin).map { frame in
            var decoder = FrameDecoder()
            try decoder.decode(frame)
            return decoder
        }
        samplesPerPass = count * mix.samplesPerFrame
        stream = origin.stream
        series = Dictionary(uniqueKeysWithValues: mix.definitions.map { ($0.id, $0.series) })
        definition = try ScenarioDefinition(ConfigurationFile(name: "bench.yaml", text: Self.scenario))
        run = try Self.run(of: definition, at: origin)
    }

    func pass() throws {
        var fold = RunFold(run: run, definition: definition)
        fold.begin(stream: stream, series: series)
        for frame in frames { try fold.add(frame) }
        aggregate = fold.finish()
    }

    /// Every series of the mixes of joints is a metric's, and the three of the host that the shipped scenario looks at.
    private static let scenario = """
        schema: fieldproof/scenario/v1
        id: bench
        version: 1.0.0
        title: Bench
        setting: real
        metrics:
          position: {series: joint.position, where: {joint: "*"}, unit: rad, every: 100ms}
          velocity: {series: joint.velocity, where: {joint: "*"}, unit: rad/s, every: 100ms}
          torque: {series: joint.torque, where: {joint: "*"}, unit: N.m, every: 100ms}
          heat: {series: joint.temperature, where: {joint: "*"}, unit: Cel, every: 100ms}
          cpu: {series: cpu.usage, where: {core: ""}, unit: "%", every: 1s}
          memory-usage: {series: memory.usage, unit: "%", every: 1s}
          memory-available: {series: memory.available, unit: MiBy, every: 1s}
        criteria:
          - {id: ok, statistic: proportion, outcome: success, at-least: 0.9, confidence: 0.95}
          - {id: hot, statistic: mean, metric: heat, reduce: max, at-most: 70 Cel, confidence: 0.95}
        """

    /// A run that all samples fall into.
    private static func run(of definition: ScenarioDefinition, at origin: Origin) throws -> Run {
        var ledger = RunLedger(definition)
        let id = try Origin.identifier("r1")
        let end = Timestamp(seconds: Origin.begin + 86_400)
        let markers = [
            RunEvent(.start, scenario: definition.id, run: id, at: Timestamp(seconds: Origin.begin)),
            RunEvent(.stop, scenario: definition.id, run: id, at: end, outcome: "success"),
        ]
        for marker in markers { ledger.insert(RunMarker(marker, site: origin.site, source: origin.agent)) }
        guard let run = ledger.runs(through: end).first else { throw BenchmarkError("there is no run") }
        return run
    }
}
