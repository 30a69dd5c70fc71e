#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The measuring half of `Tools/benchmarks/run`, which asks it, counts around it, and prints what it found.
@main
enum Main {
    private static let usage = """
        fieldproof-bench list DIRECTORY                           kernels and mixes: kernel, mix, samples a pass, bytes a pass,
                                                                  passes in a round; with tabs between
        fieldproof-bench time KERNEL MIX DIRECTORY REPETITIONS    nanoseconds per sample: median, fastest, slowest
        fieldproof-bench record FOLDER SECONDS                    leaves the trace 'host' of this machine in FOLDER
        fieldproof-bench codec FOLDER TRACE REPETITIONS           codecs on a trace: codec, bytes a sample, nanoseconds a sample to
                                                                  encode and to decode; with tabs between
        fieldproof-bench pass KERNEL MIX DIRECTORY ROUNDS         does the work ROUNDS times, for callgrind and others to watch
        fieldproof-bench fold-data MIX FOLDER RUNS FRAMES         leaves RUNS runs of FRAMES frames each in FOLDER
        fieldproof-bench fold-run MIX SAMPLES                     samples of one run folded and resident bytes, a line now and then
        fieldproof-bench fold-time MIX REPETITIONS                nanoseconds a sample to decode and fold, and to fold what is decoded
        fieldproof-bench summary-time RUNS REPETITIONS            nanoseconds for the summary of so many runs: median, fastest, slowest
        fieldproof-bench commits DIRECTORY RECORD BATCH COUNT     seconds for COUNT commits of BATCH bytes to a log
        """

    static func main() {
        do {
            try run(Array(CommandLine.arguments.dropFirst()))
        } catch {
            let message = Array("fieldproof-bench: \(error)\n".utf8)
            _ = write(STDERR_FILENO, message, message.count)
            exit(1)
        }
    }

    private static func run(_ arguments: [String]) throws {
        let origin = try Origin()
        switch (arguments.first, arguments.count) {
        case ("list", 2):
            for subject in Subject.all {
                let kernel = try subject.make(origin, arguments[1])
                let bytes = kernel.bytesPerPass.map { "\($0)" } ?? "-"
                print(subject.kernel, subject.mix, kernel.samplesPerPass, bytes, kernel.round, separator: "\t")
            }
        case ("time", 5):
            guard let repetitions = Int(arguments[4]), repetitions > 0 else { throw BenchmarkError(usage) }
            let kernel = try Subject.named(arguments[1], on: arguments[2]).make(origin, arguments[3])
            let times = try Stopwatch(kernel, repetitions: repetitions, milliseconds: 100)
            let samples = Double(kernel.samplesPerPass)
            print(times.median / samples, times.fastest / samples, times.slowest / samples, separator: "\t")
        case ("record", 3):
            guard let seconds = Int(arguments[2]), seconds > 0 else { throw BenchmarkError(usage) }
            try HostTrace.record(seconds: seconds, in: arguments[1], origin)
        case ("codec", 4):
            guard let repetitions = Int(arguments[3]), repetitions > 0 else { throw BenchmarkError(usage) }
            try compare(on: try Trace(arguments[2], in: arguments[1]), origin, repetitions: repetitions)
        case ("pass", 5):
            guard let rounds = Int(arguments[4]), rounds >= 0 else { throw BenchmarkError(usage) }
            let kernel = try Subject.named(arguments[1], on: arguments[2]).make(origin, arguments[3])
            // One round beforehand, so that everything has the size that it will keep.
            for _ in 0..<kernel.round { try kernel.pass() }
            try measuredWork(kernel, passes: rounds * kernel.round)
        case ("fold-data", 5):
            guard let runs = Int(arguments[3]), let frames = Int(arguments[4]), runs > 0, frames > 0 else {
                throw BenchmarkError(usage)
            }
            try FoldData(mix: .named(arguments[1]), origin: origin, frames: frames, runs: runs).write(to: arguments[2])
        case ("fold-run", 3):
            guard let samples = Int(arguments[2]), samples > 0 else { throw BenchmarkError(usage) }
            try foldOneRun(of: .named(arguments[1]), origin, samples: samples)
        case ("fold-time", 3):
            guard let repetitions = Int(arguments[2]), repetitions > 0 else { throw BenchmarkError(usage) }
            let mix = try SampleMix.named(arguments[1])
            let kernels: [any Kernel] = [
                try FrameFolding(mix, origin, samples: 400_000), try Folding(mix, origin, samples: 400_000),
            ]
            let times = try kernels.map { kernel in
                let watch = try Stopwatch(
                    kernel, repetitions: repetitions, milliseconds: 200, clock: CLOCK_PROCESS_CPUTIME_ID)
                return watch.median / Double(kernel.samplesPerPass)
            }
            print(times[0], times[1], separator: "\t")
        case ("summary-time", 3):
            guard let runs = Int(arguments[1]), let repetitions = Int(arguments[2]), runs > 0, repetitions > 0 else {
                throw BenchmarkError(usage)
            }
            let summing = try Summing(.joints, origin, runs: runs)
            let times = try Stopwatch(
                summing, repetitions: repetitions, milliseconds: 1, clock: CLOCK_PROCESS_CPUTIME_ID)
            print(times.median, times.fastest, times.slowest, separator: "\t")
        case ("commits", 5):
            guard let record = Int(arguments[2]), let batch = Int(arguments[3]), let count = Int(arguments[4]),
                record > 0
            else { throw BenchmarkError(usage) }
            print(try Commits(directory: arguments[1]).seconds(for: count, of: batch, record: record))
        default:
            throw BenchmarkError("\n" + usage)
        }
    }

    private static func compare(on trace: Trace, _ origin: Origin, repetitions: Int) throws {
        print(trace.title, trace.samples, trace.frames.count, separator: "\t")
        let codecs: [(String, any TraceCodec)] = [
            (FrameCodec.name, FrameCodec(origin)), (RawZstandard.name, RawZstandard()),
            (GorillaCodec.name, GorillaCodec(hasTimes: true)),
            (GorillaCodec.name + ", values only", GorillaCodec(hasTimes: false)),
            (SenMLCodec.name, try SenMLCodec(origin, trace.definitions)),
        ]
        for (name, codec) in codecs {
            let size = try codec.encode(trace.frames).reduce(0) { $0 + $1.count }
            let encoding = try Stopwatch(TraceEncoding(codec, trace), repetitions: repetitions, milliseconds: 100)
            let decoding = try Stopwatch(try TraceDecoding(codec, trace), repetitions: repetitions, milliseconds: 100)
            let samples = Double(trace.samples)
            print(
                name, Double(size) / samples, encoding.median / samples, decoding.median / samples, separator: "\t")
        }
    }
}
