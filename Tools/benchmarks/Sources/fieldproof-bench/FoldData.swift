import Aggregation
import Frames
import Scenarios
import Telemetry

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Samples of a mix for programs that fold them: as frames, and as plain numbers for others.
struct FoldData {
    let mix: SampleMix
    let origin: Origin
    /// Frames of each run.
    let frames: Int
    let runs: Int

    /// Writes `FOLDER/frames`, a dictionary with the markers of all runs and then the samples; `FOLDER/bench.yaml`, the scenario;
    /// `FOLDER/series`, the names of series 0, 1, 2 … a line each; and `FOLDER/samples`, for each sample the run from 0 (uint32), the series (uint32), nanoseconds (int64) and the value (binary64).
    func write(to folder: String) throws {
        let definition = try BenchRuns.definition
        try OutputStream(folder + "/bench.yaml").write(Array(BenchRuns.scenario.utf8))
        let names = mix.definitions.map { $0.series.name + "\n" }.joined()
        try OutputStream(folder + "/series").write(Array(names.utf8))
        let output = try OutputStream(folder + "/frames")
        let samples = try OutputStream(folder + "/samples")
        var event = StreamHead(
            Stream(
                site: origin.site, agent: origin.agent, install: origin.stream.install, epoch: origin.stream.epoch,
                priority: .event))
        var head = StreamHead(origin.stream)
        var encoder = FrameEncoder()
        var batch = SampleBatch()
        var source = SampleMix.FrameSamples(mix)
        let begin = Timestamp(seconds: Origin.begin)
        let length = Int64(frames * mix.readings) * mix.interval
        var bytes: [UInt8] = []
        for run in 0..<runs {
            // Half way between two readings, so that a timer that is late takes none into the next run.
            let from = begin.advanced(byNanoseconds: Int64(run) * length + mix.interval / 2)
            let markers = try BenchRuns.markers(of: definition, run, from...from.advanced(byNanoseconds: length - 1))
            let extras = FrameExtras(definitions: run == 0 ? mix.definitions : [], events: markers.map(\.event))
            let header = try encoder.encode(
                SampleBatch(), extras, at: event, clock: Origin.clock(after: from.advanced(byNanoseconds: length)),
                into: &bytes)
            event.advance(past: header, digest: FrameDigest(of: bytes))
            try output.write(bytes)
            for _ in 0..<frames {
                batch.removeAll()
                var last = from
                var plain: [UInt8] = []
                plain.reserveCapacity(mix.samplesPerFrame * 24)
                for sample in source.next() {
                    try batch.append(sample)
                    last = sample.timestamp
                    guard case .double(let value) = sample.value else {
                        throw BenchmarkError("only binary64 is compared")
                    }
                    withUnsafeBytes(of: UInt32(run).littleEndian) { plain += $0 }
                    withUnsafeBytes(of: sample.series.rawValue.littleEndian) { plain += $0 }
                    withUnsafeBytes(of: sample.timestamp.nanoseconds.littleEndian) { plain += $0 }
                    withUnsafeBytes(of: value.bitPattern.littleEndian) { plain += $0 }
                }
                let header = try encoder.encode(batch, at: head, clock: Origin.clock(after: last), into: &bytes)
                head.advance(past: header, digest: FrameDigest(of: bytes))
                try output.write(bytes)
                try samples.write(plain)
            }
        }
    }
}

/// Folds one run of so many samples, and tells how much memory that takes on the way: samples, resident bytes.
func foldOneRun(of mix: SampleMix, _ origin: Origin, samples: Int) throws {
    let definition = try BenchRuns.definition
    let run = try BenchRuns.runs(of: definition, at: origin, [BenchRuns.everything])[0]
    var fold = RunFold(run: run, definition: definition)
    fold.begin(
        stream: origin.stream, series: Dictionary(uniqueKeysWithValues: mix.definitions.map { ($0.id, $0.series) }))
    var source = SampleMix.FrameSamples(mix)
    var encoder = FrameEncoder()
    var decoder = FrameDecoder()
    var head = StreamHead(origin.stream)
    var batch = SampleBatch()
    var bytes: [UInt8] = []
    var done = 0
    var next = 1_000_000
    while done < samples {
        batch.removeAll()
        let frame = source.next()
        for sample in frame { try batch.append(sample) }
        let clock = Origin.clock(after: frame.last?.timestamp ?? Timestamp(seconds: Origin.begin))
        let header = try encoder.encode(batch, at: head, clock: clock, into: &bytes)
        head.advance(past: header, digest: FrameDigest(of: bytes))
        try decoder.decode(bytes)
        try fold.add(decoder)
        done += mix.samplesPerFrame
        if done >= next || done >= samples {
            print(done, try residentBytes(), separator: "\t")
            next = done < 10_000_000 ? 10_000_000 : done + 10_000_000
        }
    }
    let aggregate = fold.finish()
    guard aggregate.samples == UInt64(done) else { throw BenchmarkError("the run lost samples") }
}

private func residentBytes() throws -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { throw BenchmarkError("/proc/self/statm cannot be read") }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    fgets(&line, 128, file)
    let fields = line.withUnsafeBytes { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }.split(separator: " ")
    guard fields.count > 1, let pages = Int(fields[1]) else { throw BenchmarkError("/proc/self/statm is other") }
    return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
}

/// A file that is written from its beginning to its end.
private final class OutputStream {
    private let file: UnsafeMutablePointer<FILE>

    init(_ path: String) throws {
        guard let file = fopen(path, "w") else { throw BenchmarkError("\(path): \(String(cString: strerror(errno)))") }
        self.file = file
    }

    deinit { fclose(file) }

    func write(_ bytes: [UInt8]) throws {
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw BenchmarkError("the disk is full") }
    }
}
