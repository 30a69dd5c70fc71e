package import Telemetry

/// Tells in time that a certificate is about to end: from 14 days before on, and again each day.
package struct ExpiryNotice: Sendable {
    private var told: Timestamp?
    private var expires: Timestamp?

    private static let day: Int64 = 86_400_000_000_000

    package init() {}

    /// How long the certificate still holds, when it is time to say so: whole days, negative when it is over.
    ///
    /// A clock that is before the certificate's time knows nothing of its end.
    package mutating func daysLeft(of dates: CertificateDates?, at now: Timestamp) -> Int64? {
        guard let dates, now >= dates.begins else { return nil }
        if expires != dates.expires { (expires, told) = (dates.expires, nil) }
        let left = dates.expires.nanoseconds.subtractingReportingOverflow(now.nanoseconds).partialValue
        guard left <= CertificateDates.warning else { return nil }
        if let told, (0..<Self.day).contains(now.nanoseconds - told.nanoseconds) { return nil }
        told = now
        return left < 0 ? (left + 1) / Self.day - 1 : left / Self.day
    }
}
