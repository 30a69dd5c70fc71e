import CLinux
package import Telemetry

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// The clocks of this machine.
package struct SystemClock: Sendable {
    /// The kernel's id of this boot; zero where the kernel has none.
    package let boot: UUIDBytes

    package init() {
        boot = Self.readBoot() ?? UUIDBytes(high: 0, low: 0)
    }

    /// `CLOCK_REALTIME`.
    package var now: Timestamp { Self.now }

    /// `CLOCK_REALTIME`, for those who have no clock at hand.
    static var now: Timestamp { Timestamp(nanoseconds: nanoseconds(of: CLOCK_REALTIME)) }

    /// `CLOCK_MONOTONIC` in nanoseconds: for deadlines and waiting.
    package var monotonic: Int64 { Self.nanoseconds(of: CLOCK_MONOTONIC) }

    /// Wall clock, boot clock and the kernel's opinion of them (`adjtimex(2)`).
    package var reading: ClockReading {
        ClockReading(boot: boot, sinceBoot: Self.nanoseconds(of: CLOCK_BOOTTIME), wall: now, state: Self.state)
    }

    private static func nanoseconds(of clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// A kernel that refuses to tell counts as unsynchronised, with the greatest error there is.
    private static var state: ClockState {
        var query = timex()
        let result = adjtimex(&query)
        guard result >= 0 else { return ClockState(isSynchronised: false, maximumError: .max) }
        let isSynchronised = query.status & STA_UNSYNC == 0 && result != TIME_ERROR
        let (nanoseconds, overflow) = Int64(query.maxerror).multipliedReportingOverflow(by: 1000)
        return ClockState(isSynchronised: isSynchronised, maximumError: overflow ? .max : nanoseconds)
    }

    private static func readBoot() -> UUIDBytes? {
        let descriptor = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = read(descriptor, &buffer, buffer.count)
        guard count > 0 else { return nil }
        return UUIDBytes(hexadecimal: String(decoding: buffer.prefix(count), as: UTF8.self).filter { $0.isHexDigit })
    }
}
