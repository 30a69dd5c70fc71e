/// What the kernel says of the wall clock (`adjtimex(2)`).
package struct ClockState: Hashable, Sendable {
    /// The kernel's `STA_UNSYNC` is clear, and it reports no error: some time service keeps the clock.
    package var isSynchronised: Bool
    /// The kernel's bound on the clock's error (`maxerror`), nanoseconds; `Int64.max` when the kernel does not tell.
    package var maximumError: Int64

    package init(isSynchronised: Bool, maximumError: Int64) {
        self.isSynchronised = isSynchronised
        self.maximumError = maximumError
    }
}

/// One reading of a box's clocks, taken together.
package struct ClockReading: Hashable, Sendable {
    /// The kernel's random id of this boot, 16 bytes (`/proc/sys/kernel/random/boot_id`).
    package var boot: UUIDBytes
    /// Nanoseconds since that boot, time asleep included (`CLOCK_BOOTTIME`).
    package var sinceBoot: Int64
    /// `CLOCK_REALTIME`.
    package var wall: Timestamp
    package var state: ClockState

    package init(boot: UUIDBytes, sinceBoot: Int64, wall: Timestamp, state: ClockState) {
        self.boot = boot
        self.sinceBoot = sinceBoot
        self.wall = wall
        self.state = state
    }
}

/// Takes the noise of reading out of a row of clock readings.
///
/// Two clocks cannot be read at once, so their distance trembles by the time that reading takes, and times that are placed by the readings of
/// different frames would tremble against each other. A distance is kept until it changes by more than `noise`: then the wall clock was
/// stepped.
package struct SteadyOffset: Sendable {
    private var kept: Int64?

    /// Nanoseconds; far above what reading takes, and below what any test bed can tell of a wall clock.
    package static let noise: Int64 = 1_000_000

    package init() {}

    /// The same reading, its wall clock moved by `noise` at the most.
    package mutating func steadied(_ reading: ClockReading) -> ClockReading {
        let offset = reading.offset
        let distance = Timestamp(nanoseconds: offset).nanoseconds(since: Timestamp(nanoseconds: kept ?? offset))
        guard let kept, distance.magnitude <= Self.noise else {
            kept = offset
            return reading
        }
        var steady = reading
        steady.wall = Timestamp(nanoseconds: reading.sinceBoot).advanced(byNanoseconds: kept)
        return steady
    }
}

/// 128 bits that name something for good: an installation, a boot.
package struct UUIDBytes: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Sixteen bytes, most significant first; nil for any other count.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        high = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        low = bytes.dropFirst(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// 32 hexadecimal digits, hyphens allowed anywhere; nil for anything else.
    package init?(hexadecimal text: some StringProtocol) {
        var digits: [UInt64] = []
        for character in text where character != "-" {
            guard let digit = character.hexDigitValue, digits.count < 32 else { return nil }
            digits.append(UInt64(digit))
        }
        guard digits.count == 32 else { return nil }
        high = digits.prefix(16).reduce(0) { $0 << 4 | $1 }
        low = digits.suffix(16).reduce(0) { $0 << 4 | $1 }
    }

    package var bytes: [UInt8] {
        (0..<16).map { index in UInt8(truncatingIfNeeded: (index < 8 ? high : low) >> UInt64(56 - index % 8 * 8)) }
    }

    /// 32 lower-case hexadecimal digits.
    package var description: String {
        [high, low].map { half in
            let digits = String(half, radix: 16)
            return String(repeating: "0", count: 16 - digits.utf8.count) + digits
        }.joined()
    }

    package static func < (a: UUIDBytes, b: UUIDBytes) -> Bool { (a.high, a.low) < (b.high, b.low) }
}
