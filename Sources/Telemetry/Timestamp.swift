/// A point in time: nanoseconds since 1970-01-01T00:00:00Z, without leap seconds (POSIX time).
///
/// Covers 1677-09-21 to 2262-04-11.
package struct Timestamp: Hashable, Sendable, Comparable {
    /// Nanoseconds since the Unix epoch.
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// A time given in whole seconds since the Unix epoch.
    package init(seconds: Int64) {
        self.nanoseconds = seconds * 1_000_000_000
    }

    package static func < (a: Timestamp, b: Timestamp) -> Bool { a.nanoseconds < b.nanoseconds }

    /// Seconds since the Unix epoch; microsecond resolution at today's dates, and 0.25 s is 0.25 s.
    package var seconds: Double {
        // The count of nanoseconds itself fits no double today; its whole seconds do.
        let (whole, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return Double(whole) + Double(rest) / 1e9
    }

    /// Nanoseconds from `other` to this time; saturates instead of overflowing.
    package func nanoseconds(since other: Timestamp) -> Int64 {
        let (difference, overflow) = nanoseconds.subtractingReportingOverflow(other.nanoseconds)
        if overflow { return nanoseconds < other.nanoseconds ? .min : .max }
        return difference
    }

    /// This time moved by `offset` nanoseconds; saturates instead of overflowing.
    package func advanced(byNanoseconds offset: Int64) -> Timestamp {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(offset)
        return Timestamp(nanoseconds: overflow ? (offset < 0 ? .min : .max) : sum)
    }
}
