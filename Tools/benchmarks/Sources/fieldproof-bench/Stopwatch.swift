#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Nanoseconds per pass: the median of repetitions, with the fastest and the slowest of them.
struct Stopwatch {
    let fastest: Double
    let median: Double
    let slowest: Double

    /// Each repetition lasts about `milliseconds`; the passes it needs for that are found out first.
    init(_ kernel: any Kernel, repetitions: Int, milliseconds: Int) throws {
        var passes = 1
        while try Self.time(kernel, passes: passes) < Double(milliseconds) * 1e6 / 2, passes < 1 << 30 { passes *= 2 }
        var times: [Double] = []
        for _ in 0..<repetitions { times.append(try Self.time(kernel, passes: passes) / Double(passes)) }
        times.sort()
        fastest = times[0]
        median = times[times.count / 2]
        slowest = times[times.count - 1]
    }

    private static func time(_ kernel: any Kernel, passes: Int) throws -> Double {
        let begin = now
        try measuredWork(kernel, passes: passes)
        return now - begin
    }

    /// `CLOCK_MONOTONIC`, nanoseconds.
    static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }
}
