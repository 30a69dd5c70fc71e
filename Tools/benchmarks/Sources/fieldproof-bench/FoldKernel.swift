import Aggregation
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
        definition = try BenchRuns.definition
        run = try BenchRuns.runs(of: definition, at: origin, [BenchRuns.everything])[0]
    }

    func pass() throws {
        var fold = RunFold(run: run, definition: definition)
        fold.begin(stream: stream, series: series)
        for frame in frames { try fold.add(frame) }
        aggregate = fold.finish()
    }
}

/// Encoded frames into the aggregate of the run that they belong to: what a collector does with each.
final class FrameFolding: Kernel {
    let round = 1
    let samplesPerPass: Int
    let bytesPerPass: Double?
    private let frames: [[UInt8]]
    private let stream: Stream
    private let series: [SeriesID: Series]
    private let definition: ScenarioDefinition
    private let run: Run
    private var decoder = FrameDecoder(verifyingChecksum: false)
    private var aggregate: RunAggregate?

    init(_ mix: SampleMix, _ origin: Origin, samples: Int) throws {
        let count = max(60, samples / mix.samplesPerFrame)
        frames = try mix.encoded(count, at: origin)
        samplesPerPass = count * mix.samplesPerFrame
        bytesPerPass = Double(frames.reduce(0) { $0 + $1.count })
        stream = origin.stream
        series = Dictionary(uniqueKeysWithValues: mix.definitions.map { ($0.id, $0.series) })
        definition = try BenchRuns.definition
        run = try BenchRuns.runs(of: definition, at: origin, [BenchRuns.everything])[0]
    }

    func pass() throws {
        var fold = RunFold(run: run, definition: definition)
        fold.begin(stream: stream, series: series)
        for frame in frames {
            try decoder.decode(frame)
            try fold.add(decoder)
        }
        aggregate = fold.finish()
    }
}
