import CLinux
import Synchronization
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
    private let readings = Readings()

    package init() {
        boot = Self.readBoot() ?? UUIDBytes(high: 0, low: 0)
    }

    /// `CLOCK_REALTIME`.
    package var now: Timestamp { Self.now }

    /// `CLOCK_REALTIME`, for those who have no clock at hand.
    package static var now: Timestamp { Timestamp(nanoseconds: nanoseconds(of: CLOCK_REALTIME)) }

    /// `CLOCK_MONOTONIC` in nanoseconds: for deadlines and waiting.
    package var monotonic: Int64 { Self.monotonicNow }

    /// The same, for those who have no clock at hand.
    static var monotonicNow: Int64 { nanoseconds(of: CLOCK_MONOTONIC) }

    /// Wall clock, boot clock and the kernel's opinion of them (`adjtimex(2)`).
    ///
    /// The wall clock is read between two readings of the boot clock, anew when something came in between, since what is placed later by the
    /// distance of the two is as wrong as that distance.
    package var reading: ClockReading {
        var narrowest = Self.pair
        for _ in 0..<3 where narrowest.width > 20_000 {
            let other = Self.pair
            if other.width < narrowest.width { narrowest = other }
        }
        let reading = ClockReading(
            boot: boot, sinceBoot: narrowest.sinceBoot, wall: narrowest.wall, state: Self.state)
        return readings.steady.withLock { $0.steadied(reading) }
    }

    /// What copies of a clock share.
    private final class Readings: Sendable {
        let steady = Mutex(SteadyOffset())
    }

    private static var pair: (sinceBoot: Int64, wall: Timestamp, width: Int64) {
        let before = nanoseconds(of: CLOCK_BOOTTIME)
        let wall = now
        let width = nanoseconds(of: CLOCK_BOOTTIME) - before
        return (before + width / 2, wall, width)
    }

    private static func nanoseconds(of clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    private static var state: ClockState {
        var query = timex()
        let result = adjtimex(&query)
        return ClockState(result: result, status: query.status, maximumError: Int64(query.maxerror))
    }

    /// How far the wall clock still has to be moved, nanoseconds, where the kernel itself disciplines it (`offset` of `adjtimex(2)`); nil while
    /// nothing keeps the clock. A time service that steers by frequency alone leaves it at 0.
    package static var remainingOffset: Int64? {
        var query = timex()
        let result = adjtimex(&query)
        guard ClockState(result: result, status: query.status, maximumError: Int64(query.maxerror)).isSynchronised
        else {
            return nil
        }
        return Int64(query.offset) * (query.status & STA_NANO != 0 ? 1 : 1000)
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

extension ClockState {
    /// What `adjtimex(2)` said.
    ///
    /// - Parameters:
    ///   - result: the state of the clock, or -1: a kernel (or a sandbox) that refuses to tell counts as unsynchronised, with the greatest
    ///     error there is. `TIME_ERROR` covers, besides `STA_UNSYNC`, a pulse-per-second signal that was asked for and is lost or bad.
    ///   - status: the `STA_…` bits.
    ///   - maximumError: `maxerror` in microseconds, also under `STA_NANO`, which concerns `offset` and `time` alone. `esterror` is an
    ///     estimate and bounds nothing.
    package init(result: Int32, status: Int32, maximumError: Int64) {
        guard result >= 0, maximumError >= 0 else {
            self.init(isSynchronised: false, maximumError: .max)
            return
        }
        let (nanoseconds, overflow) = maximumError.multipliedReportingOverflow(by: 1000)
        self.init(
            isSynchronised: status & STA_UNSYNC == 0 && result != TIME_ERROR,
            maximumError: overflow ? .max : nanoseconds)
    }
}
