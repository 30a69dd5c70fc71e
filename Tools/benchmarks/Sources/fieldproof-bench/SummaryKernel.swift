import Aggregation
import Frames
import JSON
import Scenarios
import Telemetry

/// The summary of runs that are folded already, as JSON. A sample here is a run.
final class Summing: Kernel {
    let round = 1
    let samplesPerPass: Int
    let bytesPerPass: Double? = nil
    private let evidence: Evidence
    private var json: [UInt8] = []

    /// Each run is one frame of the mix long.
    init(_ mix: SampleMix, _ origin: Origin, runs count: Int) throws {
        samplesPerPass = count
        let definition = try BenchRuns.definition
        let frames = try mix.encoded(count, at: origin)
        let length = Int64(mix.readings) * mix.interval
        let begin = Timestamp(seconds: Origin.begin)
        let ranges = (0..<Int64(count)).map { index in
            begin.advanced(byNanoseconds: index * length + 1)...begin.advanced(byNanoseconds: (index + 1) * length)
        }
        let runs = try BenchRuns.runs(of: definition, at: origin, ranges)
        let series = Dictionary(uniqueKeysWithValues: mix.definitions.map { ($0.id, $0.series) })
        var decoder = FrameDecoder()
        var aggregates: [RunKey: RunAggregate] = [:]
        for (run, frame) in zip(runs, frames) {
            var fold = RunFold(run: run, definition: definition)
            fold.begin(stream: origin.stream, series: series)
            try decoder.decode(frame)
            try fold.add(decoder)
            aggregates[RunKey(run)] = fold.finish()
        }
        let digest = "sha256:" + String(repeating: "0", count: 64)
        let delivered = UInt64(count * mix.samplesPerFrame)
        evidence = Evidence(
            definition: definition, digest: digest, registered: digest, runs: runs, aggregates: aggregates,
            streams: [
                StreamAccount(
                    stream: origin.stream, through: UInt64(count), missing: [], accepted: delivered,
                    delivered: delivered, lost: 0, pending: 0, duplicates: 0)
            ],
            period: Summary.Period(from: begin, to: ranges.last?.upperBound ?? begin), isInterim: false,
            reproduction: Summary.Reproduction(software: "bench", archive: digest, definitions: [digest]))
    }

    func pass() throws { json = try Summary(evidence).json.compact() }
}
