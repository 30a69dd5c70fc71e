#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Nanoseconds per pass, by the wall clock or of the processor: the median of repetitions, with the fastest and the slowest of them.
struct Stopwatch {
    let fastest: Double
    let median: Double
    let slowest: Double

    /// Each repetition lasts about `milliseconds`; the passes it needs for that are found out first.
    ///
    /// `clock`: `CLOCK_PROCESS_CPUTIME_ID` does not count what other programs take; it is right where nothing waits.
    init(
        _ kernel: any Kernel, repetitions: Int, milliseconds: Int, clock: clockid_t = CLOCK_MONOTONIC
    ) throws {
        var passes = 1
        let least = Double(milliseconds) * 1e6 / 2
        while try Self.time(kernel, passes: passes, clock) < least, passes < 1 << 30 { passes *= 2 }
        var times: [Double] = []
        for _ in 0..<repetitions { times.append(try Self.time(kernel, passes: passes, clock) / Double(passes)) }
        times.sort()
        fastest = times[0]
        median = times[times.count / 2]
        slowest = times[times.count - 1]
    }

    private static func time(_ kernel: any Kernel, passes: Int, _ clock: clockid_t) throws -> Double {
        let begin = now(clock)
        try measuredWork(kernel, passes: passes)
        return now(clock) - begin
    }

    /// Nanoseconds.
    static func now(_ clock: clockid_t = CLOCK_MONOTONIC) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }
}
