#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The system's words for an `errno`.
func systemMessage(_ number: Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
        buffer.initialize(repeating: 0)
        guard let base = buffer.baseAddress else { return "error \(number)" }
        return strerror_r(number, base, buffer.count) == 0 ? String(cString: base) : "error \(number)"
    }
}

/// Calls again as long as a signal interrupts the call.
///
/// - Returns: the call's result, or nil and the `errno` of its failure.
func retryingInterrupts<Result: FixedWidthInteger & SignedInteger>(
    _ call: () -> Result
) -> (result: Result, error: Int32) {
    while true {
        let result = call()
        guard result == -1 else { return (result, 0) }
        let error = errno
        guard error == EINTR else { return (result, error) }
    }
}

/// Nanoseconds on a clock that never steps and stands still while the box sleeps (`CLOCK_MONOTONIC`).
package func monotonicNanoseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
