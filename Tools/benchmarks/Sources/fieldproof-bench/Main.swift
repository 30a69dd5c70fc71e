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
